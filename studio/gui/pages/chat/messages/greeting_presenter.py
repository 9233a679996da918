"""Greetings: in a chat where nothing was said yet, a persona can speak first. Knows no Qt."""

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.domain.chat import CHAT
from studio.domain.errors import StudioError

if TYPE_CHECKING:
    from studio.gui.pages.chat.presenter import Presenter
    from studio.services.studio import Studio


@dataclass(frozen=True)
class Offer:
    """A column whose persona has something to say first."""

    column: int
    title: str
    greetings: tuple[str, ...]


class GreetingPresenter:
    """The other greetings are versions of the first message: they can be looked through afterwards, too."""

    def __init__(self, studio: "Studio", presenter: "Presenter") -> None:
        self._studio, self._presenter = studio, presenter

    def offers(self) -> list[Offer]:
        """Who could begin; nobody once something was said, or while names are hidden."""
        one = self._presenter
        chat = one.open_chat.chat
        empty = not any(tip for _, tip in one.open_chat.places())
        if not empty or one.hides_names or chat is not None and chat.kind != CHAT:
            return []
        found = [Offer(column, view.title, self._greetings(column)) for column, view in enumerate(one.columns())]
        return [offer for offer in found if offer.greetings]

    def begin(self, column: int, index: int = 0) -> None:
        """Let a column begin with one of its greetings."""
        chat = self._presenter.open_chat.begin()
        self._studio.chats.begin_with_greeting(chat.id, column, index)
        self._presenter.open_chat.read()
        self._presenter.refresh()

    def begin_all(self) -> None:
        """Let everybody begin who can, each with the first greeting."""
        for offer in self.offers():
            chat = self._presenter.open_chat.begin()
            self._studio.chats.begin_with_greeting(chat.id, offer.column, 0)
        self._presenter.open_chat.read()
        self._presenter.refresh()

    def _greetings(self, column: int) -> tuple[str, ...]:
        try:
            return tuple(self._studio.chats.greetings(self._presenter.contestants()[column]))
        except StudioError:  # its adapter was deleted: the column says so itself
            return ()
