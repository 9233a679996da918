"""Toasts: one sentence for some seconds at the bottom of the window, with Undo when there is something to undo."""

from collections.abc import Callable, Sequence

from PySide6.QtCore import QEvent, QObject, QPoint, Qt, QTimer
from PySide6.QtWidgets import QFrame, QWidget

from studio.gui.widgets.basic import IconLabel, button, icon_button, label
from studio.gui.widgets.layouts import clear, column, row
from studio.texts import tr

SHOWN_MS, UNDO_MS = 5_000, 12_000
MOST = 3
GAP, SPACE = 48, 8
"""From the window's lower edge, and from what is kept free."""


class Toasts(QWidget):
    """Lies over its parent, at the bottom but above what ``kept_free`` gives; the newest is the lowest."""

    def __init__(self, parent: QWidget, kept_free: Callable[[], Sequence[QWidget]] = tuple) -> None:
        super().__init__(parent)
        self._kept_free = kept_free
        self.setObjectName("clear")
        self._column = column(spacing=8)
        self.setLayout(self._column)
        parent.installEventFilter(self)
        self.hide()

    def tell(self, text: str, undo: Callable[[], None] | None = None) -> None:
        """Show a sentence; the oldest goes when there would be more than three."""
        self._add(_Toast(text, self._gone, undo=undo), UNDO_MS if undo else SHOWN_MS)

    def tell_trouble(self, text: str) -> None:
        """Show a trouble; it stays until it is closed."""
        self._add(_Toast(text, self._gone, trouble=True), 0)

    def shown(self) -> list[str]:
        """The sentences on the screen, oldest first."""
        return [toast.text for toast in self._toasts()]

    def _toasts(self) -> list["_Toast"]:
        items = [self._column.itemAt(index) for index in range(self._column.count())]
        widgets = [item.widget() for item in items if item is not None]
        return [widget for widget in widgets if isinstance(widget, _Toast)]

    def _add(self, toast: "_Toast", lasts_ms: int) -> None:
        while len(self._toasts()) >= MOST:
            self._gone(self._toasts()[0])
        self._column.addWidget(toast, 0, Qt.AlignmentFlag.AlignHCenter)
        if lasts_ms:
            QTimer.singleShot(lasts_ms, toast, toast.close_it)
        self.show()
        self.raise_()
        self.place()

    def _gone(self, toast: "_Toast") -> None:
        self._column.removeWidget(toast)
        toast.hide()
        toast.deleteLater()
        self.setVisible(bool(self._toasts()))
        self.place()

    def clear(self) -> None:
        """Take all away."""
        clear(self._column)
        self.hide()

    def place(self) -> None:
        """Go where there is room now."""
        parent = self.parentWidget()
        if parent is None:
            return
        self._column.activate()
        size = self.sizeHint()
        width = min(size.width(), parent.width() - 40)
        height = self.heightForWidth(width) if self.hasHeightForWidth() else size.height()
        self.setGeometry((parent.width() - width) // 2, self._bottom(parent) - height, width, height)

    def _bottom(self, parent: QWidget) -> int:
        tops = [kept.mapTo(parent, QPoint(0, 0)).y() for kept in self._kept_free() if kept.isVisible()]
        return min([parent.height() - GAP, *(top - SPACE for top in tops)])

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        if event.type() == QEvent.Type.Resize:
            self.place()
        return False


class _Toast(QFrame):
    def __init__(
        self,
        text: str,
        gone: Callable[["_Toast"], None],
        *,
        undo: Callable[[], None] | None = None,
        trouble: bool = False,
    ) -> None:
        super().__init__()
        self.setObjectName("toast")
        self.setAccessibleName(text)
        self.text = text
        self._gone = gone
        self._undo = undo
        words = label(text, wrap=len(text) > 70)
        words.setMinimumWidth(520 if len(text) > 70 else 0)
        parts: list[QWidget] = [words]
        if trouble:
            parts.insert(0, IconLabel("mdi6.alert-circle", "warn", 18))
        if undo is not None:
            parts.append(button(tr("Undo"), on_click=self._undo_it))
        parts.append(icon_button("mdi6.close", tr("Close"), self.close_it, size=24, colour="faint"))
        self.setLayout(row(*parts, spacing=12, margins=(16, 8, 8, 8)))

    def close_it(self) -> None:
        self._gone(self)

    def _undo_it(self) -> None:
        undo, self._undo = self._undo, None
        self.close_it()
        if undo is not None:
            undo()
