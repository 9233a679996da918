"""Masks through the services: the words of a run, the right base, numbers of turns as the user sees them."""

import threading
from pathlib import Path

import pytest

from studio.domain.base_model import BaseModel
from studio.domain.conversation import Conversation, Role, Turn
from studio.domain.mask import PROMPT_TURN, MaskView
from studio.domain.persona import Persona
from studio.importers import ImportItem, ImportPlan, PersonaDraft
from studio.protocol import commands, events
from studio.services.engine_calls import OnEvent, OnFailed
from studio.services.job import Job
from studio.services.studio import Studio
from studio.texts import SENTENCES
from tests.fake_engine_work import write_safetensors
from tests.services.app_thread import AppThread
from tests.services.conftest import FAKE_ENGINE


def ended(app: AppThread, job: Job[MaskView]) -> MaskView:
    app.until(lambda: job.ended)
    assert job.result is not None, job.error
    return job.result


def first_of(studio: Studio, persona: Persona) -> str:
    return studio.data.conversations(persona.id)[0].id


def words(view: MaskView, turn: int) -> str:
    return "".join(one.text for one in view.tokens if one.turn == turn and one.kind in ("context", "trained"))


def with_talk(studio: Studio, name: str, *turns: Turn, prompt: str = "") -> tuple[Persona, str]:
    card = PersonaDraft(name=name, system_prompt=prompt)
    item = ImportItem(path=Path("a.txt"), format="plain_script", format_label="Script", persona_name=name, card=card,
                      conversations=(Conversation(turns=turns, title="The storm"),))  # fmt: skip
    report = studio.imports.commit(ImportPlan(items=(item,)))
    persona = studio.personas.get(report.personas[0].persona_id)
    return persona, first_of(studio, persona)


