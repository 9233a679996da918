"""From swipes to a preference run: which pairs the engine gets, and what is said where there are none."""

import json
from dataclasses import replace
from pathlib import Path

import pytest

from studio.domain.base_model import BaseModel
from studio.domain.conversation import Conversation, Role, Turn
from studio.domain.dataset import is_held_out
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.domain.run import Run, RunState
from studio.protocol.dataset_file import ConversationLine, read_dataset
from studio.services.studio import Studio
from studio.texts import sentence
from tests.services.app_thread import AppThread
from tests.services.conftest import conversation


def _trained(studio: Studio, app: AppThread, persona: Persona, **options: object) -> Run:
    run = studio.training.start(persona.id, method="dpo", preset="taste", options=options)
    job = studio.training.wait_job(run.id)
    app.until(lambda: job.ended)
    assert job.result is not None
    return job.result


def _lines(studio: Studio, run: Run) -> list[ConversationLine]:
    return list(read_dataset(studio.library / "runs" / run.id / "data.jsonl"))


def _pairs(lines: list[ConversationLine]) -> set[tuple[int, str, str]]:
    """(turns before, kept, passed over)."""
    return {
        (index, turn.text, other)
        for line in lines
        for index, turn in enumerate(line.turns)
        for other in turn.passed_over
    }


def test_from_swipes_to_an_adapter(studio: Studio, app: AppThread, base: BaseModel, persona: Persona) -> None:
    run = _trained(studio, app, persona)
    assert run.state is RunState.FINISHED, run
    assert studio.adapters.get(run.adapter_id).method == "dpo"
    kinds = {point.kind for point in studio.training.points(run.id)}
    assert kinds >= {"heldout", "preference_loss", "preference_accuracy", "preference_margin"}
    recipe = studio.training.recipe(run.id)
    assert recipe.options["beta"] == 0.1
    presets = studio.training.preset_options("taste", persona.id, base)
    assert recipe.options["learning_rate"] == pytest.approx(float(str(presets["learning_rate"])) / 10)
    found = _pairs(_lines(studio, run))
    assert (2, "Oswin, says Oswin, answer 7.", "Nay.") in found
    assert len(found) == 40 and {before for before, _, _ in found} == {2}, "the last reply is no choice"


def test_the_base_is_loaded_as_the_options_say(studio: Studio, base: BaseModel, persona: Persona) -> None:
    assert studio.training.start(persona.id, method="dpo").quantization == "nf4"
    sixteen = studio.training.start(persona.id, method="dpo", options={"base_precision": "16-bit"})
    assert sixteen.quantization == "none"


def test_other_methods_get_no_swipes(studio: Studio, app: AppThread, base: BaseModel, persona: Persona) -> None:
    run = studio.training.start(persona.id, preset="taste")
    job = studio.training.wait_job(run.id)
    app.until(lambda: job.ended)
    assert not _pairs(_lines(studio, run))


SWIPES = Conversation(
    turns=(
        Turn(role=Role.PERSONA, text="Mind the step.", alternatives=("Oh. You.",)),
        Turn(role=Role.USER, text="Which, {{char}}?"),
        Turn(
            role=Role.PERSONA, text="That one, {{user}}.",
            alternatives=("Every one, {{user}}.", " ", "That one, {{user}}. ", "None.", "None. "),
        ),
        Turn(role=Role.USER, text="Ow."),
        Turn(role=Role.PERSONA, text="Told you.", train=False, alternatives=("Hm.",)),
        Turn(role=Role.USER, text="And now?"),
        Turn(role=Role.PERSONA, text="Now you know.", alternatives=("Now?",)),
    )
)  # fmt: skip


def test_the_pairs_are_those_of_the_export(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona, tmp_path: Path
) -> None:
    studio.data.add_conversations(persona.id, [SWIPES], "Swipes")
    run = _trained(studio, app, persona, heldout_fraction=0.2)
    found = _pairs(_lines(studio, run))
    assert {pair for pair in found if "one" in pair[1] or "Told" in pair[1] or "Now" in pair[1]} == {
        (3, "That one, User.", "Every one, User."),
        (3, "That one, User.", "None."),
    }
    out = tmp_path / "pairs.jsonl"
    job = studio.data.export_version(run.dataset_id, "preference", out, filled=True)
    app.until(lambda: job.ended)
    assert job.result is not None, job.error
    exported = [json.loads(line) for line in out.read_text(encoding="utf-8").splitlines()]
    assert found == {
        (len(one["prompt"]), one["chosen"][0]["content"], one["rejected"][0]["content"]) for one in exported
    }
    assert len(exported) == len(found)


def test_without_swipes_there_is_a_clear_sentence(studio: Studio, app: AppThread, base: BaseModel) -> None:
    persona = studio.personas.create("Mira")
    plain = [
        replace(one, turns=tuple(replace(turn, alternatives=()) for turn in one.turns))
        for one in map(conversation, range(20))
    ]
    said = (Turn(role=Role.USER, text="Hm?"), Turn(role=Role.PERSONA, text="A", alternatives=("B",)))
    last = Conversation(turns=said)
    studio.data.add_conversations(persona.id, [*plain, last], "Plain")
    with pytest.raises(StudioError) as caught:
        studio.training.start(persona.id, method="dpo")
    assert caught.value.code == "no_preferences"
    assert "swiped to another reply and then went on" in sentence(caught.value)
    assert studio.training.runs() == []
    assert studio.training.start(persona.id).state is not RunState.FAILED, "other methods learn from it"


def test_swipes_that_are_all_held_out(studio: Studio, base: BaseModel) -> None:
    persona = studio.personas.create("Mira")
    talks = [conversation(number) for number in range(40)]
    held = [one for one in talks if is_held_out(one, 0.5)]
    plain = [replace(one, turns=one.turns[:1] + one.turns[3:]) for one in talks]
    assert 0 < len(held) < 40
    studio.data.add_conversations(persona.id, [*plain, *held], "Held")
    with pytest.raises(StudioError) as caught:
        studio.training.start(persona.id, method="dpo", options={"heldout_fraction": 0.5})
    assert (caught.value.code, caught.value.details) == ("no_preferences_to_train", {"count": len(held)})
