"""Cards of the import dialog: one file, or files that are alike, with what was understood and what is asked."""

from __future__ import annotations

from collections.abc import Callable, Sequence

from PySide6.QtCore import Qt
from PySide6.QtGui import QImage, QPixmap
from PySide6.QtWidgets import QCheckBox, QFrame, QLabel, QWidget

from studio.gui.pages.personas.import_answers import AnswerFields
from studio.gui.pages.personas.import_rows import Answers, ImportRow, RowGroup
from studio.gui.theme import tokens
from studio.gui.widgets.basic import IconLabel, chip, label, link
from studio.gui.widgets.elided import ElidedLabel
from studio.gui.widgets.layouts import FlowLayout, Part, column, holder, row
from studio.gui.widgets.portrait import round_pixmap
from studio.texts import tr

MOST_REMARKS = 4
ICONS = {"bad": "mdi6.alert-circle-outline", "warn": "mdi6.alert-outline", "muted": "mdi6.information-outline"}


class ImportRowCard(QFrame):
    """Tells ``on_take`` about the tick, ``on_answer`` about answers."""

    def __init__(self, shown: ImportRow, on_take: Callable[[bool], None], on_answer: Callable[[Answers], None]) -> None:
        super().__init__()
        self.setObjectName("card")
        self._shown = shown
        self.setAccessibleName(shown.path.name)
        self.tick = _tick(shown.path.name, shown.taken, on_take)
        self.tick.setEnabled(shown.item is not None)
        self.fields = AnswerFields(shown, on_answer)
        self.news = label("", "small")
        self.show_news(shown.news)
        self._preview: QWidget | None = None
        self._body = column(*self._parts(), spacing=8)
        self.setLayout(row(column(self.tick, None), self._picture(), self._body, spacing=12, margins=(14, 12, 14, 12)))
        self.layout().setStretch(2, 1)  # type: ignore[union-attr]

    def show_news(self, words: str) -> None:
        """Say what of it the library has already."""
        self.news.setText(words)
        self.news.setVisible(bool(words))

    def _parts(self) -> list[Part]:
        shown = self._shown
        top = row(ElidedLabel(shown.path.name, "h2", middle=True), *self.fields.beside_title(), spacing=8)
        top.setStretch(0, 1)
        parts: list[Part] = [top]
        if shown.facts:
            parts.append(_chips(shown.facts))
        parts.append(self.news)
        if shown.reading:
            parts.append(label(tr("Reading again…"), "small"))
        if shown.trouble:
            parts.append(_line("warn" if shown.asks else "bad", shown.trouble))
        parts += [line for line in self._questions() if line is not None]
        parts += self._excerpt()
        return [*parts, *_remarks(shown.remarks)]

    def _questions(self) -> list[QWidget | None]:
        return [self.fields.columns_grid(), self.fields.dates_line(), self.fields.privacy_line()]

    def _excerpt(self) -> list[Part]:
        if not self._shown.excerpt:
            return []
        words = label(f"“{self._shown.excerpt}”", "muted", wrap=True)
        if not self._shown.preview:
            return [words]
        self.look = link(tr("Look inside"), self.toggle_preview)
        self.look.setAccessibleName(tr("Look inside {file}", file=self._shown.path.name))
        return [words, row(self.look, None)]

    def toggle_preview(self) -> None:
        """Show or hide the first turns as they would be stored."""
        if self._preview is None:
            self._preview = _preview(self._shown.preview)
            self._body.addWidget(self._preview)
            self._preview.hide()
        shown = self._preview.isHidden()
        self._preview.setVisible(shown)
        self.look.setText(tr("Close") if shown else tr("Look inside"))

    def _picture(self) -> QWidget:
        item = self._shown.item
        image = QImage.fromData(item.portrait) if item is not None and item.portrait else QImage()
        if image.isNull():
            role = "bad" if self._shown.error and not self._shown.asks else "accent"
            return _icon("mdi6.file-alert-outline" if role == "bad" else "mdi6.file-document-outline", role)
        face = QLabel()
        face.setPixmap(QPixmap(round_pixmap(image, tokens.PORTRAIT_HEADER, self.devicePixelRatioF())))
        return holder(column(face, None))


class ImportGroupCard(QFrame):
    """Files that are alike: ticked together, opened one by one when somebody wants to look closer."""

    def __init__(self, shown: RowGroup, on_take: Callable[[bool], None], on_open: Callable[[], None]) -> None:
        super().__init__()
        self.setObjectName("card")
        self.group = shown
        self.setAccessibleName(shown.title)
        self.tick = _tick(shown.title, shown.taken, on_take)
        self.news = label("", "small")
        self.show_news(shown.news)
        self.open = link(tr("Show the files"), on_open)
        self.open.setAccessibleName(tr("Show the files: {what}", what=shown.title))
        top = row(ElidedLabel(shown.title, "h2", middle=True), self.open)
        top.setStretch(0, 1)
        parts: list[Part] = [top, _chips(shown.facts), self.news]
        if shown.excerpt:
            parts.append(label(f"“{shown.excerpt}”", "muted", wrap=True))
        body = column(*parts, *_remarks(shown.remarks), spacing=8)
        picture = _icon("mdi6.file-document-multiple-outline", "accent")
        self.setLayout(row(column(self.tick, None), picture, body, spacing=12, margins=(14, 12, 14, 12)))
        self.layout().setStretch(2, 1)  # type: ignore[union-attr]

    def show_news(self, words: str) -> None:
        """Say what of them the library has already."""
        self.news.setText(words)
        self.news.setVisible(bool(words))


def _tick(name: str, on: bool, on_take: Callable[[bool], None]) -> QCheckBox:
    made = QCheckBox()
    made.setAccessibleName(tr("Import {file}", file=name))
    made.setChecked(on)
    made.toggled.connect(on_take)
    return made


def _icon(name: str, role: str) -> QWidget:
    made = holder(column(row(None, IconLabel(name, role, 28), None), None))
    made.setFixedWidth(tokens.PORTRAIT_HEADER)
    return made


def _chips(words: Sequence[str]) -> QWidget:
    flow = FlowLayout(spacing=6)
    for one in words:
        flow.addWidget(chip(one))
    return holder(flow)


def _remarks(remarks: Sequence[tuple[str, str, str]]) -> list[Part]:
    parts: list[Part] = [_line(role, words, why) for role, words, why in remarks[:MOST_REMARKS]]
    if len(remarks) > MOST_REMARKS:
        parts.append(label(tr("and {count} more remarks", count=len(remarks) - MOST_REMARKS), "small"))
    return parts


def _preview(turns: Sequence[tuple[str, str, bool]]) -> QWidget:
    parts: list[Part] = []
    for speaker, words, is_persona in turns:
        name = label(tr("{name} (the persona)", name=speaker) if is_persona else speaker, "small")
        parts += [name, label(words, "" if is_persona else "muted", wrap=True, selectable=True), 2]
    made = QFrame()
    made.setObjectName("raised")
    made.setLayout(column(*parts, spacing=2, margins=(12, 8, 12, 8)))
    return made


def _line(role: str, words: str, why: str = "") -> Part:
    text = label(words, role if role != "muted" else "small", wrap=True)
    text.setToolTip(why)
    mark = IconLabel(ICONS[role], role)
    line = row(mark, text, spacing=8)
    line.setAlignment(mark, Qt.AlignmentFlag.AlignTop)
    line.setStretch(1, 1)
    return line
