"""Chats: asking, answering anew, going on, and the tree with its way back, with the fake engine."""

import pytest

from studio.domain.base_model import BaseModel
from studio.domain.chat import Chat, ChatMessage, ChatSettings, Contestant, Sampler
from studio.domain.conversation import Role
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.services.replies import ReplyJob
from studio.services.studio import Studio
from tests.services.app_thread import AppThread
from tests.services.voices import add_adapter

SHORT = Sampler(temperature=0.0, max_tokens=6)


@pytest.fixture
def chat(studio: Studio, base: BaseModel) -> Chat:
    return studio.chats.create("Trial", [Contestant(), Contestant(system_prompt="Be brief.")])


def ended(app: AppThread, job: ReplyJob) -> ReplyJob:
    app.until(lambda: job.ended)
    assert job.error is None, job.error
    return job


def ask(studio: Studio, app: AppThread, chat: Chat, text: str = "Who goes there?", seed: int = 3) -> Chat:
    ended(app, studio.chats.ask(chat.id, text, sampler=SHORT, seed=seed))
    return studio.chats.get(chat.id)


def said(studio: Studio, chat: Chat, column: int = 0) -> list[ChatMessage]:
    return studio.chats.thread(chat.id, column)


def texts(studio: Studio, chat: Chat, column: int = 0) -> list[str]:
    return [message.text for message in said(studio, chat, column)]


def places(studio: Studio, chat: Chat, column: int = 0) -> list[tuple[int, int]]:
    return [(one.place, one.count) for one in studio.chats.view(chat.id, column)]


def test_a_question_is_answered_in_every_column(studio: Studio, app: AppThread, chat: Chat) -> None:
    chat = ask(studio, app, chat)
    for column in (0, 1):
        talk = said(studio, chat, column)
        assert [one.role for one in talk] == [Role.USER, Role.PERSONA]
        made_by = talk[1].made_by
        assert (made_by["column"], made_by["seed"], made_by["reason"]) == (column, 3, "length")
        assert made_by["sampler"]["max_tokens"] == 6 and made_by["prompt_tokens"] > 0  # type: ignore[index, operator]
        assert made_by["first_token_seconds"] >= 0  # type: ignore[operator]


def test_what_must_happen_before_a_reply_is_told_at_once(studio: Studio, app: AppThread, chat: Chat) -> None:
    job = studio.chats.ask(chat.id, "Hello", sampler=SHORT)
    assert job.progress.what == "loading"  # before the engine, which sleeps still, has told anything
    ended(app, job)
    again = studio.chats.ask(chat.id, "And now?", sampler=SHORT)
    assert again.progress.what == "replying"
    ended(app, again)


def test_a_column_s_own_sampler_and_seed_go_first(studio: Studio, app: AppThread, base: BaseModel) -> None:
    own = Sampler(max_tokens=3)
    chat = studio.chats.create("", [Contestant(sampler=own, seed=11), Contestant()])
    chat = ask(studio, app, chat, seed=5)
    first, second = said(studio, chat, 0)[1].made_by, said(studio, chat, 1)[1].made_by
    assert (first["seed"], first["tokens"]) == (11, 3)
    assert (second["seed"], second["tokens"]) == (5, 6)


def test_the_chat_s_sampler_and_seed_are_taken_where_none_are_named(studio: Studio, app: AppThread, chat: Chat) -> None:
    studio.chats.set_sampler(chat.id, Sampler(max_tokens=4))
    studio.chats.set_settings(chat.id, ChatSettings(seed=40, same_seed=False))
    ended(app, studio.chats.ask(chat.id, "Hello"))
    made = [said(studio, chat, column)[1].made_by for column in (0, 1)]
    assert [one["seed"] for one in made] == [40, 41] and {one["tokens"] for one in made} == {4}
    ended(app, studio.chats.regenerate(chat.id, 0))
    assert said(studio, chat, 0)[1].made_by["seed"] == 41


