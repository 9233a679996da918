"""Examples from a card: written by the base, decided one by one, marked for good, every decision taken back."""

import pytest

from studio.domain.base_model import BaseModel
from studio.domain.conversation import GENERATED, Role
from studio.domain.drafts import DraftState
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.services.drafts import TOGETHER
from studio.services.question_bank import KINDS, bank, drawn, left
from studio.services.studio import Studio
from tests.services.app_thread import AppThread

CARD = "Wren mends clocks in a cellar under the fish market. She is deaf in one ear. She never hurries for anybody."


@pytest.fixture
def wren(studio: Studio) -> Persona:
    persona = studio.personas.create("Wren")
    return studio.personas.update(persona.id, description=CARD)


def written(studio: Studio, app: AppThread, persona: Persona, **wanted: int) -> int:
    job = studio.drafts.write(persona.id, wanted, seed=3)
    app.until(lambda: job.ended)
    assert job.error is None, job.error
    return job.result or 0


def test_the_bank_has_more_than_two_hundred_questions_and_none_twice() -> None:
    questions = [question for kind in bank().values() for question in kind]
    assert len(questions) >= 200 and len(set(questions)) == len(questions)


def test_drawing_is_the_same_for_a_seed_and_never_repeats(wren: Persona) -> None:
    once, again = (drawn(wren, {"everyday": 5, "statement": 2}, set(), seed=9) for _ in range(2))
    assert once == again and len(once) == 7
    used = {(one.question, one.fact) for one in once}
    more = drawn(wren, {"everyday": 200, "statement": 200}, used, seed=9)
    assert not used & {(one.question, one.fact) for one in more}
    assert left(wren, used)["statement"] == 1


def test_writing_keeps_a_draft_for_each_question_and_gives_the_persona_its_short_prompt(
    studio: Studio, app: AppThread, wren: Persona, base: BaseModel
) -> None:
    assert written(studio, app, wren, everyday=5, statement=1) == 6
    drafts = studio.drafts.list(wren.id)
    assert len(drafts) == 6 and all(one.reply and one.original == one.reply for one in drafts)
    assert {one.kind for one in drafts} == {"everyday", "statement"} <= set(KINDS)
    assert studio.personas.get(wren.id).system_prompt.startswith("You are Wren. Wren mends clocks")
    counts = studio.drafts.counts(wren.id)
    assert (counts.new, counts.left["everyday"], counts.left["statement"]) == (6, len(bank()["everyday"]) - 5, 2)


def test_what_is_accepted_is_data_marked_as_generated_for_good(
    studio: Studio, app: AppThread, wren: Persona, base: BaseModel
) -> None:
    written(studio, app, wren, everyday=3)
    first, second, third = studio.drafts.list(wren.id)
    studio.drafts.accept(first.id)
    edited = studio.drafts.accept(second.id, "Mind the gears.")
    studio.drafts.reject(third.id)
    assert edited.state is DraftState.EDITED and not studio.drafts.list(wren.id)
    stored = studio.data.conversations(wren.id)
    assert [one.conversation.turns[0].text for one in stored] == [first.prompt, second.prompt]
    answer = stored[1].conversation.turns[1]
    assert (answer.text, answer.marks, answer.alternatives) == ("Mind the gears.", (GENERATED,), (second.original,))
    changed = studio.data.edit_turn(stored[0].id, 1, text="Closed.")
    assert GENERATED in changed.conversation.turns[1].marks
    assert changed.conversation.turns[0].role is Role.USER


def test_every_decision_can_be_taken_back(studio: Studio, app: AppThread, wren: Persona, base: BaseModel) -> None:
    written(studio, app, wren, emotional=2)
    first, second = studio.drafts.list(wren.id)
    studio.drafts.accept(first.id, "Other words.")
    studio.drafts.reject(second.id)
    assert [studio.drafts.take_back() is not None for _ in range(3)] == [True, True, False]
    assert {one.id for one in studio.drafts.list(wren.id)} == {first.id, second.id}
    assert studio.data.count(wren.id) == 0


def test_another_reply_remembers_the_one_before(studio: Studio, app: AppThread, wren: Persona, base: BaseModel) -> None:
    written(studio, app, wren, everyday=1)
    (draft,) = studio.drafts.list(wren.id)
    job = studio.drafts.another(draft.id)
    app.until(lambda: job.ended)
    (renewed,) = studio.drafts.list(wren.id)
    assert renewed.id == draft.id and renewed.details["passed_over"] == [draft.original]
    assert renewed.original == renewed.reply


def test_stopping_keeps_what_was_written(
    studio: Studio, app: AppThread, wren: Persona, base: BaseModel, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_ENGINE_SPEED", "4")
    studio.engine.restart()
    job = studio.drafts.write(wren.id, {"everyday": 40}, seed=1)
    app.until(lambda: len(studio.drafts.list(wren.id)) >= 4)
    job.cancel()
    app.until(lambda: job.ended)
    assert 4 <= len(studio.drafts.list(wren.id)) < 40


def test_stopping_between_two_batches_is_not_lost(
    studio: Studio, app: AppThread, wren: Persona, base: BaseModel
) -> None:
    job = studio.drafts.write(wren.id, {"everyday": 40}, seed=1)
    job.on_progress(lambda told: job.cancel() if told.done else None)
    app.until(lambda: job.ended)
    assert job.error is not None and job.error.code == "cancelled"
    assert len(studio.drafts.list(wren.id)) == TOGETHER


def test_troubles_have_their_sentence(studio: Studio, app: AppThread, wren: Persona, base: BaseModel) -> None:
    with pytest.raises(StudioError) as empty:
        studio.drafts.write(studio.personas.create("Nobody").id, {"everyday": 1})
    assert empty.value.code == "card_empty"
    with pytest.raises(StudioError) as nothing:
        studio.drafts.write(wren.id, {"everyday": 0})
    assert nothing.value.code == "drafts_used_up"
    with pytest.raises(StudioError) as gone:
        studio.drafts.accept("draft-none")
    assert gone.value.code == "not_found"


def test_accepting_all_is_one_act(studio: Studio, app: AppThread, wren: Persona, base: BaseModel) -> None:
    written(studio, app, wren, everyday=4)
    assert studio.drafts.accept_all([one.id for one in studio.drafts.list(wren.id)]) == 4
    assert studio.data.count(wren.id) == 4
    studio.data.undo_last(wren.id)
    assert studio.data.count(wren.id) == 0
