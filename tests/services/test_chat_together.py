"""Several columns answered as one batch, and threads that grew, read without reading all of them again."""

import pytest

from studio.domain.base_model import BaseModel
from studio.domain.chat import Chat, Contestant
from studio.services.studio import Studio
from tests.services.app_thread import AppThread
from tests.services.test_chats import ask, ended, said, texts


@pytest.fixture
def chat(studio: Studio, base: BaseModel) -> Chat:
    return studio.chats.create("Trial", [Contestant(), Contestant(system_prompt="Be brief."), Contestant(seed=9)])


def test_columns_answer_together_with_one_seed_and_keep_what_they_had(
    studio: Studio, app: AppThread, chat: Chat
) -> None:
    ask(studio, app, chat)
    before = [said(studio, chat, column)[-1].id for column in range(3)]
    job = ended(app, studio.chats.answer_together(chat.id, [0, 1], seed=5))
    assert set(job.rows) == {0, 1}
    for column in (0, 1):
        last = said(studio, chat, column)[-1]
        assert last.made_by["seed"] == 5 and last.id != before[column]
        assert [one.id for one in studio.chats.siblings(last.id)] == [before[column], last.id]
    assert said(studio, chat, 2)[-1].id == before[2]


def test_a_seed_of_a_column_s_own_counts_on(studio: Studio, app: AppThread, chat: Chat) -> None:
    ask(studio, app, chat)
    ended(app, studio.chats.answer_together(chat.id, [1, 2]))
    seeds = [said(studio, chat, column)[-1].made_by["seed"] for column in (1, 2)]
    assert seeds[1] == 10 and seeds[0] not in (9, 10)


def test_a_thread_that_grew_is_read_from_where_it_is_known(studio: Studio, app: AppThread, chat: Chat) -> None:
    ask(studio, app, chat)
    known = [one.message.id for one in studio.chats.view(chat.id, 0)]
    assert studio.chats.length(chat.id, 0) == 2
    assert studio.chats.newer(chat.id, 0, known) == (known[-1], [])
    ask(studio, app, chat, "And now?")
    found = studio.chats.newer(chat.id, 0, known)
    assert found is not None and [*known, *(one.message.id for one in found[1])] == [
        one.id for one in said(studio, chat)
    ]
    assert found[1] == studio.chats.view(chat.id, 0)[2:] and studio.chats.length(chat.id, 0) == 4


def test_versions_are_counted_in_what_is_new(studio: Studio, app: AppThread, chat: Chat) -> None:
    ask(studio, app, chat)
    known = [one.message.id for one in studio.chats.view(chat.id, 0)]
    ended(app, studio.chats.regenerate(chat.id, 0, seed=4))
    assert studio.chats.newer(chat.id, 0, known) == (known[0], studio.chats.view(chat.id, 0)[1:])
    assert studio.chats.view(chat.id, 0)[1].count == 2


def test_what_is_known_of_another_thread_is_of_no_use(studio: Studio, app: AppThread, chat: Chat) -> None:
    ask(studio, app, chat)
    assert studio.chats.newer(chat.id, 0, [one.id for one in said(studio, chat, 1)]) is None
    assert texts(studio, chat, 0)


def test_an_empty_column_has_no_length(studio: Studio, chat: Chat) -> None:
    assert studio.chats.length(chat.id, 1) == 0