def test_any_reply_of_the_thread_is_answered_anew(studio: Studio, app: AppThread, chat: Chat) -> None:
    chat = ask(studio, app, ask(studio, app, chat), "And then?")
    before = said(studio, chat)
    assert places(studio, chat) == [(1, 1)] * 4
    ended(app, studio.chats.regenerate(chat.id, 0, message_id=before[1].id, sampler=SHORT, seed=99))
    now = said(studio, chat)
    assert len(now) == 2 and now[0].id == before[0].id and now[1].id != before[1].id
    assert places(studio, chat) == [(1, 1), (2, 2)]
    studio.chats.choose(chat.id, 0, before[1].id)
    assert [one.id for one in said(studio, chat)] == [one.id for one in before]
    assert len(said(studio, chat, 1)) == 4


def test_a_question_in_the_middle_is_answered_anew_too(studio: Studio, app: AppThread, chat: Chat) -> None:
    chat = ask(studio, app, ask(studio, app, chat), "And then?")
    question = said(studio, chat)[0]
    ended(app, studio.chats.regenerate(chat.id, 0, message_id=question.id, sampler=SHORT, seed=8))
    assert [one.id for one in said(studio, chat)][0] == question.id and places(studio, chat) == [(1, 1), (2, 2)]


def test_going_on_makes_a_longer_reply_beside_the_first(studio: Studio, app: AppThread, chat: Chat) -> None:
    chat = ask(studio, app, chat)
    first = said(studio, chat)[1]
    heard: list[str] = []
    job = studio.chats.continue_reply(chat.id, 0, sampler=SHORT, seed=4)
    job.on_delta(lambda column, piece: heard.append(piece))
    ended(app, job)
    longer = said(studio, chat)[1]
    assert longer.text.startswith(f"{first.text} ") and len(longer.text) > len(first.text) + 5
    assert "  " not in longer.text
    assert "".join(heard).startswith(first.text)
    assert longer.made_by["continued"] == first.id and places(studio, chat) == [(1, 1), (2, 2)]


def test_there_must_be_a_reply_to_go_on_with(studio: Studio, app: AppThread, chat: Chat) -> None:
    with pytest.raises(StudioError, match="prompt_empty"):
        studio.chats.continue_reply(chat.id, 0)
    chat = ask(studio, app, chat)
    studio.chats.branch(chat.id, 0, said(studio, chat)[0].id)
    with pytest.raises(StudioError, match="nothing_to_continue"):
        studio.chats.continue_reply(chat.id, 0)


def test_a_reply_that_was_going_on_when_it_was_stopped_is_kept(studio: Studio, app: AppThread, chat: Chat) -> None:
    chat = ask(studio, app, chat)
    before = texts(studio, chat)[1]
    job = studio.chats.continue_reply(chat.id, 0, sampler=Sampler(max_tokens=500))
    job.on_delta(lambda column, piece: job.cancel() if len(job.texts[0]) > len(before) else None)
    app.until(lambda: job.ended)
    assert job.error is not None and job.error.code == "cancelled"
    now = texts(studio, chat)[1]
    assert now.startswith(before) and len(now) > len(before)


def test_what_the_user_might_say_is_not_stored(studio: Studio, app: AppThread, chat: Chat) -> None:
    chat = ask(studio, app, chat)
    job = ended(app, studio.chats.impersonate(chat.id, 0, sampler=SHORT, seed=1))
    assert job.rows[0].text.startswith("And then I asked") and job.rows[0].message_id == ""
    assert len(said(studio, chat)) == 2 and len(studio.chats.messages(chat.id)) == 4


def test_editing_makes_a_branch(studio: Studio, app: AppThread, chat: Chat) -> None:
    chat = ask(studio, app, ask(studio, app, chat), "And then?")
    reply = said(studio, chat)[1]
    studio.chats.rate(reply.id, 1)
    chat = studio.chats.edit(chat.id, 0, reply.id, "Nobody.")
    edited = said(studio, chat)[-1]
    assert (edited.text, edited.rating, edited.made_by["edited"]) == ("Nobody.", 0, True)
    assert places(studio, chat) == [(1, 1), (2, 2)]
    assert studio.chats.siblings(edited.id)[0].text == reply.text


