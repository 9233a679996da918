"""A tree that shows any JSON value: what an imported card holds, exactly as it was."""

from collections.abc import Iterable, Mapping

from PySide6.QtWidgets import QDialog, QTreeWidget, QTreeWidgetItem, QWidget

from studio.gui.widgets.basic import button, label
from studio.gui.widgets.layouts import column, row
from studio.texts import tr


class ValueTree(QTreeWidget):
    """Keys left, values right."""

    def __init__(self, value: Mapping[str, object]) -> None:
        super().__init__()
        self.setHeaderLabels([tr("Entry"), tr("Value")])
        self.setAccessibleName(tr("Entries"))
        self.setColumnWidth(0, 240)
        self.setWordWrap(True)
        self.setUniformRowHeights(False)
        self.addTopLevelItems([_item(key, one) for key, one in value.items()])
        self.expandToDepth(0)


def _item(key: str, value: object) -> QTreeWidgetItem:
    children = list(_children(value))
    item = QTreeWidgetItem([key, "" if children else _words(value)])
    item.setToolTip(1, "" if children else _words(value)[:2000])
    item.addChildren([_item(name, one) for name, one in children])
    return item


def _children(value: object) -> Iterable[tuple[str, object]]:
    if isinstance(value, Mapping):
        return [(str(key), one) for key, one in value.items()]
    if isinstance(value, (list, tuple)):
        return [(str(place + 1), one) for place, one in enumerate(value)]
    return []


def _words(value: object) -> str:
    names = {None: tr("empty"), True: tr("yes"), False: tr("no")}
    return names[value] if value is None or isinstance(value, bool) else str(value)


class ValueDialog(QDialog):
    """The tree in a dialog."""

    def __init__(self, title: str, words: str, value: Mapping[str, object], parent: QWidget) -> None:
        super().__init__(parent)
        self.setWindowTitle(title)
        self.resize(720, 560)
        close = button(tr("Close"), primary=True, on_click=self.accept)
        whole = column(label(title, "h1"), label(words, "muted", wrap=True), ValueTree(value), row(None, close))
        whole.setContentsMargins(24, 20, 24, 18)
        whole.setSpacing(12)
        self.setLayout(whole)
