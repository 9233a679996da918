"""Which conversations of the data hold which replies of a chat; the data itself decides, so undoing needs no notes."""

from collections.abc import Iterator
from dataclasses import dataclass

from studio.domain.chat import ChatMessage
from studio.domain.dataset import StoredConversation
from studio.domain.teaching import holds
from studio.library.library import Library


@dataclass(frozen=True, kw_only=True)
class TaughtPlace:
    """A conversation that came from a chat: the replies that it still trains, and the thread that it covers."""

    stored: StoredConversation
    members: tuple[ChatMessage, ...]
    thread: tuple[ChatMessage, ...]

    @property
    def covered(self) -> frozenset[str]:
        """The ids of the thread's messages."""
        return frozenset(one.id for one in self.thread)


def taught_places(library: Library, chat_id: str, also: str = "") -> Iterator[TaughtPlace]:
    """Yield the conversations taught from a chat, the latest first.

    ``also``: a reply whose own conversation counts even where it does not hold its words any more.
    """
    links: dict[str, list[ChatMessage]] = {}
    for link in library.votes.taught(chat_id):
        message = library.chats.message(link.message_id)
        if message is not None:
            links.setdefault(link.conversation_id, []).append(message)
    for conversation_id, said in reversed(links.items()):
        stored = library.conversations.get(conversation_id)
        if stored is None:
            continue
        threads = [tuple(library.chats.thread(one.id)) for one in said]
        members = tuple(thread[-1] for thread in threads if holds(stored.conversation, thread))
        lines = [thread for thread in threads if thread[-1] in members or thread[-1].id == also]
        if lines:
            yield TaughtPlace(stored=stored, members=members, thread=max(lines, key=lambda line: len(line)))
