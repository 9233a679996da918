"""What can be done with single messages: other replies, branches, going on, deleting, thumbs, lessons. Knows no Qt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.gui.widgets import message_acts as acts
from studio.texts import tr, tr_plural

if TYPE_CHECKING:
    from studio.gui.pages.chat.presenter import Presenter
    from studio.services.replies import ReplyJob
    from studio.services.studio import Studio
    from studio.services.teaching import Taught


@dataclass(frozen=True)
class Told:
    """What to say about an act that was done: one sentence, and how to take it back."""

    words: str
    undo: Callable[[], object] | None = None
    chat_id: str = ""


class MessageDesk:
    """Acts on the open chat. While replies grow, only thumbs can be given."""

    def __init__(self, studio: "Studio", presenter: "Presenter") -> None:
        self._studio, self._presenter = studio, presenter
        self._suggesting: ReplyJob | None = None

    def act(self, act: str, column: int, message_id: str) -> Told | None:
        """Do one of ``message_acts``; what is returned is to be told. ``chat_id`` in it: that chat is to be opened."""
        if not self._presenter.chat_id or self._presenter.replies.busy and act in acts.WRITING:
            return None
        ways: dict[str, Callable[[int, str], Told | None]] = {
            acts.AGAIN: self._again, acts.CONTINUE: self._continue, acts.BRANCH: self._branch,
            acts.COPY_BRANCH: self._copy_branch, acts.DELETE: self._delete, acts.TEACH: self._teach,
            acts.UNTEACH: self._unteach,
            acts.UP: lambda _, message: self._rate(message, 1), acts.DOWN: lambda _, message: self._rate(message, -1),
        }  # fmt: skip
        told = ways[act](column, message_id)
        self._presenter.open_chat.read()
        self._presenter.refresh()
        return told

    # -- what the user might say -----------------------------------------------------------------------------------

    @property
    def suggesting(self) -> bool:
        """True while words for the user are being written."""
        return self._suggesting is not None

    def suggest(self, column: int, show: Callable[[str], None], ended: Callable[[], None]) -> bool:
        """Write what the user might say next; ``show`` gets the whole text each time there is more of it."""
        one = self._presenter
        if not one.chat_id or one.replies.busy or self._suggesting or not one.open_chat.places()[column][1]:
            return False
        job = self._studio.chats.impersonate(one.chat_id, column)
        self._suggesting = job
        job.on_delta(lambda _, piece: show(job.texts[column]))
        job.on_row(lambda row: show(row.text))
        job.on_end(lambda _: self._suggested(job, ended))
        return True

    def stop_suggesting(self) -> None:
        """Leave the suggestion as it is."""
        if self._suggesting is not None:
            self._suggesting.cancel()

    def _suggested(self, job: "ReplyJob", ended: Callable[[], object]) -> None:
        self._suggesting = None
        ended()
        if job.error is not None:
            self._presenter.failed(job.error)

    def teach_rated(self) -> Told:
        """Teach every reply that thumbs have chosen."""
        taught = self._studio.teaching.teach_rated(self._presenter.chat_id)
        words = tr_plural("{count} reply taught.", "{count} replies taught.", len(taught))
        return Told(words, lambda: self._unteach_all(taught))

    def _unteach_all(self, taught: Sequence["Taught"]) -> None:
        for one in reversed(taught):
            self._studio.teaching.undo(one.undo)

    # -- acts --------------------------------------------------------------------------------------------------------

    def _again(self, column: int, message_id: str) -> None:
        job = self._studio.chats.regenerate(self._presenter.chat_id, column, message_id=message_id)
        self._follow(job, column)

    def _continue(self, column: int, message_id: str) -> None:
        chat_id = self._presenter.chat_id
        if self._presenter.open_chat.places()[column][1] != message_id:
            self._studio.chats.branch(chat_id, column, message_id)
        self._follow(self._studio.chats.continue_reply(chat_id, column), column)

    def _branch(self, column: int, message_id: str) -> Told | None:
        """Go on from here; from one's own words the persona answers anew."""
        chat_id, tip = self._presenter.chat_id, self._presenter.open_chat.places()[column][1]
        if tip == message_id:
            return Told(tr("This is the last message: the chat goes on from here anyway."))
        own = self._presenter.threads.is_mine(chat_id, column, message_id)
        if own and not self._presenter.open_chat.by_hand:
            job = self._studio.chats.regenerate(chat_id, column, message_id=message_id)
            self._follow(job, column)
            return None
        self._studio.chats.branch(chat_id, column, message_id)
        words = tr("The chat goes on from here. What followed is kept as a branch.")
        return Told(words, lambda: self._studio.chats.branch(chat_id, column, tip))

    def _copy_branch(self, column: int, message_id: str) -> Told:
        made = self._studio.chats.copy_branch(self._presenter.chat_id, column, message_id)
        return Told(tr("Copied into a new chat, up to that message."), chat_id=made.id)

    def _delete(self, column: int, message_id: str) -> Told:
        token = self._studio.chats.delete_message(self._presenter.chat_id, column, message_id)
        return Told(tr("Deleted, with what followed."), lambda: self._studio.personas.undo(token))

    def _rate(self, message_id: str, rating: int) -> None:
        """The same thumb once more takes it away."""
        said = {one.id: one for one in self._studio.chats.siblings(message_id)}
        self._studio.chats.rate(message_id, 0 if said[message_id].rating == rating else rating)

    def _teach(self, column: int, message_id: str) -> Told:
        taught = self._studio.teaching.teach(self._presenter.chat_id, column, message_id)
        name = self._studio.personas.get(taught.persona_id).name
        return Told(_lesson(taught, name), lambda: self._studio.teaching.undo(taught.undo))

    def _unteach(self, column: int, message_id: str) -> Told:
        token = self._studio.teaching.untaught(message_id)
        return Told(tr("Taken out of the data again."), lambda: self._studio.teaching.undo(token))

    def _follow(self, job: "ReplyJob", column: int) -> None:
        self._presenter.talk.follow(job, [column], "")


def _lesson(taught: "Taught", name: str) -> str:
    if taught.updated:
        return tr("{name}'s data now holds this reply as it is here.", name=name)
    if taught.alternatives:
        return tr_plural(
            "Kept in {name}'s data, with {count} passed-over reply as a rejected alternative.",
            "Kept in {name}'s data, with {count} passed-over replies as rejected alternatives.",
            taught.alternatives, name=name,
        )  # fmt: skip
    return tr("Kept in {name}'s data: the next version can learn from it.", name=name)
