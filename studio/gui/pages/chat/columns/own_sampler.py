"""A sampler and a seed of a column's own, or as in the chat."""

import dataclasses

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QCheckBox, QLineEdit, QWidget

from studio.domain.chat import Sampler
from studio.gui.pages.chat.talk.sampling import SAMPLING
from studio.gui.widgets.basic import label
from studio.gui.widgets.layouts import column, row
from studio.gui.widgets.option_form import OptionForm
from studio.gui.widgets.steady import steady
from studio.texts import tr


class OwnSampler(QWidget):
    """``changed(sampler, seed)``: None where it is as in the chat."""

    changed = Signal(object, object)

    def __init__(self, sampler: Sampler | None, seed: int | None, chat: Sampler) -> None:
        super().__init__()
        self.setObjectName("clear")
        self._chat, self._sampler = chat, sampler
        self.shared = QCheckBox(tr("Sampler as in the chat"))
        self.shared.setChecked(sampler is None)
        self.form = OptionForm(SAMPLING, dataclasses.asdict(sampler or chat), field_width=84)
        self.form.setEnabled(sampler is not None)
        self.seed = QLineEdit("" if seed is None else str(seed))
        self.seed.setFixedWidth(120)
        self.seed.setPlaceholderText(tr("as in the chat"))
        self.seed.setAccessibleName(tr("Seed of this column"))
        self.seed.setToolTip(tr("Digits. Empty: the seed of the chat."))
        seed_name = label(tr("Seed"), "muted")
        seed_name.setBuddy(self.seed)
        self.setFixedWidth(300)
        self.setLayout(
            column(label(tr("This column only"), "h2"), self.shared, self.form, row(seed_name, None, self.seed))
        )
        self.shared.toggled.connect(self._share)
        self.form.changed.connect(self._change)
        self.seed.editingFinished.connect(self._tell)
        steady(self)

    def _share(self, shared: bool) -> None:
        self._sampler = None if shared else self._chat
        self.form.setEnabled(not shared)
        if shared:
            self.form.show_values(dataclasses.asdict(self._chat))
        self._tell()

    def _change(self, name: str, value: object) -> None:
        if self._sampler is not None:
            self._sampler = dataclasses.replace(self._sampler, **{name: value})  # type: ignore[arg-type]
            self._tell()

    def _tell(self) -> None:
        words = self.seed.text().strip()
        if not words.isdecimal():
            self.seed.clear()
            words = ""
        self.changed.emit(self._sampler, int(words) % 2**31 if words else None)
