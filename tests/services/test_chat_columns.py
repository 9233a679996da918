"""Columns of a chat: who answers, how they are called, and threads that stay whose they are."""

from collections.abc import Callable
from dataclasses import replace

import pytest

from studio.domain.base_model import BaseModel
from studio.domain.chat import BlendPart, Chat, Contestant, Sampler
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.services import sliced, thread_copies
from studio.services.studio import Studio
from tests.services.app_thread import AppThread
from tests.services.conftest import add_persona
from tests.services.voices import add_adapter, asked, swiped

SHORT = Sampler(temperature=0.0, max_tokens=5)
BRIEF, LONG = Contestant(system_prompt="Be brief."), Contestant(system_prompt="Be long.", card="full")


def texts(studio: Studio, chat: Chat, column: int) -> list[str]:
    return [one.text for one in studio.chats.thread(chat.id, column)]


def talk(studio: Studio, app: AppThread, chat: Chat, *words: str) -> Chat:
    for text in words:
        asked(studio, app, chat.id, text, sampler=SHORT, seed=1)
    return studio.chats.get(chat.id)


@pytest.fixture
def chat(studio: Studio, base: BaseModel) -> Chat:
    return studio.chats.create("Trial", [Contestant(), BRIEF, LONG])


def test_removing_a_column_keeps_the_others_threads_and_swipes(studio: Studio, app: AppThread, chat: Chat) -> None:
    chat = talk(studio, app, chat, "One")
    second, third = texts(studio, chat, 1), texts(studio, chat, 2)
    chat = studio.chats.set_columns(chat.id, [BRIEF, LONG])
    assert (texts(studio, chat, 0), texts(studio, chat, 1)) == (second, third)
    assert chat.lanes == (1, 2)
    swiped(studio, app, chat.id, 0, seed=9)
    assert [(one.place, one.count) for one in studio.chats.view(chat.id, 0)] == [(1, 1), (2, 2)]


def test_a_column_that_comes_in_the_middle_begins_for_itself(studio: Studio, app: AppThread, chat: Chat) -> None:
    chat = talk(studio, app, studio.chats.set_columns(chat.id, [Contestant(), BRIEF]), "One")
    chat = talk(studio, app, studio.chats.set_columns(chat.id, [Contestant(), BRIEF, LONG]), "Two")
    assert [len(texts(studio, chat, at)) for at in range(3)] == [4, 4, 2]
    studio.chats.set_columns(chat.id, [Contestant()])
    chat = talk(studio, app, studio.chats.set_columns(chat.id, [Contestant(), LONG]), "Three")
    assert texts(studio, chat, 1)[0] == "Three" and chat.lanes == (0, 3)
    assert [(one.place, one.count) for one in studio.chats.view(chat.id, 1)] == [(1, 1), (1, 1)]


def test_one_adapter_at_several_strengths_keeps_each_thread(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona
) -> None:
    adapter = add_adapter(studio, base, persona.id, "first")
    sweep = studio.chats.sweep(adapter.id, [0.5, 1.0, 1.5])
    assert [one.strength for one in sweep] == [0.5, 1.0, 1.5] and len({one.voice for one in sweep}) == 1
    chat = talk(studio, app, studio.chats.create("", sweep), "One")
    tips = [tip for _, tip in chat.columns]
    chat = studio.chats.set_columns(chat.id, [sweep[2], sweep[0]])
    assert [tip for _, tip in chat.columns] == [tips[2], tips[0]]
    chat = studio.chats.set_columns(chat.id, [replace(sweep[0], strength=0.7), sweep[2]])
    assert [tip for _, tip in chat.columns] == [tips[0], tips[2]]


def test_a_sweep_knows_its_bounds(studio: Studio, base: BaseModel, persona: Persona) -> None:
    adapter = add_adapter(studio, base, persona.id, "first")
    assert len(studio.chats.sweep(adapter.id)) == 6
    with pytest.raises(StudioError, match="strength_invalid"):
        studio.chats.sweep(adapter.id, [9.0])
    with pytest.raises(StudioError, match="too_many_rows"):
        studio.chats.sweep(adapter.id, [number / 10 for number in range(9)])
    with pytest.raises(StudioError, match="not_found"):
        studio.chats.sweep("adapter-gone")


