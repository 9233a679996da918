"""What the page of one run says and does, without Qt."""

from collections.abc import Sequence
from dataclasses import replace
from datetime import UTC, datetime
from types import SimpleNamespace

import pytest

from studio.domain.dataset import DatasetVersion
from studio.domain.recipe import Recipe
from studio.domain.run import MetricPoint, Run, RunSample, RunState
from studio.domain.run_findings import RunFinding
from studio.gui.pages.train import run_words
from studio.gui.pages.train.run import beside, findings, record, samples, words
from studio.gui.pages.train.run.curves import STEPS_AT_ONCE, RunCurves
from studio.methods.method import METHODS
from studio.options import options_of
from studio.services.presets import adapted
from studio.services.run_facts import RunFact
from studio.services.run_stories import RunStory, StoryNote
from tests.gui.stand_in import make_run

RECIPE = Recipe(
    id="r", method="qlora", preset="balanced", options={"rank": 16, "learning_rate": 2e-4, "epochs": 3.0, "seed": 7}
)


def point(step: int, kind: str = "train", loss: float = 2.0, **more: float) -> MetricPoint:
    return MetricPoint(run_id="run-1", step=step, kind=kind, loss=loss, **more)  # type: ignore[arg-type]


class Points:
    """A service that gives points by step, and counts what it gave."""

    def __init__(self, points: Sequence[MetricPoint]) -> None:
        self.points, self.given = list(points), 0

    def __call__(self, run_id: str, after: int, steps: int) -> list[MetricPoint]:
        found = [one for one in self.points if after < one.step <= after + steps]
        self.given += len(found)
        return found


def read_all(curves: RunCurves, service: Points, last: int) -> int:
    """Read to the end; returns in how many pieces."""
    pieces = 1
    while curves.read(service, last):
        pieces += 1
    return pieces


# -- curves ------------------------------------------------------------------------------------------------------