def test_deleting_takes_what_follows_along_and_undo_brings_exactly_that_back(
    studio: Studio, app: AppThread, chat: Chat
) -> None:
    chat = ask(studio, app, ask(studio, app, chat), "And then?")
    ended(app, studio.chats.regenerate(chat.id, 0, sampler=SHORT, seed=77))
    studio.chats.rate(said(studio, chat)[1].id, -1)
    before, tree, columns = said(studio, chat), studio.chats.messages(chat.id), studio.chats.get(chat.id).columns
    token = studio.chats.delete_message(chat.id, 0, before[1].id)
    assert [one.id for one in said(studio, chat)] == [before[0].id]
    assert len(studio.chats.messages(chat.id)) == len(tree) - 4
    assert len(said(studio, chat, 1)) == 4
    studio.personas.undo(token)
    assert studio.chats.messages(chat.id) == tree
    assert studio.chats.get(chat.id).columns == columns
    assert places(studio, chat) == [(1, 1), (1, 1), (1, 1), (2, 2)]


def test_deleting_a_swipe_shows_the_one_beside_it(studio: Studio, app: AppThread, chat: Chat) -> None:
    chat = ask(studio, app, chat)
    first = said(studio, chat)[1]
    ended(app, studio.chats.regenerate(chat.id, 0, sampler=SHORT, seed=5))
    second = said(studio, chat)[1]
    token = studio.chats.delete_message(chat.id, 0, second.id)
    assert said(studio, chat)[1].id == first.id and places(studio, chat) == [(1, 1), (1, 1)]
    studio.personas.undo(token)
    assert said(studio, chat)[1].id == second.id


def test_an_undo_finds_its_column_although_others_went(studio: Studio, app: AppThread, chat: Chat) -> None:
    chat = ask(studio, app, chat)
    shown = said(studio, chat, 1)
    token = studio.chats.delete_message(chat.id, 1, shown[1].id)
    chat = studio.chats.set_columns(chat.id, [Contestant(), chat.columns[1][0], Contestant(card="full")])
    chat = studio.chats.arrange(chat.id, [chat.columns[2], chat.columns[1], chat.columns[0]][:2])
    studio.personas.undo(token)
    assert said(studio, studio.chats.get(chat.id), 1) == shown and said(studio, studio.chats.get(chat.id), 0) == []


def test_deleting_what_is_not_shown_leaves_the_column_where_it_is(studio: Studio, app: AppThread, chat: Chat) -> None:
    chat = ask(studio, app, chat)
    first = said(studio, chat)[1]
    ended(app, studio.chats.regenerate(chat.id, 0, sampler=SHORT, seed=5))
    shown = said(studio, chat)
    studio.chats.delete_message(chat.id, 0, first.id)
    assert said(studio, chat) == shown


def test_an_undo_after_the_chat_was_deleted_says_so(studio: Studio, app: AppThread, chat: Chat) -> None:
    chat = ask(studio, app, chat)
    token = studio.chats.delete_message(chat.id, 0, said(studio, chat)[0].id)
    whole = studio.chats.delete(chat.id)
    with pytest.raises(StudioError, match="trash_parent_gone"):
        studio.personas.undo(token)
    studio.personas.undo(whole)
    studio.personas.undo(token)
    assert len(said(studio, chat)) == 2


def test_a_reply_to_what_was_deleted_meanwhile_is_dropped(studio: Studio, app: AppThread, chat: Chat) -> None:
    job = studio.chats.ask(chat.id, "Hello", sampler=Sampler(max_tokens=400))
    studio.chats.delete_message(chat.id, 0, said(studio, chat)[0].id)
    ended(app, job)
    assert said(studio, chat, 0) == [] and len(said(studio, chat, 1)) == 2
    assert job.rows[0].message_id == "" and job.rows[1].message_id


def test_branching_goes_on_from_a_message(studio: Studio, app: AppThread, chat: Chat) -> None:
    chat = ask(studio, app, ask(studio, app, chat), "And then?")
    before = said(studio, chat)
    chat = studio.chats.branch(chat.id, 0, before[1].id)
    assert [one.id for one in said(studio, chat)] == [one.id for one in before[:2]]
    chat = ask(studio, app, chat, "Something else?")
    assert places(studio, chat) == [(1, 1), (1, 1), (2, 2), (1, 1)]
    studio.chats.choose(chat.id, 0, before[2].id)
    assert said(studio, chat) == before