def test_columns_can_be_moved_and_begin_where_another_stands(studio: Studio, app: AppThread, chat: Chat) -> None:
    chat = talk(studio, app, chat, "One")
    (base, tip), (brief, other), (long, _) = chat.columns
    chat = studio.chats.arrange(chat.id, [(brief, other), (base, tip), (long, tip)])
    assert chat.lanes[:2] == (1, 0) and chat.lanes[2] == 3
    assert texts(studio, chat, 2) == texts(studio, chat, 1)
    assert chat.columns[2][1] != tip
    chat = talk(studio, app, chat, "Two")
    for at in range(3):
        assert [(one.place, one.count) for one in studio.chats.view(chat.id, at)] == [(1, 1)] * 4
    swiped(studio, app, chat.id, 2, seed=9)
    assert len(texts(studio, chat, 1)) == 4 and studio.chats.view(chat.id, 2)[-1].count == 2


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every slice is one message."""
    monkeypatch.setattr(thread_copies, "_A_SLICE", 1)
    monkeypatch.setattr(sliced, "SLICE_SECONDS", 0.0)


def onto_the_second(chat: Chat) -> list[tuple[Contestant, str]]:
    return [(one, chat.columns[1][1]) for one, _ in chat.columns]


@pytest.mark.usefixtures("slowly")
def test_threads_are_copied_in_slices_that_can_be_given_up(studio: Studio, app: AppThread, chat: Chat) -> None:
    chat = talk(studio, app, chat, "One", "Two")
    said = studio.chats.messages(chat.id)
    job = studio.chats.arrange_job(chat.id, onto_the_second(chat))
    assert not job.ended and len(studio.chats.messages(chat.id)) == len(said) + 1
    job.cancel()
    app.until(lambda: job.ended)
    assert job.error is not None and job.error.code == "cancelled"
    assert studio.chats.get(chat.id).columns == chat.columns and studio.chats.messages(chat.id) == said
    again = studio.chats.arrange_job(chat.id, onto_the_second(chat))
    app.until(lambda: again.ended)
    assert again.result is not None and len({tuple(texts(studio, again.result, at)) for at in range(3)}) == 1


@pytest.mark.usefixtures("slowly")
def test_a_chat_can_be_deleted_while_its_threads_are_copied(studio: Studio, app: AppThread, chat: Chat) -> None:
    chat = talk(studio, app, chat, "One", "Two")
    job = studio.chats.arrange_job(chat.id, onto_the_second(chat))
    token = studio.chats.delete(chat.id)
    app.until(lambda: job.ended)
    assert job.error is not None and job.error.code == "not_found"
    studio.personas.undo(token)
    assert studio.chats.get(chat.id).columns == chat.columns


def test_short_threads_are_there_at_once(
    studio: Studio, app: AppThread, chat: Chat, monkeypatch: pytest.MonkeyPatch
) -> None:
    chat = talk(studio, app, chat, "One")
    monkeypatch.setattr(sliced, "SLICE_SECONDS", 60.0)
    job = studio.chats.arrange_job(chat.id, onto_the_second(chat))
    assert job.ended and job.result == studio.chats.get(chat.id) != chat
    wrong = studio.chats.arrange_job(chat.id, [(Contestant(), "say-elsewhere")])
    assert wrong.error is not None and wrong.error.code == "not_found"


def test_columns_that_are_empty_keep_their_lanes_when_they_move(studio: Studio, chat: Chat) -> None:
    moved = studio.chats.arrange(chat.id, [(LONG, ""), (Contestant(), ""), (BRIEF, "")])
    assert moved.lanes == (2, 0, 1)
    with pytest.raises(StudioError, match="not_found"):
        studio.chats.arrange(chat.id, [(LONG, "say-elsewhere")])


def test_all_columns_go_on_from_one_and_what_they_had_stays(studio: Studio, app: AppThread, chat: Chat) -> None:
    chat = talk(studio, app, chat, "One", "Two")
    own = texts(studio, chat, 2)
    chat = studio.chats.edit(chat.id, 1, studio.chats.thread(chat.id, 1)[3].id, "By hand.")
    chat = studio.chats.continue_with(chat.id, 1)
    assert texts(studio, chat, 0) == texts(studio, chat, 1) == texts(studio, chat, 2)
    assert texts(studio, chat, 0)[-1] == "By hand."
    chat = talk(studio, app, chat, "Three")
    assert [len(texts(studio, chat, at)) for at in range(3)] == [6, 6, 6]
    first = studio.chats.view(chat.id, 2)[0]
    assert (first.place, first.count) == (2, 2)
    before = studio.chats.siblings(first.message.id)[0]
    studio.chats.choose(chat.id, 2, before.id)
    assert texts(studio, chat, 2) == own


def test_only_the_named_columns_go_on_from_one(studio: Studio, app: AppThread, chat: Chat) -> None:
    chat = talk(studio, app, chat, "One")
    own = texts(studio, chat, 0)
    chat = studio.chats.edit(chat.id, 1, studio.chats.thread(chat.id, 1)[1].id, "By hand.")
    chat = studio.chats.continue_with(chat.id, 1, [2])
    assert texts(studio, chat, 0) == own and texts(studio, chat, 2)[-1] == "By hand."


def test_a_reply_finds_its_column_although_others_went(studio: Studio, app: AppThread, chat: Chat) -> None:
    job = studio.chats.ask(chat.id, "One", sampler=Sampler(max_tokens=300), seed=1)
    studio.chats.set_columns(chat.id, [LONG])
    app.until(lambda: job.ended)
    assert len(texts(studio, chat, 0)) == 2


def test_labels(studio: Studio, base: BaseModel, persona: Persona) -> None:
    tik = add_persona(studio, "Tik", 2)
    first, second = add_adapter(studio, base, persona.id, "first"), add_adapter(studio, base, tik.id, "second")

    def called(contestant: Contestant) -> tuple[str, str]:
        label = studio.chats.label(contestant)
        return label.title, label.subtitle

    assert called(Contestant()) == ("Base alone", base.name)
    assert called(Contestant(persona_id=tik.id, card="full")) == ("Base with Tik's whole card", base.name)
    assert called(Contestant(persona_id=tik.id)) == ("Base as Tik", base.name)
    assert called(Contestant(adapter_id=first.id)) == ("Oswin", "first")
    assert called(Contestant(adapter_id=first.id, card="full")) == ("Oswin", "first · whole card")
    assert called(Contestant(adapter_id=first.id, persona_id=tik.id)) == ("Oswin", "first · as Tik")
    blend = Contestant(adapter_id=first.id, strength=0.7, blend=(BlendPart(adapter_id=second.id, weight=0.5),))
    assert called(blend) == ("Oswin 0.7 + Tik 0.5", "Blend of 2 adapters")
    assert studio.chats.label(blend).colour == persona.colour
    louder = replace(blend, blend=(BlendPart(adapter_id=second.id, weight=0.9),))
    assert studio.chats.label(louder).colour == studio.personas.get(tik.id).colour
    assert called(Contestant(adapter_id="gone")) == ("Deleted adapter", "gone")
    gone = Contestant(adapter_id=first.id, blend=(BlendPart(adapter_id="gone"),))
    assert called(gone)[0] == "Oswin 1 + Deleted adapter 1"


def test_a_blend_is_several_gates_of_one_base(studio: Studio, base: BaseModel, persona: Persona) -> None:
    first, second = (add_adapter(studio, base, persona.id, name) for name in ("first", "second"))
    parts = (BlendPart(adapter_id=second.id, weight=0.5), BlendPart(adapter_id=second.id, weight=0.25))
    gates = studio.chats.desk.contestants.gates(Contestant(adapter_id=first.id, strength=0.7, blend=parts))
    assert [(gate.adapter_id, gate.strength, gate.content) for gate in gates] == [
        (first.id, 0.7, first.content), (second.id, 0.75, second.content),
    ]  # fmt: skip


def test_a_blend_over_two_bases_is_refused(
    studio: Studio, base: BaseModel, persona: Persona, stray: Callable[[], str]
) -> None:
    first = add_adapter(studio, base, persona.id, "first")
    chat = studio.chats.create("", [Contestant(adapter_id=first.id, blend=(BlendPart(adapter_id=stray()),))])
    with pytest.raises(StudioError, match="adapter_wrong_base"):
        studio.chats.ask(chat.id, "Hello")


@pytest.fixture
def stray(studio: Studio, base: BaseModel, persona: Persona) -> Callable[[], str]:
    return lambda: add_adapter(studio, replace(base, fingerprint="0" * 64), persona.id, "stray").id


def test_what_a_card_says_of_sampling_is_the_default(studio: Studio, base: BaseModel, persona: Persona) -> None:
    adapter = add_adapter(studio, base, persona.id, "first")
    assert studio.chats.card_sampler(Contestant(adapter_id=adapter.id)) is None
    folder = studio.library / adapter.path
    (folder / "generation_config.json").write_text('{"temperature": 0.6, "top_k": 40.0, "top_p": 7}', encoding="utf-8")
    assert studio.chats.card_sampler(Contestant(adapter_id=adapter.id)) == Sampler(temperature=0.6, top_k=40)
    card = {"data": {"extensions": {"generation": {"temp": "1.1", "rep_pen": 1.2, "max_length": "x", "min_p": True}}}}
    studio.personas.update(persona.id, card=card)
    wanted = Sampler(temperature=1.1, top_k=40, repetition_penalty=1.2)
    assert studio.chats.card_sampler(Contestant(adapter_id=adapter.id)) == wanted
    chat = studio.chats.create("", [Contestant(), Contestant(adapter_id=adapter.id)])
    assert [one.sampler for one, _ in chat.columns] == [None, wanted]
    assert studio.chats.set_contestant(chat.id, 0, Contestant(adapter_id=adapter.id)).columns[0][0].sampler == wanted
    reset = studio.chats.set_contestant(chat.id, 1, replace(chat.columns[1][0], sampler=None))
    assert reset.columns[1][0].sampler is None


def test_presets_are_ours_and_the_user_s(studio: Studio) -> None:
    assert [name for name, _ in studio.chats.samplers()] == ["Balanced", "Precise", "Lively", "Greedy"]
    studio.chats.keep_sampler("  my  own ", Sampler(top_k=7, stop=("END",)))
    studio.chats.keep_sampler("my own", Sampler(top_k=8))
    assert dict(studio.chats.samplers())["my own"] == Sampler(top_k=8) and studio.chats.own_samplers() == ["my own"]
    for name, code in (("Greedy", "preset_name_taken"), ("  ", "preset_name_empty")):
        with pytest.raises(StudioError, match=code):
            studio.chats.keep_sampler(name, Sampler())
    studio.chats.forget_sampler("my own")
    assert studio.chats.own_samplers() == []
    with pytest.raises(StudioError, match="not_found"):
        studio.chats.forget_sampler("my own")