@pytest.fixture
def heard_by(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> list[commands.AnyCommand]:
    """What the engine is asked."""
    asked: list[commands.AnyCommand] = []
    real = studio.engine.ask

    def ask(command: commands.AnyCommand, on_event: OnEvent, on_failed: OnFailed) -> None:
        asked.append(command)
        real(command, on_event, on_failed)

    monkeypatch.setattr(studio.engine, "ask", ask)
    return asked


def test_a_mask_has_the_words_of_a_run(studio: Studio, app: AppThread, base: BaseModel, persona: Persona) -> None:
    studio.settings.set("user_name", "Wren")
    view = ended(app, studio.masks.show(first_of(studio, persona)))
    assert view.base_name == base.name and view.max_length == 1024 and not view.refused
    assert words(view, PROMPT_TURN) == "You are Oswin."
    assert words(view, 0) == "Question 0 from Wren?"
    assert words(view, 1) == "Oswin, says Oswin, answer 0.<|im_end|>"
    assert words(view, 3) == "Then comes number 1, Wren.<|im_end|>"
    assert view.trained == view.counts["trained"] > 10
    assert view.speakers[0] == "Wren" and view.speakers[1] == "Oswin" and view.speakers[PROMPT_TURN]
    assert not studio.engine.status().base, "nothing was loaded for it"


def test_without_any_base_it_is_said(studio: Studio, persona: Persona) -> None:
    for job in (studio.masks.show(first_of(studio, persona)), studio.masks.lengths(persona.id)):
        assert job.error is not None and job.error.code == "base_needed"
    job = studio.masks.show("conv-none")
    assert job.error is not None and job.error.code == "not_found"
    assert studio.masks.lengths("none").error is not None


def test_which_base_is_asked(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona, tmp_path: Path,
    heard_by: list[commands.AnyCommand],
) -> None:  # fmt: skip
    folder = tmp_path / "newer"
    folder.mkdir()
    (folder / "config.json").write_text('{"hidden_size": 64, "num_attention_heads": 4}', encoding="utf-8")
    write_safetensors(folder / "model.safetensors", {"w": (2, 2)})
    adding = studio.models.add(folder)
    app.until(lambda: adding.ended)
    newer = adding.result
    assert newer is not None
    talk = first_of(studio, persona)

    def asked(base_id: str = "") -> str:
        ended(app, studio.masks.show(talk, base_id))
        command = heard_by[-1]
        assert isinstance(command, commands.ShowTokens)
        return command.path

    assert asked() == newer.path, "the default one"
    assert asked(base.id) == base.path, "the one that is named"
    run = studio.training.start(persona.id, base_id=base.id, options={"max_steps": 2, "max_length": 300})
    job = studio.training.wait_job(run.id)
    app.until(lambda: job.ended)
    studio.engine.restart()
    assert asked() == base.path, "the one of the newest run"
    assert ended(app, studio.masks.show(talk)).max_length == 300
    loading = studio.engine.ensure_base(newer.id, "none")
    app.until(lambda: loading.ended)
    assert asked() == newer.path, "the one in memory"


def test_windows_and_what_is_cut(studio: Studio, app: AppThread, base: BaseModel) -> None:
    turns = [Turn(role=(Role.USER, Role.PERSONA)[n % 2], text=f"Line {n} of the storm. " * (1 + 20 * (n == 8)))
             for n in range(9)]  # fmt: skip
    _, talk = with_talk(studio, "Orin", *turns)
    view = ended(app, studio.masks.show(talk, max_length=60))
    assert view.windows > 1 and view.counts["cut"] > 0
    assert {one.turn for one in view.tokens if one.kind == "cut" and one.turn >= 0} == {8}
    whole = ended(app, studio.masks.show(talk, max_length=4000))
    assert (whole.windows, whole.counts["cut"]) == (1, 0)


@pytest.mark.parametrize("prompt", ["", "You are {{char}}."])
def test_problems_are_sentences_with_the_users_numbers(
    studio: Studio, app: AppThread, base: BaseModel, monkeypatch: pytest.MonkeyPatch, prompt: str
) -> None:
    _, talk = with_talk(studio, "Orin", Turn(role=Role.USER, text="Hm."), Turn(role=Role.PERSONA, text="Aye."),
                        prompt=prompt)  # fmt: skip
    shift = bool(prompt)
    problems = [
        events.MaskProblem(code="template_rewrites", details={"reason": "reply 1 of conversation x"}, refused=True),
        events.MaskProblem(code="mask_turn_hidden", details={}, turn=0),
        events.MaskProblem(code="mask_reply_added", details={"added": "<think>"}, turn=1 + shift),
    ]

    def ask(command: commands.ShowTokens, on_event: OnEvent, on_failed: OnFailed) -> None:
        on_event(events.TokensShown(job=command.job, tokens=[], windows=0, problems=problems))

    monkeypatch.setattr(studio.engine, "ask", ask)
    view = ended(app, studio.masks.show(talk))
    assert view.refused and len(view.problems) == 3
    assert "reply 1 of conversation x" in view.problems[0]
    assert view.problems[1] == (
        SENTENCES["mask_prompt_hidden"] if prompt else SENTENCES["mask_turn_hidden"].format(turn=1)
    )
    assert "turn 2" in view.problems[2] and "<think>" in view.problems[2]


def test_conversations_over_the_window(studio: Studio, app: AppThread, base: BaseModel, tmp_path: Path) -> None:
    short = (Turn(role=Role.USER, text="Hm."), Turn(role=Role.PERSONA, text="Aye."))
    long = (Turn(role=Role.USER, text="Go on."), Turn(role=Role.PERSONA, text="Well, then. " * 40, train=False))
    persona, _ = with_talk(studio, "Orin", *short, prompt="You are {{char}}.")
    item = ImportItem(path=Path("b.txt"), format="plain_script", format_label="Script", persona_name="Orin",
                      conversations=(Conversation(turns=long),))  # fmt: skip
    studio.imports.commit(ImportPlan(items=(item,)))
    (_, second) = studio.data.conversations(persona.id)
    lengths = studio.masks.lengths(persona.id, max_length=100)
    app.until(lambda: lengths.ended)
    assert lengths.result is not None, lengths.error
    assert list(lengths.result) == [second.id] and lengths.result[second.id] > 100
    rows = studio.masks.long_rows(persona.id, max_length=100)
    app.until(lambda: rows.ended)
    assert rows.result is not None
    assert [(one.conversation_id, one.turn, one.trained) for one in rows.result.replies] == [(second.id, 1, False)]
    app.until(lambda: not list((tmp_path / "library" / "runs").iterdir()))  # the data that was counted is gone


def test_counting_can_be_given_up(studio: Studio, app: AppThread, base: BaseModel, persona: Persona) -> None:
    job = studio.masks.lengths(persona.id)
    job.cancel()
    app.until(lambda: job.ended)
    assert job.error is not None and job.error.code == "cancelled"


def test_counting_can_be_given_up_between_its_two_halves(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona
) -> None:
    job = studio.masks.lengths(persona.id)
    for thread in threading.enumerate():
        if thread.name == "background":
            thread.join()  # every row is written, and the app's thread has not heard of it yet
    job.cancel()
    app.until(lambda: job.ended)
    assert job.error is not None and job.error.code == "cancelled"


def test_a_dead_engine_ends_the_wait(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_ENGINE_DIE_AFTER", "show_tokens")
    monkeypatch.setenv("FAKE_ENGINE_DIE_UNITS", "0")
    studio.engine.restart()
    job = studio.masks.show(first_of(studio, persona))
    app.until(lambda: job.ended)
    assert job.error is not None and job.error.code == "engine_died"


def test_a_library_for_reading_only_is_enough(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona
) -> None:
    beside = Studio.open(studio.library, deliver=app.deliver, engine_command=FAKE_ENGINE, read_only=True)
    try:
        assert ended(app, beside.masks.show(first_of(studio, persona))).trained
        lengths = beside.masks.lengths(persona.id, max_length=40)
        app.until(lambda: lengths.ended)
        assert lengths.result is not None and len(lengths.result) == 40
    finally:
        beside.close()