def test_a_branch_becomes_a_chat_of_its_own(studio: Studio, app: AppThread, chat: Chat) -> None:
    studio.chats.set_settings(chat.id, ChatSettings(author_note="Dry."))
    chat = ask(studio, app, ask(studio, app, chat), "And then?")
    copy = studio.chats.copy_branch(chat.id, 1, said(studio, chat, 1)[1].id)
    assert texts(studio, copy) == texts(studio, chat, 1)[:2]
    assert [one for one, _ in copy.columns] == [chat.columns[1][0]]
    assert copy.settings.author_note == "Dry." and copy.title == chat.title
    assert len(ask(studio, app, copy, "More?").columns) == 1 and len(said(studio, chat, 1)) == 4
    assert places(studio, studio.chats.get(copy.id)) == [(1, 1)] * 4


def test_thumbs_are_kept(studio: Studio, app: AppThread, chat: Chat) -> None:
    chat = ask(studio, app, chat)
    reply = said(studio, chat)[1]
    for rating in (1, -1, 0):
        studio.chats.rate(reply.id, rating)
        assert said(studio, chat)[1].rating == rating
    with pytest.raises(ValueError, match="a thumb is"):
        studio.chats.rate(reply.id, 5)
    with pytest.raises(StudioError, match="not_found"):
        studio.chats.rate("say-nothing", 1)


def test_messages_of_another_chat_are_not_found(studio: Studio, app: AppThread, chat: Chat) -> None:
    other = ask(studio, app, studio.chats.create("Other", [Contestant()]))
    foreign = said(studio, other)[1].id
    for act in (
        lambda: studio.chats.delete_message(chat.id, 0, foreign), lambda: studio.chats.branch(chat.id, 0, foreign),
        lambda: studio.chats.copy_branch(chat.id, 0, foreign), lambda: studio.chats.edit(chat.id, 0, foreign, "x"),
    ):  # fmt: skip
        with pytest.raises(StudioError, match="not_found"):
            act()


def test_what_left_the_context_is_kept_with_the_reply(studio: Studio, app: AppThread, chat: Chat) -> None:
    for number in range(5):
        chat = ask(studio, app, chat, f"Question {number}: " + "wave " * 2000)
    last = said(studio, chat)[-1]
    assert last.made_by["left_out"] == len(studio.chats.left_out(chat.id, 0)) > 0
    assert studio.chats.left_out(chat.id, 0) == said(studio, chat)[: len(studio.chats.left_out(chat.id, 0))]


def test_greetings_are_swipes_of_the_first_message(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona
) -> None:
    greeted = studio.personas.update(
        persona.id, greeting="Halt, {{user}}!", alternate_greetings=("Sit, I am {{char}}.", "{{random:Tea,Tea}}?")
    )
    adapter = add_adapter(studio, base, greeted.id, "first")
    chat = studio.chats.create("", [Contestant(adapter_id=adapter.id), Contestant()])
    assert studio.chats.greetings(chat.columns[0][0]) == ["Halt, User!", "Sit, I am Oswin.", "Tea?"]
    assert studio.chats.greetings(chat.columns[1][0]) == []
    chat = studio.chats.begin_with_greeting(chat.id, 0, 1)
    assert texts(studio, chat) == ["Sit, I am Oswin."] and places(studio, chat) == [(2, 3)]
    assert said(studio, chat)[0].made_by["greeting"] == 1
    chat = studio.chats.choose(chat.id, 0, studio.chats.siblings(said(studio, chat)[0].id)[2].id)
    assert texts(studio, chat) == ["Tea?"]
    chat = studio.chats.begin_with_greeting(chat.id, 0, 0)
    assert places(studio, chat) == [(1, 3)] and len(studio.chats.messages(chat.id)) == 3
    with pytest.raises(StudioError, match="no_greeting"):
        studio.chats.begin_with_greeting(chat.id, 1, 0)
    chat = ask(studio, app, chat)
    assert [one.role for one in said(studio, chat)] == [Role.PERSONA, Role.USER, Role.PERSONA]


def test_an_old_chat_without_lanes_works_on(studio: Studio, app: AppThread, chat: Chat) -> None:
    studio._open_library._database.write("UPDATE chats SET lanes = '[]'")
    chat = ask(studio, app, studio.chats.get(chat.id))
    assert chat.lane(1) == 1
    ended(app, studio.chats.regenerate(chat.id, 1, sampler=SHORT, seed=8))
    assert places(studio, studio.chats.get(chat.id), 1) == [(1, 1), (2, 2)]
