"""One file in the import dialog: tick, what was understood, questions, troubles."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QCheckBox, QComboBox, QFrame, QLabel, QLineEdit, QWidget

from studio.gui.pages.personas.import_presenter import ImportRow
from studio.gui.theme import tokens
from studio.gui.widgets.basic import IconLabel, chip, label
from studio.gui.widgets.layouts import FlowLayout, Part, column, holder, row
from studio.gui.widgets.portrait import round_pixmap
from studio.texts import tr

MOST_REMARKS = 4
ICONS = {"bad": "mdi6.alert-circle-outline", "warn": "mdi6.alert-outline", "muted": "mdi6.information-outline"}


class ImportRowCard(QFrame):
    """Tells ``on_take`` about the tick, ``on_answer(name, speaker)`` about answers."""

    def __init__(
        self, shown: ImportRow, on_take: Callable[[bool], None], on_answer: Callable[[str, str], None]
    ) -> None:
        super().__init__()
        self.setObjectName("card")
        self._shown, self._on_answer = shown, on_answer
        self.setAccessibleName(shown.path.name)
        self.tick = QCheckBox()
        self.tick.setAccessibleName(tr("Import {file}", file=shown.path.name))
        self.tick.setChecked(shown.taken)
        self.tick.setEnabled(shown.item is not None)
        self.tick.toggled.connect(on_take)
        self.name = self._name_field()
        self.speaker = self._speaker_box()
        body = column(*self._parts(), spacing=8)
        self.setLayout(row(column(self.tick, None), self._picture(), body, spacing=12, margins=(14, 12, 14, 12)))
        self.layout().setStretch(2, 1)  # type: ignore[union-attr]

    def _parts(self) -> list[Part]:
        shown = self._shown
        parts: list[Part] = [row(label(shown.path.name, "h2"), None, *self._answers(), spacing=8)]
        if shown.facts:
            flow = FlowLayout(spacing=6)
            for fact in shown.facts:
                flow.addWidget(chip(fact))
            parts.append(holder(flow))
        if shown.reading:
            parts.append(label(tr("Reading again…"), "small"))
        if shown.trouble:
            role = "warn" if shown.asks else "bad"
            parts.append(_line(role, shown.trouble))
        if shown.excerpt:
            parts.append(label(f"“{shown.excerpt}”", "muted", wrap=True))
        parts += [_line(role, words, why) for role, words, why in shown.remarks[:MOST_REMARKS]]
        if len(shown.remarks) > MOST_REMARKS:
            parts.append(label(tr("and {count} more remarks", count=len(shown.remarks) - MOST_REMARKS), "small"))
        return parts

    def _answers(self) -> list[QWidget]:
        found: list[QWidget] = []
        if self._shown.speakers:
            found += [label(tr("speaker"), "small"), self.speaker]
        if self._shown.item is not None or self._shown.asks:
            found += [label(tr("persona"), "small"), self.name]
        return found

    def _name_field(self) -> QLineEdit:
        field = QLineEdit(self._shown.persona_name)
        field.setPlaceholderText(tr("Name of the persona"))
        field.setAccessibleName(tr("Name of the persona in {file}", file=self._shown.path.name))
        field.setFixedWidth(170)
        field.editingFinished.connect(self._answered)
        return field

    def _speaker_box(self) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(tr("Who is the persona in {file}", file=self._shown.path.name))
        if not self._shown.speaker:
            box.addItem(tr("Choose…"))
        box.addItems(list(self._shown.speakers))
        if self._shown.speaker:
            box.setCurrentText(self._shown.speaker)
        box.setMinimumWidth(140)
        box.activated.connect(lambda: self._answered())
        return box

    def _answered(self) -> None:
        chosen = self.speaker.currentText() if self._shown.speakers else self._shown.speaker
        speaker = chosen if chosen in self._shown.speakers else self._shown.speaker
        name = self.name.text().strip()
        if self._shown.asks == "speaker" and speaker and not name:
            name = speaker  # who speaks is who it is, unless something else was typed
        if (name, speaker) != (self._shown.persona_name, self._shown.speaker) and name:
            self._on_answer(name, speaker)

    def _picture(self) -> QWidget:
        item = self._shown.item
        image = QImage.fromData(item.portrait) if item is not None and item.portrait else QImage()
        if image.isNull():
            role = "bad" if self._shown.error and not self._shown.asks else "accent"
            name = "mdi6.file-alert-outline" if role == "bad" else "mdi6.file-document-outline"
            made = holder(column(row(None, IconLabel(name, role, 28), None), None))
            made.setFixedWidth(tokens.PORTRAIT_HEADER)
            return made
        face = QLabel()
        face.setPixmap(QPixmap(round_pixmap(image, tokens.PORTRAIT_HEADER, self.devicePixelRatioF())))
        return holder(column(face, None))


def _line(role: str, words: str, why: str = "") -> Part:
    text = label(words, role if role != "muted" else "small", wrap=True)
    text.setToolTip(why)
    mark = IconLabel(ICONS[role], role)
    line = row(mark, text, spacing=8)
    line.setAlignment(mark, Qt.AlignmentFlag.AlignTop)
    line.setStretch(1, 1)
    return line
