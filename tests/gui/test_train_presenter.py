"""The train page's presenter without Qt."""

from types import SimpleNamespace

import pytest

from studio.domain.run import RunState
from studio.gui.pages.train import run_words
from studio.gui.pages.train.new_run import NewRun
from studio.gui.pages.train.new_run_words import RANKS, nearest_rank, rank_sentence
from studio.gui.pages.train.presenter import Presenter
from tests.gui.stand_in import ILSE, MIRA, StandIn, make_run, summary


@pytest.fixture
def studio() -> StandIn:
    return StandIn()


def live(**more: object) -> SimpleNamespace:
    values = {"run_id": "run-1", "step": 355, "total_steps": 480, "epoch": 2.0, "tokens_per_second": 1940.0,
              "eta_seconds": 240.0, "memory_bytes": int(5.6 * 2**30), "loss": 2.4, "phase": "training"}  # fmt: skip
    return SimpleNamespace(**{**values, **more})


def test_values_are_default_then_preset_then_hand(studio: StandIn) -> None:
    form = NewRun(studio)  # type: ignore[arg-type]
    assert (form.values()["rank"], form.values()["epochs"]) == (16, 3.0)
    assert form.set_value("epochs", "5") == ""
    form.choose(persona_id=ILSE.id)
    assert form.values()["epochs"] == 5.0
    form.choose_preset("thorough")
    assert (form.values()["rank"], form.values()["epochs"]) == (32, 3.0)


def test_a_wrong_value_stands_in_the_way_until_it_is_mended(studio: StandIn) -> None:
    form = NewRun(studio)  # type: ignore[arg-type]
    assert "between" in form.set_value("learning_rate", 7)
    found = form.obstacle()
    assert found is not None and "learning_rate" in found.reason
    form.set_value("learning_rate", 1e-4)
    assert form.obstacle() is None


def test_obstacles_come_with_a_way_out(studio: StandIn) -> None:
    studio.models.bases = []
    found = NewRun(studio).obstacle()  # type: ignore[arg-type]
    assert found is not None and (found.page, bool(found.button)) == ("models", True)
    studio.models.bases = StandIn().models.bases
    studio.people = [summary(MIRA, 0, 0)]
    found = NewRun(studio).obstacle()  # type: ignore[arg-type]
    assert found is not None and "Mira Vane has no lines" in found.reason


def test_start_hands_over_everything(studio: StandIn) -> None:
    presenter = Presenter(studio)  # type: ignore[arg-type]
    presenter.new_run.choose(persona_id=ILSE.id, method="lora")
    run = presenter.start()
    started = studio.training.started[0]
    assert (started["persona_id"], started["method"], started["preset"], started["options"]["rank"]) == (
        ILSE.id, "lora", "balanced", 16)  # fmt: skip
    assert presenter.shown() is not None and presenter.shown().id == run.id


def test_the_dial_speaks(studio: StandIn) -> None:
    assert len({rank_sentence(rank) for rank in RANKS}) == 5
    assert RANKS[nearest_rank(17)] == 16


def test_line_of_a_live_run() -> None:
    run = make_run(state=RunState.RUNNING)
    assert run_words.progress_line(run, live()) == "step 355 of 480 · 4 min left · 1,940 tokens/s · 5.6 GB"
    loading = live(phase="loading", step=0, total_steps=0, tokens_per_second=0, memory_bytes=0)
    assert run_words.progress_line(run, loading) == "loading the base"
    assert "measuring held-out lines" in run_words.progress_line(run, live(phase="evaluating"))


def test_outcomes_are_honest() -> None:
    def ended(**more: object) -> str:
        return run_words.outcome(make_run(state=RunState.FINISHED, adapter_id="a", **more), "Ilse")

    assert "+1.75 nats" in ended(heldout_nll_base=4.6, heldout_nll_adapter=2.85)
    assert "no better than the base" in ended(heldout_nll_base=2.0, heldout_nll_adapter=2.1)
    assert "not measured" in ended()
    assert run_words.outcome(make_run(state=RunState.FAILED), "Ilse") == ""


def test_failure_is_the_sentence_with_what_to_do() -> None:
    stored = '{"code": "out_of_memory", "details": {"what": "train", "advice": "Lower the batch size to 4."}}'
    assert "Lower the batch size to 4." in run_words.failure(make_run(state=RunState.FAILED, failure=stored))
    assert run_words.failure(make_run(state=RunState.FAILED, failure="odd words")) == "odd words"
    assert "Nothing up to its last checkpoint" in run_words.failure(make_run(state=RunState.INTERRUPTED))


def test_the_run_under_way_is_looked_at_and_deleting_can_be_undone(studio: StandIn) -> None:
    studio.training.all = [
        make_run(id="old", number=1, state=RunState.FINISHED, created_at="1"),
        make_run(id="now", number=2, state=RunState.RUNNING, created_at="2"),
        make_run(id="next", number=3, state=RunState.QUEUED, created_at="3"),
    ]
    presenter = Presenter(studio)  # type: ignore[arg-type]
    assert presenter.shown() is not None and presenter.shown().id == "now"
    presenter.look_at("old")
    assert presenter.shown() is not None and presenter.shown().id == "old"
    words, undo = presenter.delete("old")
    assert words == "Run deleted." and presenter.shown() is not None and presenter.shown().id == "now"
    undo()
    assert studio.undone == ["trash-old"]


def test_a_group_is_looked_at_through_the_run_that_tells_most(studio: StandIn) -> None:
    studio.training.all = [
        make_run(id="done", number=1, state=RunState.FINISHED, group="g"),
        make_run(id="other", number=2, state=RunState.FINISHED),
        make_run(id="wait", number=3, state=RunState.QUEUED, group="g"),
    ]
    presenter = Presenter(studio)  # type: ignore[arg-type]
    presenter.look_at("g")
    assert presenter.shown() is not None and presenter.shown().id == "done"


def test_a_new_run_is_looked_at_when_it_begins_at_once(studio: StandIn) -> None:
    studio.training.all = [make_run(id="now", state=RunState.RUNNING)]
    presenter = Presenter(studio)  # type: ignore[arg-type]
    presenter.start()
    assert presenter.shown() is not None and presenter.shown().id == "now", "what is watched is not taken away"


def test_what_is_wished_from_anywhere_is_done_to_the_right_run(studio: StandIn) -> None:
    presenter = Presenter(studio)  # type: ignore[arg-type]
    assert presenter.wish("pause") == "Nothing is in training now." and presenter.wish("resume")
    studio.training.all = [
        make_run(id="rest", state=RunState.PAUSED),
        make_run(id="now", state=RunState.RUNNING),
    ]
    assert presenter.wish("pause") == "" and presenter.wish("resume") == ""
    assert studio.training.called == [("pause", "now"), ("resume", "rest")]


def test_the_end_of_the_queue_is_foretold_or_what_holds_it(studio: StandIn) -> None:
    presenter = Presenter(studio)  # type: ignore[arg-type]
    assert presenter.done_words() == ""
    studio.training.all = [make_run(id="now", state=RunState.RUNNING, step=10, total_steps=20, seconds=60.0)]
    assert presenter.done_words().startswith("done to")
    studio.training.held_by = "battery"
    assert "battery" in presenter.done_words()
