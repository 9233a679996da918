"""Words typed and not sent: by chat, over a restart, gone with the chat."""

from collections.abc import Callable

from studio.domain.chat import Contestant
from studio.services.studio import Studio


def test_words_wait_for_the_next_start(open_studio: Callable[[], Studio]) -> None:
    studio = open_studio()
    chat = studio.chats.create("A talk", [Contestant()])
    studio.unsent.keep(chat.id, "half a thou")
    studio.unsent.keep("", "first w")
    studio.close()
    again = open_studio()
    assert (again.unsent.get(chat.id), again.unsent.get("")) == ("half a thou", "first w")


def test_empty_words_and_those_of_deleted_chats_are_forgotten(studio: Studio) -> None:
    kept, gone = (studio.chats.create(name, [Contestant()]) for name in ("kept", "gone"))
    for chat in (kept, gone):
        studio.unsent.keep(chat.id, "words")
    studio.chats.delete(gone.id)
    studio.unsent.keep("", "more")
    assert (studio.unsent.get(kept.id), studio.unsent.get(gone.id)) == ("words", "")
    studio.unsent.keep(kept.id, "  ")
    assert studio.unsent.get(kept.id) == ""
