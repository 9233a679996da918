"""The strip of samples: one fixed prompt, answered by the base and at every checkpoint, side by side."""

import html
from collections.abc import Sequence

from PySide6.QtCore import QAbstractListModel, QModelIndex, QPersistentModelIndex, QSize, Qt, Signal
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QComboBox, QFrame, QListView, QWidget

from studio.gui.pages.train.run.sample_delegate import CELL, GAP, SampleDelegate
from studio.gui.pages.train.run.samples import Prompt, SampleCell
from studio.gui.widgets.basic import button, label
from studio.gui.widgets.layouts import column, row
from studio.gui.widgets.steady import steady
from studio.texts import tr

_LEAST_WIDTH, _LEAST_HEIGHT, _MOST_CARDS = 180, 112, 6
Index = QModelIndex | QPersistentModelIndex


class _Cells(QAbstractListModel):
    """Grows at its end; what is there already is not laid out again."""

    def __init__(self) -> None:
        super().__init__()
        self.cells: list[SampleCell] = []

    def show(self, cells: Sequence[SampleCell]) -> None:
        old = self.cells
        if list(cells[: len(old)]) == old:
            if len(cells) > len(old):
                self.beginInsertRows(QModelIndex(), len(old), len(cells) - 1)
                self.cells = list(cells)
                self.endInsertRows()
            return
        self.beginResetModel()
        self.cells = list(cells)
        self.endResetModel()

    def rowCount(self, parent: Index = QModelIndex()) -> int:  # noqa: B008 - Qt's signature
        return 0 if parent.isValid() else len(self.cells)

    def data(self, index: Index, role: int = Qt.ItemDataRole.DisplayRole) -> object:
        if not 0 <= index.row() < len(self.cells):
            return None
        cell = self.cells[index.row()]
        if role == CELL:
            return cell
        if role == Qt.ItemDataRole.DisplayRole:
            return cell.text
        if role == Qt.ItemDataRole.AccessibleTextRole:
            return cell.spoken
        return _tip(cell) if role == Qt.ItemDataRole.ToolTipRole else None


class _List(QListView):
    """Content with little height; it takes what is left."""

    def sizeHint(self) -> QSize:
        """Qt's."""
        return QSize(400, 122)


def _tip(cell: SampleCell) -> str:
    """The whole text; as HTML, because Qt wraps no other tooltip."""
    words = html.escape(cell.text or tr("no words")).replace("\n", "<br>")
    return f'<div style="width:380px"><b>{html.escape(cell.title)}</b><br>{words}</div>'


class SampleStrip(QWidget):
    """``opened`` tells the step whose answer is to be read; ``prompt_chosen`` the key of a prompt."""

    opened = Signal(int)
    prompt_chosen = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("clear")
        self._prompts: list[Prompt] = []
        self.prompt = QComboBox()
        self.prompt.setAccessibleName(tr("Prompt of the samples"))
        self.prompt.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        self.prompt.setMinimumContentsLength(8)
        self.prompt.setStyleSheet("padding: 3px 10px;")
        self.prompt.activated.connect(lambda _: self.prompt_chosen.emit(self.prompt.currentData()))
        self.read = button(
            tr("Read and compare"), "mdi6.compare", quiet=True, on_click=self._open_current,
            tip=tr("Whole answers, two steps beside each other, word by word"),
        )  # fmt: skip
        self._model, self._delegate = _Cells(), SampleDelegate()
        self.list = self._make_list()
        self.nothing = label("", "small", wrap=True)
        self._asked = label(tr("What it says to"), "small")
        head = row(self._asked, self.prompt, self.read, spacing=8)
        head.setStretch(1, 1)
        whole = column(head, self.list, self.nothing, spacing=7)
        whole.setStretch(1, 100)
        whole.addStretch(1)  # where there is no list, the sentence stays at the top
        self.setLayout(whole)
        steady(self)

    def _make_list(self) -> QListView:
        made = _List()
        made.setObjectName("clear")
        made.setFrameShape(QFrame.Shape.NoFrame)
        made.setAccessibleName(tr("Samples by step"))
        made.setFlow(QListView.Flow.LeftToRight)
        made.setWrapping(False)
        made.setUniformItemSizes(True)
        made.setMinimumHeight(_LEAST_HEIGHT)
        made.setSpacing(0)
        made.setMouseTracking(True)
        made.setHorizontalScrollMode(QListView.ScrollMode.ScrollPerPixel)
        made.setVerticalScrollBarPolicy(Qt.ScrollBarPolicy.ScrollBarAlwaysOff)
        made.setModel(self._model)
        made.setItemDelegate(self._delegate)
        made.activated.connect(self._open)
        made.clicked.connect(self._open)
        return made

    def show_samples(self, prompts: Sequence[Prompt], key: str, cells: Sequence[SampleCell], nothing: str) -> None:
        """Show the answers to a prompt; ``nothing`` is said while there are none."""
        self._show_prompts(list(prompts), key)
        bar = self.list.horizontalScrollBar()
        at_end = bar.value() >= bar.maximum() - 4
        known = len(self._model.cells)
        self._model.show(cells)
        self._fit()
        if len(cells) > known and at_end:
            self.list.scrollToBottom() if not cells else self.list.scrollTo(self._model.index(len(cells) - 1))
        for part in (self.list, self._asked, self.prompt, self.read):
            part.setVisible(bool(cells))
        self.nothing.setText(nothing)
        self.nothing.setVisible(not cells)

    def _show_prompts(self, prompts: list[Prompt], key: str) -> None:
        if prompts != self._prompts:
            self._prompts = prompts
            self.prompt.clear()
            for one in prompts:
                self.prompt.addItem(one.words, one.key)
                self.prompt.setItemData(self.prompt.count() - 1, one.words, Qt.ItemDataRole.ToolTipRole)
        place = self.prompt.findData(key)
        if place != self.prompt.currentIndex():
            self.prompt.setCurrentIndex(place)

    def resizeEvent(self, event: QResizeEvent) -> None:
        """Qt's."""
        super().resizeEvent(event)
        self._fit()

    def _fit(self) -> None:
        """As many whole cards side by side as are readable; what is left over is no sliver of another card."""
        wide = self.list.width() + GAP
        shown = max(min(wide // _LEAST_WIDTH, _MOST_CARDS), 1)
        self.list.setViewportMargins(0, 0, wide % shown - GAP, 0)
        bar = 12 if len(self._model.cells) > shown else 0
        size = QSize(wide // shown, max(self.list.height() - bar - 2, _LEAST_HEIGHT - 14))
        if size != self._delegate.size:
            self._delegate.size = size
            self.list.scheduleDelayedItemsLayout()

    def _open(self, index: QModelIndex) -> None:
        cell = index.data(CELL)
        if cell is not None:
            self.opened.emit(cell.step)

    def _open_current(self) -> None:
        index = self.list.currentIndex()
        last = self._model.index(len(self._model.cells) - 1)
        self._open(index if index.isValid() else last)
