"""The questions about one file of an import: whose lines, which speaker, day or month first, columns, privacy."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace

from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLineEdit, QWidget

from studio.gui.pages.personas.import_rows import Answers, ImportRow
from studio.gui.widgets.basic import label
from studio.gui.widgets.layouts import holder, row
from studio.texts import tr

COLUMN_ROLES = ("persona", "user", "system", "speaker", "text", "conversation", "title", "rejected")
"""What a column of a table can be, in the order in which it is asked."""


def role_words(role: str) -> str:
    """What a column is for, in the user's language."""
    words = {
        "persona": tr("What the persona says"), "user": tr("What the user says"), "system": tr("System prompt"),
        "speaker": tr("Who speaks (one line a row)"), "text": tr("What is said (one line a row)"),
        "conversation": tr("Which conversation"), "title": tr("Title"), "rejected": tr("A worse reply"),
    }  # fmt: skip
    return words[role]


class AnswerFields:
    """The fields of one row. Every answer is told whole, with what was known before."""

    def __init__(self, shown: ImportRow, on_answer: Callable[[Answers], None]) -> None:
        self._shown, self._on_answer = shown, on_answer
        self.name = self._name_field()
        self.speaker = self._speaker_box()
        self.dates = self._dates_box()
        self.hide_names = self._privacy_box(tr("Hide names"), self._hidden("names_hidden"))
        self.hide_names.setToolTip(tr("Other people's names become {{user}} or invented ones, the same everywhere."))
        self.hide_details = self._privacy_box(tr("Hide personal details"), self._hidden("details_hidden"))
        self.hide_details.setToolTip(tr("Mail addresses, phone numbers, streets and the like are masked."))
        self.columns: dict[str, QComboBox] = {}

    def beside_title(self) -> list[QWidget]:
        """Speaker and name: what every file may be asked."""
        found: list[QWidget] = []
        if self._shown.speakers:
            found += [label(tr("speaker"), "small"), self.speaker]
        if self._shown.item is not None or self._shown.asks:
            found += [label(tr("persona"), "small"), self.name]
        return found

    def dates_line(self) -> QWidget | None:
        """The order of day and month, where the file has dates in figures."""
        if not self._shown.has_dates:
            return None
        words = tr("Its dates can be read both ways. Which comes first?")
        said = words if self._shown.asks_for_dates else tr("Dates were read as")
        return holder(row(label(said, "warn" if self._shown.asks_for_dates else "small"), self.dates, None))

    def privacy_line(self) -> QWidget | None:
        """Whether names and details are hidden, where real people speak."""
        item = self._shown.item
        if item is None or not (item.real_people or item.names_hidden or item.details_hidden):
            return None
        words = label(tr("Real people speak here:"), "small")
        return holder(row(words, self.hide_names, self.hide_details, None, spacing=14))

    def columns_grid(self) -> QWidget | None:
        """What each column of a table is."""
        if not self._shown.columns:
            return None
        grid = QGridLayout()
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(10)
        for number, role in enumerate(COLUMN_ROLES):
            box = self._column_box(role)
            place = number // 2, 2 * (number % 2)
            grid.addWidget(label(role_words(role), "small"), *place)
            grid.addWidget(box, place[0], place[1] + 1)
        grid.setColumnStretch(4, 1)
        return holder(grid)

    # -- the fields ---------------------------------------------------------------------------------------------

    def _name_field(self) -> QLineEdit:
        field = QLineEdit(self._shown.persona_name)
        field.setPlaceholderText(tr("Name of the persona"))
        field.setAccessibleName(tr("Name of the persona in {file}", file=self._shown.path.name))
        field.setFixedWidth(170)
        field.editingFinished.connect(self._named)
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
        box.activated.connect(lambda: self._named())
        return box

    def _dates_box(self) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(tr("Order of day and month in {file}", file=self._shown.path.name))
        if self._shown.asks_for_dates:
            box.addItem(tr("Choose…"), None)
        box.addItem(tr("day first (31/12)"), True)
        box.addItem(tr("month first (12/31)"), False)
        if self._shown.item is not None and not self._shown.asks_for_dates:
            box.setCurrentIndex(0 if self._shown.item.date_order == "day_first" else 1)
        box.activated.connect(lambda: self._tell(day_first=box.currentData()))
        return box

    def _privacy_box(self, words: str, on: bool) -> QCheckBox:
        box = QCheckBox(words)
        box.setAccessibleName(tr("{what} in {file}", what=words, file=self._shown.path.name))
        box.setChecked(on)
        box.clicked.connect(lambda: self._private())
        return box

    def _column_box(self, role: str) -> QComboBox:
        box = QComboBox()
        box.setAccessibleName(tr("Column for: {what}", what=role_words(role)))
        box.addItem(tr("no column"), "")
        for name in self._shown.columns:
            box.addItem(name, name)
        box.setCurrentIndex(max(box.findData(self._shown.mapping.get(role, "")), 0))
        box.setMinimumWidth(116)
        box.activated.connect(lambda: self._mapped())
        self.columns[role] = box
        return box

    # -- answers ------------------------------------------------------------------------------------------------

    def _hidden(self, what: str) -> bool:
        return bool(getattr(self._shown.item, what, False))

    def _named(self) -> None:
        chosen = self.speaker.currentText() if self._shown.speakers else self._shown.speaker
        speaker = chosen if chosen in self._shown.speakers else self._shown.speaker
        name = self.name.text().strip()
        if self._shown.asks == "speaker" and speaker and not name:
            name = speaker  # who speaks is who it is, unless something else was typed
        if (name, speaker) != (self._shown.persona_name, self._shown.speaker) and name:
            self._tell(name=name, speaker=speaker)

    def _private(self) -> None:
        self._tell(hide_names=self.hide_names.isChecked(), hide_details=self.hide_details.isChecked())

    def _mapped(self) -> None:
        chosen = {role: str(box.currentData()) for role, box in self.columns.items() if box.currentData()}
        if {"persona"} <= chosen.keys() or {"speaker", "text"} <= chosen.keys():
            self._tell(columns=chosen)

    def _tell(self, **said: object) -> None:
        """A change of speaker must not forget the name that was typed, and the other way round."""
        before = replace(
            self._shown.answers,
            name=self.name.text().strip() or self._shown.persona_name,
            speaker=self._shown.answers.speaker or (self._shown.speaker if self._shown.speakers else ""),
        )
        self._on_answer(replace(before, **said))  # type: ignore[arg-type]
