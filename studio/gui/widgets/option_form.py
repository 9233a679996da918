"""A form made from ``Option`` declarations: label, tooltip, bounds and choices. No option is known by its name here."""

from collections.abc import Container, Mapping

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QComboBox, QGridLayout, QLabel, QLineEdit, QVBoxLayout, QWidget

from studio.gui import figures
from studio.gui.widgets.basic import label, set_kind
from studio.gui.widgets.layouts import column
from studio.options import Option, checked
from studio.texts import tr


class OptionForm(QWidget):
    """One row an option. ``changed(name, value)`` tells valid values only; an invalid one is explained in its row."""

    changed = Signal(str, object)
    refused = Signal(str, str)

    def __init__(
        self,
        options: Mapping[str, Option],
        values: Mapping[str, object],
        *,
        field_width: int = 120,
        choice_labels: Mapping[str, Mapping[str, str]] | None = None,
        helped: bool = False,
    ) -> None:
        """``choice_labels``: words for choices that are ids. ``helped``: the help stands under each label."""
        super().__init__()
        self._choice_labels = choice_labels or {}
        self._helped = helped
        self.setObjectName("clear")
        self._options = dict(options)
        self._fields: dict[str, QWidget] = {}
        self._problems: dict[str, QWidget] = {}
        grid = QGridLayout(self)
        grid.setContentsMargins(0, 0, 0, 0)
        grid.setHorizontalSpacing(8)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(0, 1)
        for number, one in enumerate(self._options.values()):
            self._add(grid, number * 2, one, field_width)
        self.show_values(values)

    def field(self, name: str) -> QWidget:
        """The editor of an option."""
        return self._fields[name]

    def show_values(self, values: Mapping[str, object]) -> None:
        """Show values without telling; a field that has the focus is left to its user."""
        for name, value in values.items():
            field = self._fields.get(name)
            if field is not None and not field.hasFocus():
                field.blockSignals(True)
                _show(field, value)
                field.blockSignals(False)
                self._problems[name].hide()

    def fix(self, names: Container[str]) -> None:
        """These cannot be changed now, all others can."""
        for name, field in self._fields.items():
            field.setEnabled(name not in names)

    def _add(self, grid: QGridLayout, line: int, one: Option, width: int) -> None:
        words = label(tr(one.label) + (f" ({one.unit})" if one.unit else ""), "muted", wrap=True)
        field = self._made(one)
        field.setFixedWidth(width)
        field.setAccessibleName(tr(one.label))
        field.setAccessibleDescription(tr(one.help))
        for part in (words, field):
            part.setToolTip(tr(one.help))
        words.setBuddy(field)
        problem = label("", "bad", wrap=True)
        problem.hide()
        grid.addLayout(self._names(words, one), line, 0)
        grid.addWidget(field, line, 1)
        grid.addWidget(problem, line + 1, 0, 1, 2)
        self._fields[one.name], self._problems[one.name] = field, problem

    def _names(self, words: QLabel, one: Option) -> QVBoxLayout:
        if not self._helped:
            return column(words, spacing=0)
        set_kind(words, "")
        return column(words, label(tr(one.help), "small", wrap=True), 8, spacing=1)

    def _made(self, one: Option) -> QWidget:
        if one.kind is bool:
            return self._check(one)
        if one.choices:
            return self._choice(one)
        return self._written(one)

    def _check(self, one: Option) -> QWidget:
        made = QCheckBox()
        made.toggled.connect(lambda on: self._tell(one, on))
        return made

    def _choice(self, one: Option) -> QWidget:
        made, labels = QComboBox(), self._choice_labels.get(one.name, {})
        for choice in one.choices:
            made.addItem(labels.get(choice) or tr(choice), choice)
        made.currentIndexChanged.connect(lambda _: self._tell(one, made.currentData()))
        return made

    def _written(self, one: Option) -> QWidget:
        made = QLineEdit()
        made.editingFinished.connect(lambda: self._tell(one, made.text().strip()))
        return made

    def _tell(self, one: Option, value: object) -> None:
        problem = self._problems[one.name]
        try:
            ready = checked(one, value)
        except ValueError as error:
            problem.setText(str(error))  # type: ignore[attr-defined]
            problem.show()
            self.refused.emit(one.name, str(error))
        else:
            problem.hide()
            self.changed.emit(one.name, ready)


def _show(field: QWidget, value: object) -> None:
    if isinstance(field, QCheckBox):
        field.setChecked(bool(value))
    elif isinstance(field, QComboBox):
        field.setCurrentIndex(field.findData(value))
    elif isinstance(field, QLineEdit):
        field.setText(figures.learning_rate(value) if isinstance(value, float) else str(value))