def test_a_long_past_is_read_in_pieces_and_only_once() -> None:
    service = Points([point(step) for step in range(1, 10_001)])
    curves = RunCurves("run-1")
    assert read_all(curves, service, 10_000) == -(-10_000 // (STEPS_AT_ONCE - 1))
    assert [step for step, _ in curves.losses("train")] == [float(step) for step in range(1, 10_001)]
    service.given = 0
    service.points.append(point(10_001))
    read_all(curves, service, 10_001)
    assert service.given <= 3 and len(curves.losses("train")) == 10_001


def test_what_is_measured_after_its_step_is_not_missed() -> None:
    service = Points([point(0, "heldout", 4.0), point(1), point(2, loss=1.9)])
    curves = RunCurves("run-1")
    read_all(curves, service, 2)
    service.points += [point(2, "heldout", 3.6), point(2, "neutral", 3.0)]
    read_all(curves, service, 2)
    assert (curves.base(), curves.heldout(), curves.losses("neutral")) == (4.0, [(2.0, 3.6)], [(2.0, 3.0)])
    assert curves.losses("train") == [(1.0, 2.0), (2.0, 1.9)] and curves.measured() == 3


def test_a_run_that_went_back_forgets_what_comes_again() -> None:
    service = Points([point(step, loss=2.0) for step in range(1, 101)])
    curves = RunCurves("run-1")
    read_all(curves, service, 100)
    service.points = [point(step, loss=2.0 if step <= 40 else 1.0) for step in range(1, 46)]
    read_all(curves, service, 45)
    assert curves.losses("train")[-1] == (45.0, 1.0) and len(curves.losses("train")) == 45


def test_only_known_figures_have_a_chart() -> None:
    service = Points(
        [point(1, learning_rate=1e-4, gradient_norm=0.5, tokens_per_second=900.0), point(1, "copied", 0.1)]
    )
    curves = RunCurves("run-1")
    read_all(curves, service, 1)
    assert [name for name, _ in curves.known()] == ["learning_rate", "gradient_norm", "tokens_per_second", "copied"]
    assert curves.figure("copied").words(curves.figure("copied").points[0][1]) == "10 %"
    assert curves.at(1.4) == ["Learning rate: 1e-4", "Gradient norm: 0.5", "Tokens/s: 900"]


# -- samples -----------------------------------------------------------------------------------------------------


def sample(step: int, key: str = "a", text: str = "Words.", **more: object) -> RunSample:
    return RunSample(run_id="run-1", step=step, key=key, prompt=f"prompt {key}", text=text, **more)  # type: ignore[arg-type]


def test_the_strip_marks_base_best_and_what_is_recited() -> None:
    said = [sample(0, copied=0.9), sample(80), sample(80, "b"), sample(93, wished=True), sample(160, copied=0.41)]
    cells = samples.strip(said, "a", 80)
    assert [one.title for one in cells] == ["base", "step 80 · best", "step 93 · asked for", "step 160"]
    assert [one.recited for one in cells] == [False, False, False, True]
    assert cells[-1].copied_words == "41 % copied" and "41 % copied" in cells[-1].spoken
    assert [one.words for one in samples.prompts(said)] == ["prompt a", "prompt b"]


# -- findings ----------------------------------------------------------------------------------------------------


def acts(code: str, run: Run | None = None, **details: object) -> list[findings.FindingAct]:
    found = RunFinding(code=code, step=160, details=details, sentence="s", lever="l")
    return list(findings.rows([found], run or make_run(state=RunState.FINISHED, total_steps=480), RECIPE)[0].acts)


@pytest.mark.parametrize(
    ("code", "name", "value"),
    [
        ("loss_not_finite", "learning_rate", 2e-5),
        ("worse_than_base", "learning_rate", 4e-5),
        ("heldout_rising", "learning_rate", 1e-4),
        ("forgetting", "learning_rate", 1e-4),
        ("overfit", "epochs", 1.0),
        ("copying", "rank", 8),
        ("too_few_steps", "epochs", 6.0),
    ],
)
def test_a_finding_leads_to_a_form_with_its_lever_pulled(code: str, name: str, value: float) -> None:
    act = acts(code)[-1]
    assert act.kind == "again" and act.options[name] == pytest.approx(value)
    form = findings.prefill(make_run(), RECIPE, act.options)
    assert form.options["seed"] == 7 and form.options[name] == pytest.approx(value)


def test_a_run_under_way_can_be_stopped_where_it_goes_wrong() -> None:
    under_way = make_run(state=RunState.RUNNING, total_steps=480)
    assert [one.kind for one in acts("overfit", under_way)] == ["stop", "again"]
    assert [one.kind for one in acts("overfit")] == ["again"]


def test_what_still_falls_can_go_on_from_its_adapter() -> None:
    ended = make_run(state=RunState.FINISHED, adapter_id="adapter-1")
    first, second = acts("still_falling", ended)
    assert first.continues and second.options == {"epochs": 6.0, "max_steps": 0}
    assert findings.prefill(ended, RECIPE, {}, ended.adapter_id).continues == "adapter-1"


def test_a_method_without_the_option_offers_nothing_that_it_cannot_do() -> None:
    bare = replace(RECIPE, options={})
    found = RunFinding(code="forgetting", sentence="s", lever="l")
    assert findings.rows([found], make_run(state=RunState.FINISHED), bare)[0].acts == ()


# -- the head ----------------------------------------------------------------------------------------------------


def test_figures_of_a_live_run_end_with_the_temperature() -> None:
    live = SimpleNamespace(step=355, total_steps=480, tokens_per_second=1940.0, eta_seconds=240.0, loss=2.4,
                           memory_bytes=int(5.6 * 2**30), phase="training", temperature=71.0)  # fmt: skip
    said = words.figure_words(make_run(state=RunState.RUNNING), live)  # type: ignore[arg-type]
    assert said == "step 355 of 480 · 4 min left · 1,940 tokens/s · 5.6 GB · 71 °C"


def test_a_queued_run_says_what_it_waits_for() -> None:
    now, queued = datetime(2026, 11, 21, 20, tzinfo=UTC), make_run(state=RunState.QUEUED)
    assert words.waiting(queued, [], now) == "It begins as soon as the engine is ready."
    assert words.waiting(queued, ["Tik · run 1"], now) == "It begins when Tik · run 1 has ended."
    assert words.waiting(queued, ["Tik · run 1", "x"], now) == "2 runs come first; the next is Tik · run 1."
    later = replace(queued, starts_at="2026-12-24T23:00:00+00:00")
    assert "2026-12-2" in words.waiting(later, ["Tik · run 1"], now)
    assert words.waiting(replace(queued, starts_at="2026-11-21T19:00:00+00:00"), [], now).startswith("It begins as")


def test_a_resting_run_says_why_and_whether_it_wakes_by_itself() -> None:
    now = datetime(2026, 11, 21, tzinfo=UTC)
    rests = {why: words.waiting(make_run(state=RunState.PAUSED, resting=why), [], now) for why in
             ("user", "battery", "memory", "disk", "closed")}  # fmt: skip
    assert len(set(rests.values())) == 5 and "Resume" in rests["user"]
    assert all("by itself" in rests[why] for why in ("battery", "memory", "disk"))


def test_the_outcome_names_the_step_that_the_adapter_holds() -> None:
    ended = make_run(state=RunState.FINISHED, adapter_id="a", step=480, heldout_nll_base=3.0, heldout_nll_adapter=2.0)
    assert "holds the last step" in words.outcome(ended, "Ilse", 240)
    assert "holds step 240" in words.outcome(replace(ended, best_step=240), "Ilse", 240)
    assert "step" not in words.outcome(ended, "Ilse", 480)


def test_buttons_follow_the_state() -> None:
    running = run_words.allowed(make_run(state=RunState.RUNNING, step=5))
    assert running.pause and running.stop and running.running and running.talk and not running.again
    assert not run_words.allowed(make_run(state=RunState.RUNNING)).talk
    failed = run_words.allowed(make_run(state=RunState.FAILED, step=5))
    assert failed.again and not (failed.resume or failed.running or failed.outcome)
    assert run_words.allowed(make_run(state=RunState.FINISHED, adapter_id="a")).outcome


# -- the record --------------------------------------------------------------------------------------------------


def story(**more: object) -> RunStory:
    dataset = DatasetVersion(
        id="d", persona_id="p", number=3, content="c", conversations=96, persona_turns=400,
        heldout_conversations=9, heldout_fraction=0.1,
    )  # fmt: skip
    known = dict(
        run=make_run(state=RunState.FINISHED, created_at="2026-11-21T10:00:00+00:00"), persona="Ilse Marrow",
        base="SmolLM2", base_fingerprint="f" * 64, method="QLoRA", preset="balanced",
        recipe=(RunFact(key="rank", label="Rank", value="16"), RunFact(key="seed", label="Seed", value="7")),
        data="version 3: 96 conversations", dataset=dataset,
        conditions=(RunFact(key="device", label="Computed on", value="a card"),
                    RunFact(key="base", label="Base", value="SmolLM2")),
        results=(RunFact(key="heldout", label="Held-out loss", value="2.86"),),
        notes=(StoryNote(at="2026-11-21T10:00:05+00:00", step=40, code="x", sentence="The card became warm.",
                         weight="warning"),),
        files=(), adapter=None, failure="",
    )  # fmt: skip
    return RunStory(**{**known, **more})  # type: ignore[arg-type]


def test_every_value_of_the_record_has_its_reason() -> None:
    known = options_of(METHODS.get("qlora").options)
    preset = adapted("balanced", persona_turns=400, parameters=3_000_000_000)
    parts = {one.title: one.rows for one in record.sections(story(), RECIPE, known, preset)}
    rank, seed = parts["Recipe"]
    assert rank.why == preset.reasons["rank"] and seed.why == known["seed"].help
    changed = replace(RECIPE, options={**RECIPE.options, "rank": 4})
    by_hand = {one.title: one.rows for one in record.sections(story(), changed, known, preset)}["Recipe"][0]
    assert by_hand.why == known["rank"].help
    assert [one.link for one in parts["Learned from"]] == ["", "data", "", "copy"]
    assert [one.label for one in parts["Conditions"]] == ["Computed on"]
    assert "Files" not in parts


def test_the_record_can_be_kept_as_text() -> None:
    parts = record.sections(story(), RECIPE, {}, None)
    text = record.as_text("Ilse · run 7", parts, record.log(story().notes))
    for expected in ("Ilse · run 7", "Rank: 16", "f" * 64, "version 3: 96 conversations", "The card became warm."):
        assert expected in text


# -- two runs ----------------------------------------------------------------------------------------------------


def test_the_sentence_on_two_runs_warns_of_different_data() -> None:
    assert "same recipe" in beside.sentence_on((), 0, True)
    assert "2 choices differ" in beside.sentence_on((), 2, True)
    assert "cannot be compared" in beside.sentence_on((), 1, False)
