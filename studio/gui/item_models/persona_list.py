"""The cards of the home page as a Qt model."""

from collections.abc import Sequence
from typing import Protocol

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, Qt

CARD_ROLE = Qt.ItemDataRole.UserRole + 1
Index = QModelIndex | QPersistentModelIndex


class Card(Protocol):
    """What the model needs to know of a card."""

    @property
    def id(self) -> str:
        """The persona's id."""

    @property
    def name(self) -> str:
        """What it is called."""

    @property
    def spoken(self) -> str:
        """What a screen reader says."""


class PersonaListModel(QAbstractListModel):
    """Shows a list of cards; the same list again changes nothing, so selection and scrolling stay."""

    def __init__(self) -> None:
        super().__init__()
        self._cards: list[Card] = []

    def show(self, cards: Sequence[Card]) -> None:
        """Show these cards, keeping the rows where they are when the ids are the same."""
        same = [card.id for card in cards] == [card.id for card in self._cards]
        if same and self._cards:
            self._cards = list(cards)
            self.dataChanged.emit(self.index(0), self.index(len(self._cards) - 1))
            return
        self.beginResetModel()
        self._cards = list(cards)
        self.endResetModel()

    def card(self, index: Index) -> Card | None:
        """The card of a row."""
        return self._cards[index.row()] if index.isValid() and index.row() < len(self._cards) else None

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self._cards)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        card = self.card(index)
        if card is None:
            return None
        if role == Qt.ItemDataRole.DisplayRole:
            return card.name
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return card.spoken
        return card if role == CARD_ROLE else None
