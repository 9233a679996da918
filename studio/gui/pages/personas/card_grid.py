"""The grid of persona cards: as many columns as fit, each as wide as it can be."""

from PySide6.QtCore import QModelIndex, QPoint, QSize, Qt, Signal
from PySide6.QtGui import QKeyEvent, QResizeEvent
from PySide6.QtWidgets import QFrame, QListView, QStyle

from studio.gui.item_models.persona_list import PersonaListModel
from studio.gui.pages.personas.card_delegate import CARD_HEIGHT, GAP, PersonaCardDelegate
from studio.texts import tr

NARROWEST = 330


class CardGrid(QListView):
    """Click or Enter opens, Del deletes, the context menu offers the rest."""

    open_requested = Signal(str)
    delete_requested = Signal(str)
    menu_requested = Signal(str, QPoint)

    def __init__(self, model: PersonaListModel) -> None:
        super().__init__()
        self._cards = model
        self.setObjectName("clear")
        self.setAccessibleName(tr("Personas"))
        self.setModel(model)
        self.setItemDelegate(PersonaCardDelegate(self))
        self.setViewMode(QListView.ViewMode.IconMode)
        self.setMovement(QListView.Movement.Static)
        self.setResizeMode(QListView.ResizeMode.Adjust)
        self.setUniformItemSizes(True)
        self.setFrameShape(QFrame.Shape.NoFrame)
        self.setVerticalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        self.verticalScrollBar().setSingleStep(24)
        self.setHorizontalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        self.setMouseTracking(True)
        self.viewport().setAutoFillBackground(False)
        self.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        self.customContextMenuRequested.connect(self._menu)
        self.clicked.connect(self._clicked)
        model.modelReset.connect(self._fit)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._fit()

    def columns(self) -> int:
        """How many cards stand side by side at the present width."""
        return max(1, self._usable() // (NARROWEST + GAP))

    def _usable(self) -> int:
        """Qt keeps the scroll bar's width free when it breaks lines, whether the bar is there or not."""
        return self.width() - self.style().pixelMetric(QStyle.PixelMetric.PM_ScrollBarExtent, None, self) - 1

    def _fit(self) -> None:
        cell = self._usable() // self.columns()
        self.setGridSize(QSize(cell, CARD_HEIGHT + GAP))
        rows = -(-self._cards.rowCount() // self.columns())
        self.setMaximumHeight(max(rows, 1) * (CARD_HEIGHT + GAP) + 8)

    def keyPressEvent(self, event: QKeyEvent) -> None:
        card = self._cards.card(self.currentIndex())
        if card is not None and event.key() in (Qt.Key.Key_Return, Qt.Key.Key_Enter):
            self.open_requested.emit(card.id)
        elif card is not None and event.key() == Qt.Key.Key_Delete:
            self.delete_requested.emit(card.id)
        else:
            super().keyPressEvent(event)

    def _clicked(self, index: QModelIndex) -> None:
        card = self._cards.card(index)
        if card is not None:
            self.open_requested.emit(card.id)

    def _menu(self, place: QPoint) -> None:
        index = self.indexAt(place)
        card = self._cards.card(index if index.isValid() else self.currentIndex())
        if card is not None:
            self.menu_requested.emit(card.id, self.viewport().mapToGlobal(place))
