"""The persona's card as a file: a menu of formats, a place to put it, and a picture that the format can take."""

from __future__ import annotations

from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QBuffer, QIODevice
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QFileDialog, QMenu, QPushButton

from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.gui.navigator import Navigator
from studio.gui.widgets.basic import button
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.cards import CardFormatInfo
    from studio.services.studio import Studio

_PNG = b"\x89PNG\r\n\x1a\n"


class CardExportButton:
    """Holds the button; ``show_persona`` says whose card it exports."""

    def __init__(self, studio: Studio, navigator: Navigator) -> None:
        self._studio, self._navigator = studio, navigator
        self._persona_id = ""
        self.button = self._made()

    def show_persona(self, persona_id: str) -> None:
        """Export this persona's card from now on."""
        self._persona_id = persona_id

    def _made(self) -> QPushButton:
        made = button(tr("Export the card"), "mdi6.export-variant")
        menu = QMenu(made)
        menu.setToolTipsVisible(True)
        for one in self._studio.cards.formats():
            action = menu.addAction(tr(one.label))
            action.setToolTip(tr(one.summary))
            action.triggered.connect(partial(self._choose, one))
        made.setMenu(menu)
        return made

    def _choose(self, chosen: CardFormatInfo, checked: bool = False) -> None:
        persona = self._studio.personas.get(self._persona_id)
        suggested = str(Path.home() / f"{file_name(persona.name)}{chosen.suffix}")
        pattern = f"{tr(chosen.label)} (*{chosen.suffix})"
        name, _ = QFileDialog.getSaveFileName(self.button, tr("Export the card"), suggested, pattern)
        if name:
            self.export(chosen, Path(name))

    def export(self, chosen: CardFormatInfo, path: Path) -> None:
        """Write the card and say where it is."""
        persona = self._studio.personas.get(self._persona_id)
        try:
            written = self._studio.cards.export(persona.id, chosen.name, path, picture=self._picture(persona, chosen))
        except StudioError as error:
            self._navigator.show_error(error)
            return
        self._navigator.toast(tr("The card of {name} is in {path}.", name=persona.name, path=str(written)))

    def _picture(self, persona: Persona, chosen: CardFormatInfo) -> bytes:
        """The portrait as PNG where the file itself is one and the portrait is not."""
        path = self._studio.personas.portrait_path(persona)
        image = path.read_bytes() if path and chosen.suffix == ".png" else b""
        return b"" if not image or image.startswith(_PNG) else as_png(image)


def as_png(image: bytes) -> bytes:
    """Return any picture that Qt reads as PNG; empty for what it does not read."""
    read, buffer = QImage.fromData(image), QBuffer()
    buffer.open(QIODevice.OpenModeFlag.WriteOnly)
    return bytes(buffer.data().data()) if not read.isNull() and read.save(buffer, "PNG") else b""  # type: ignore[call-overload]


def file_name(name: str) -> str:
    """Return a name that every system takes as a file's."""
    kept = "".join(sign if sign.isalnum() or sign in " -_" else "_" for sign in name).strip()
    return kept[:80] or "card"
