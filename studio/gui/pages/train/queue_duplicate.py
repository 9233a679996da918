"""Duplicate a run with one change: which option (or the method), and its new value."""

from collections.abc import Callable, Mapping

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QVBoxLayout, QWidget

from studio.gui.widgets.basic import button, label
from studio.gui.widgets.layouts import clear, column, row
from studio.gui.widgets.option_form import OptionForm
from studio.options import Option
from studio.texts import tr

METHOD = "method"


class DuplicateDialog(QDialog):
    """``then(name, value)`` queues it. ``options``: the method's, ``values``: the run's, ``methods``: name to label."""

    def __init__(
        self, title: str, options: Mapping[str, Option], values: Mapping[str, object], methods: Mapping[str, str],
        then: Callable[[str, object], bool], parent: QWidget | None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self._options = {**options, METHOD: _method_option(tuple(methods))}
        self._values, self._methods, self._then = dict(values), dict(methods), then
        self.changed: tuple[str, object] | None = None
        self.setWindowTitle(tr("Duplicate with one change"))
        self.setMinimumWidth(440)
        self.what = self._picker()
        self._place = QVBoxLayout()
        self._help = label("", "small", wrap=True)
        self.add = button(tr("Add to the queue"), "mdi6.plus", primary=True, on_click=self._add)
        self.setLayout(column(
            label(tr("Duplicate with one change"), "h1"), label(title, "muted"), 6, self.what, self._help, self._place,
            8, row(None, button(tr("Cancel"), on_click=self.reject), self.add), spacing=10, margins=(24, 20, 24, 18),
        ))  # fmt: skip
        self._show_field()

    def _picker(self) -> QComboBox:
        made = QComboBox()
        made.setAccessibleName(tr("What to change"))
        ordered = sorted(self._options.values(), key=lambda one: (one.expert, one.name == METHOD))
        for one in ordered:
            made.addItem(tr(one.label), one.name)
            made.setItemData(made.count() - 1, tr(one.help), Qt.ItemDataRole.ToolTipRole)
        made.currentIndexChanged.connect(lambda _: self._show_field())
        return made

    def _show_field(self) -> None:
        clear(self._place)
        one = self._options[str(self.what.currentData())]
        self.changed = None
        self._help.setText(tr(one.help))
        form = OptionForm({one.name: one}, self._values, field_width=180, choice_labels={METHOD: self._methods})
        form.changed.connect(self._keep)
        form.refused.connect(lambda *_: self._keep("", None))
        self.form = form
        self._place.addWidget(form)
        self._show_add()

    def _keep(self, name: str, value: object) -> None:
        self.changed = (name, value) if name and value != self._values.get(name) else None
        self._show_add()

    def _show_add(self) -> None:
        words = tr("Add to the queue") if self.changed else tr("Add the same again")
        self.add.setText(words)
        self.add.setAccessibleName(words)

    def _add(self) -> None:
        self.add.setFocus()  # a value that is still being typed is told now
        name, value = self.changed or ("", None)
        if self._then(name, value):
            self.accept()


def _method_option(names: tuple[str, ...]) -> Option:
    return Option(
        label="Method", help="Another way to train, with the same data and settings.", choices=names, name=METHOD
    )
