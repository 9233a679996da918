"""The Card tab: portrait, colour and the fields of the card, saved as each is left."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog, QLineEdit, QVBoxLayout, QWidget

from studio.domain.changes import Change, Kind
from studio.domain.errors import StudioError
from studio.gui.navigator import Navigator
from studio.gui.pages.persona.card_export import CardExportButton
from studio.gui.pages.persona.card_presenter import CardPresenter, Field, count_entries, fields
from studio.gui.widgets.basic import button, card, label, link, scrolling
from studio.gui.widgets.colour_picker import ColourPicker
from studio.gui.widgets.layouts import column, even, holder, row
from studio.gui.widgets.leaving_text import LeavingText
from studio.gui.widgets.portrait import Portrait
from studio.gui.widgets.value_tree import ValueDialog
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.studio import Studio

PORTRAIT, WIDEST = 168, 1040


class CardTab(QWidget):
    """What the persona is."""

    def __init__(self, studio: Studio, navigator: Navigator) -> None:
        super().__init__()
        self._studio, self._navigator = studio, navigator
        self.presenter = CardPresenter(studio)
        self._persona_id, self._stale = "", True
        self._labels = {one.name: one.label for one in fields()} | {"colour": tr("Colour")}
        self.inputs: dict[str, QLineEdit | LeavingText] = {one.name: self._input(one) for one in fields()}
        self._saved, self._undo = label("", "small"), link(tr("Undo"), self.undo)
        self._undo.hide()
        form = holder(self._form())
        form.setMaximumWidth(WIDEST)
        area = scrolling(form)
        whole = row(self._left(), area, spacing=16)
        whole.setStretch(1, 1)
        self.setLayout(whole)

    def _left(self) -> QWidget:
        self._face = Portrait(PORTRAIT)
        self._colours = ColourPicker()
        self._colours.chosen.connect(lambda colour: self.save("colour", colour))
        change = button(tr("Change the picture"), "mdi6.image-outline", on_click=self._choose_picture)
        self._remove = button(tr("Take it away"), quiet=True, on_click=lambda: self._set_picture(b""))
        self._rest = button("", "mdi6.file-tree-outline", on_click=self._show_rest)
        self.exporting = CardExportButton(self._studio, self._navigator)
        made = card(
            column(
                row(None, self._face, None), 4, change, self._remove, 8, label(tr("Colour"), "small"), self._colours,
                None, self._rest, self.exporting.button, spacing=8, margins=(18, 18, 18, 16),
            )
        )  # fmt: skip
        made.setFixedWidth(300)
        return made

    def _form(self) -> QVBoxLayout:
        rows = [row(label(tr("Changes are kept when you leave a field."), "small"), None, self._saved, self._undo)]
        name, tagline, *others = (holder(self._labelled(one)) for one in fields())
        return column(*rows, even(name, tagline, spacing=14), *others, None, spacing=12, margins=(2, 0, 10, 2))

    def _labelled(self, one: Field) -> QVBoxLayout:
        caption = label(one.label, "h2")
        caption.setBuddy(self.inputs[one.name])
        return column(row(caption, label(one.help, "small"), None, spacing=10), self.inputs[one.name], spacing=5)

    def _input(self, one: Field) -> QLineEdit | LeavingText:
        made = self._line(one.name) if one.lines == 1 else self._lines(one)
        made.setAccessibleName(one.label)
        made.setAccessibleDescription(one.help)
        return made

    def _line(self, name: str) -> QLineEdit:
        made = QLineEdit()
        made.setAcceptDrops(False)  # files that are dropped belong to the window
        made.editingFinished.connect(lambda: self.save(name, made.text()))
        return made

    def _lines(self, one: Field) -> LeavingText:
        made = LeavingText(one.lines)
        made.left.connect(lambda: self.save(one.name, made.toPlainText()))
        return made

    # -- what the page calls ------------------------------------------------------------------------------------

    def show_persona(self, persona_id: str) -> None:
        """Show another persona's card."""
        self._persona_id, self._stale = persona_id, True
        self.exporting.show_persona(persona_id)
        self._say_saved("")

    def refresh_if_stale(self) -> None:
        """Show the card as it is now."""
        if not self._stale or not self._persona_id:
            return
        self._stale = False
        persona = self.presenter.show(self._persona_id)
        for name, field in self.inputs.items():
            self._fill(field, self.presenter.text(name))
        path = self._studio.personas.portrait_path(persona)
        self._face.show_persona(persona.name, persona.colour, path)
        self._remove.setVisible(path is not None)
        self._colours.show_colour(persona.colour)
        count = count_entries(persona.card)
        self._rest.setVisible(bool(persona.card))
        self._rest.setText(tr("Everything the card holds ({count})", count=count))
        self._rest.setAccessibleName(self._rest.text())

    def on_change(self, change: Change) -> None:
        """Follow changes made elsewhere."""
        if change.initiator is not self.presenter and Kind.PERSONA in change.kinds:
            self._stale = True
            if self.isVisible():
                self.refresh_if_stale()

    def _fill(self, field: QLineEdit | LeavingText, text: str) -> None:
        if isinstance(field, QLineEdit):
            field.setText(text)
            field.setCursorPosition(0)
        else:
            field.setPlainText(text)

    # -- saving -------------------------------------------------------------------------------------------------

    def save(self, name: str, text: str) -> None:
        """Keep a field; a name that cannot be is put back and told."""
        if self._stale or not self._persona_id:
            return
        try:
            changed = self.presenter.save(name, text)
        except StudioError as error:
            self._navigator.show_error(error)
            self._reload()
            return
        if changed:
            self._say_saved(tr("{field} saved", field=self._labels[name]))
            if name == "colour":
                self._reload()

    def undo(self) -> None:
        """Take the last change back."""
        name = self.presenter.undo()
        self._reload()
        self._say_saved(tr("{field} is as before", field=self._labels[name]) if name else "")

    def _reload(self) -> None:
        self._stale = True
        self.refresh_if_stale()

    def _say_saved(self, text: str) -> None:
        self._saved.setText(text)
        self._undo.setVisible(bool(text) and self.presenter.can_undo)

    # -- picture and rest ---------------------------------------------------------------------------------------

    def _choose_picture(self) -> None:
        pattern = tr("Pictures") + " (*.png *.jpg *.jpeg *.webp *.gif)"
        name, _ = QFileDialog.getOpenFileName(self, tr("Choose a picture"), "", pattern)
        if name:
            self._set_picture(Path(name).read_bytes())

    def _set_picture(self, image: bytes) -> None:
        before = self._studio.personas.portrait_path(self._studio.personas.get(self._persona_id))
        old = before.read_bytes() if before else b""
        undo = partial(self._studio.personas.set_portrait, self._persona_id, old)
        self._studio.personas.set_portrait(self._persona_id, image)
        self._navigator.toast(tr("The picture was changed."), undo)

    def _show_rest(self) -> None:
        persona = self._studio.personas.get(self._persona_id)
        words = tr("The imported card, exactly as it was. Nothing of it is lost; exports carry it along.")
        dialog = ValueDialog(tr("Everything the card of {name} holds", name=persona.name), words, persona.card, self)
        dialog.open()
