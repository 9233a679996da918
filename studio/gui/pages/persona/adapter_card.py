"""One adapter as a card."""

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QFrame, QProgressBar, QVBoxLayout

from studio.gui.pages.persona.adapters_presenter import AdapterCard
from studio.gui.widgets.basic import button, chip, label
from studio.gui.widgets.layouts import FlowLayout, column, holder, row
from studio.gui.widgets.sparkline import Sparkline
from studio.texts import tr


class AdapterCardView(QFrame):
    """Wishes are signals with the adapter's id."""

    chat_requested = Signal(str)
    export_requested = Signal(str)
    rename_requested = Signal(str)
    delete_requested = Signal(str)

    def __init__(self, shown: AdapterCard) -> None:
        super().__init__()
        self.shown = shown
        self.setObjectName("card")
        self.setAccessibleName(", ".join((shown.name, shown.gain, *shown.facts)))
        curve = Sparkline(shown.colour, shown.train, shown.heldout, tr("Loss curve of {name}", name=shown.name))
        facts = FlowLayout(spacing=6)
        for fact in shown.facts:
            facts.addWidget(chip(fact))
        gain = label(shown.gain, shown.gain_role if shown.gain_role != "muted" else "small")
        gain.setToolTip(shown.gain_help)
        self._bar = QProgressBar()
        self._bar.setRange(0, 0)
        self._bar.setAccessibleName(tr("Exporting"))
        self._bar.hide()
        words = column(
            row(label(shown.name, "h2"), gain, None, spacing=12), holder(facts),
            label(shown.lineage, "small", wrap=True), self._bar, spacing=8,
        )  # fmt: skip
        whole = row(curve, words, self._buttons(), spacing=18, margins=(16, 14, 16, 14))
        whole.setStretch(1, 1)
        self.setLayout(whole)

    def _buttons(self) -> QVBoxLayout:
        key = self.shown.id
        chat = button(tr("Chat"), "mdi6.chat-outline", primary=True, on_click=lambda: self.chat_requested.emit(key))
        self._export = button(tr("Export"), "mdi6.export-variant", on_click=lambda: self.export_requested.emit(key))
        rename = button(
            tr("Rename"), "mdi6.pencil-outline", quiet=True, on_click=lambda: self.rename_requested.emit(key)
        )
        delete = button(
            tr("Delete"), "mdi6.trash-can-outline", quiet=True, on_click=lambda: self.delete_requested.emit(key)
        )
        for one in (chat, self._export, rename, delete):
            one.setAccessibleName(f"{one.text()}: {self.shown.name}")
        return column(row(None, self._export, chat), row(None, rename, delete, spacing=2), None, spacing=6)

    def show_exporting(self, exporting: bool) -> None:
        """Show that an export is under way."""
        self._bar.setVisible(exporting)
        self._export.setEnabled(not exporting)
