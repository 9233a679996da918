"""One version in the list."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame

from studio.gui.pages.persona.data.version_words import VersionRow
from studio.gui.widgets.basic import button, icon_button, label
from studio.gui.widgets.elided import ElidedLabel
from studio.gui.widgets.layouts import Part, column, row
from studio.texts import tr


class VersionCard(QFrame):
    """Wishes are signals with the version's id."""

    compare_requested = Signal(str)
    name_requested = Signal(str)
    export_requested = Signal(str)

    def __init__(self, shown: VersionRow) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setAccessibleName(", ".join(word for word in (shown.title, shown.facts, shown.used) if word))
        compare = button(tr("Compare"), quiet=True, name=tr("Compare {title} with now", title=shown.title))
        compare.clicked.connect(lambda: self.compare_requested.emit(shown.id))
        compare.setToolTip(tr("What changed since this version"))
        export = button(tr("Export"), "mdi6.export-variant", quiet=True, name=tr("Export {title}", title=shown.title))
        export.clicked.connect(lambda: self.export_requested.emit(shown.id))
        rename = icon_button("mdi6.pencil-outline", tr("Name {title}", title=shown.title))
        rename.clicked.connect(lambda: self.name_requested.emit(shown.id))
        title = row(ElidedLabel(shown.title, "h2"), rename, spacing=4)
        title.setStretch(0, 1)
        parts: list[Part] = [title, label(shown.facts, "small", wrap=True)]
        if shown.used:
            parts.append(label(shown.used, "small", wrap=True))
        buttons = row(compare, export, None, spacing=2)
        self.setLayout(column(*parts, buttons, spacing=3, margins=(14, 10, 10, 8)))
