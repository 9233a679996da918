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
    """A persona that has something to say first, in every column where it stands; ``column`` is the first of them."""

    columns: tuple[int, ...]
    title: str
    greetings: tuple[str, ...]

    @property
    def column(self) -> int:
        """Where it begins."""
        return self.columns[0]


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
        places: dict[tuple[str, tuple[str, ...]], list[int]] = {}
        for column, view in enumerate(one.columns()):
            places.setdefault((view.title, self._greetings(column)), []).append(column)
        return [Offer(tuple(at), title, greetings) for (title, greetings), at in places.items() if greetings]

    def begin(self, column: int, index: int = 0) -> None:
        """Let the persona of a column begin with one of its greetings."""
        self._begin([offer for offer in self.offers() if column in offer.columns], index)

    def begin_all(self) -> None:
        """Let everybody begin who can, each with the first greeting."""
        self._begin(self.offers(), 0)

    def _begin(self, offers: list[Offer], index: int) -> None:
        for column in (column for offer in offers for column in offer.columns):
            chat = self._presenter.open_chat.begin()
            self._studio.chats.begin_with_greeting(chat.id, column, index)
        self._presenter.open_chat.read()
        self._presenter.refresh()

    def _greetings(self, column: int) -> tuple[str, ...]:
        try:
            return tuple(self._studio.chats.greetings(self._presenter.contestants()[column]))
        except StudioError:  # its adapter was deleted: the column says so itself
            return ()
