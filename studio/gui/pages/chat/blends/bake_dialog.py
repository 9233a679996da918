"""The bake dialog: a blend or a strength is written as a new adapter, exactly or squeezed into fewer ranks."""

from collections.abc import Callable

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QComboBox, QDialog, QLineEdit, QProgressBar, QRadioButton, QSpinBox, QWidget

from studio.domain.adapter import Adapter
from studio.domain.errors import StudioError
from studio.gui.pages.chat.blends.bake_desk import BakeDesk, baked_words
from studio.gui.widgets.basic import button, label
from studio.gui.widgets.layouts import column, row
from studio.gui.widgets.number_box import padded
from studio.gui.widgets.steady import steady
from studio.services.job import Job
from studio.texts import sentence, tr


class BakeDialog(QDialog):
    """``use`` puts the new adapter into the column that it was made from."""

    def __init__(self, desk: BakeDesk, use: Callable[[Adapter], object], parent: QWidget | None) -> None:
        super().__init__(parent)
        self._desk, self._use = desk, use
        self._job: Job[Adapter] | None = None
        self._made: Adapter | None = None
        self._closed = False  # the job may end later than the dialog
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Bake into a new adapter"))
        self.setMinimumWidth(520)
        self.name = QLineEdit(desk.name())
        self.name.setAccessibleName(tr("Name of the new adapter"))
        self.owner = QComboBox()
        self.owner.setAccessibleName(tr("Whose adapter it is"))
        for persona in desk.people():
            self.owner.addItem(persona.name, persona.id)
        self.owner.setCurrentIndex(max(self.owner.findData(desk.owner()), 0))
        self._make_ranks()
        self._make_foot()
        self._build()
        self._show()

    def _make_ranks(self) -> None:
        view = self._desk.look(0)
        self.exact = QRadioButton(tr("Exactly: rank {rank}", rank=view.exact_rank))
        self.squeezed = QRadioButton(tr("Squeezed to rank"))
        self.exact.setChecked(True)
        self.rank = padded(QSpinBox())
        self.rank.setRange(1, max(view.exact_rank - 1, 1))
        self.rank.setValue(max(view.exact_rank // 2, 1))
        self.rank.setFixedWidth(84)
        self.rank.setAccessibleName(tr("Rank"))
        for one in (self.exact, self.squeezed):
            one.toggled.connect(lambda _: self._show())
        self.rank.valueChanged.connect(lambda _: self._show())
        self.squeezed.setEnabled(view.exact_rank > 1)

    def _make_foot(self) -> None:
        self._words, self._trouble = label("", "h2"), label("", "bad", wrap=True)
        self._bar = QProgressBar()
        self._bar.setAccessibleName(tr("Baking"))
        self._bar.setRange(0, 0)
        self._bar.hide()
        self.away = button(tr("Cancel"), on_click=self._leave)
        self.start = button(tr("Bake"), "mdi6.archive-arrow-down-outline", primary=True, on_click=self._start)
        self.use = button(tr("Use it in the column"), primary=True, on_click=self._to_use)
        self.use.hide()

    def _build(self) -> None:
        said = tr("The new adapter stands for itself: it can be chatted with, trained on and exported like any other. "
                  "Where it came from stays written on it.")  # fmt: skip
        squeeze = tr("Fewer ranks make a smaller file and keep the strongest directions (SVD); how much was kept is "
                     "told at the end.")  # fmt: skip
        self.setLayout(column(
            label(tr("Bake into a new adapter"), "h1"), label(said, "muted", wrap=True), 4,
            label(tr("Name"), "small"), self.name, label(tr("Persona"), "small"), self.owner, 4, self.exact,
            row(self.squeezed, self.rank, None), label(squeeze, "small", wrap=True), 4, self._words, self._trouble,
            self._bar, 6, row(None, self.away, self.start, self.use), spacing=6, margins=(24, 20, 24, 18),
        ))  # fmt: skip
        self.start.setDefault(True)
        steady(self)

    def chosen_rank(self) -> int:
        """The rank to bake to; 0: exactly."""
        return self.rank.value() if self.squeezed.isChecked() else 0

    def _show(self) -> None:
        self.rank.setEnabled(self.squeezed.isChecked())
        view = self._desk.look(self.chosen_rank())
        self._words.setText(view.words)
        self._tell(view.trouble)
        self.start.setEnabled(not view.trouble)

    def _tell(self, trouble: str) -> None:
        self._trouble.setText(trouble)
        self._trouble.setVisible(bool(trouble))

    def _start(self) -> None:
        self._tell("")
        try:
            self._job = self._desk.bake(self.name.text(), self.chosen_rank(), str(self.owner.currentData()))
        except StudioError as error:
            self._tell(sentence(error))
            return
        self._show_busy(True)
        self._job.on_end(self._ended)

    def _show_busy(self, busy: bool) -> None:
        self._bar.setVisible(busy)
        for one in (self.start, self.name, self.owner, self.exact, self.squeezed, self.rank):
            one.setEnabled(not busy)

    def _ended(self, job: Job[Adapter]) -> None:
        if self._closed:
            return
        self._job = None
        self._show_busy(False)
        if job.result is not None:
            self._show_made(job.result)
        else:
            self._show()
            self._tell(sentence(job.error) if job.error and job.error.code != "cancelled" else "")

    def _show_made(self, adapter: Adapter) -> None:
        self._made = adapter
        self._words.setText(baked_words(adapter))
        for one in (self.name, self.owner, self.exact, self.squeezed, self.rank):
            one.setEnabled(False)
        self.start.hide()
        self.use.show()
        self.use.setDefault(True)
        self.use.setFocus(Qt.FocusReason.OtherFocusReason)
        self.away.setText(tr("Close"))

    def _to_use(self) -> None:
        self.accept()
        if self._made is not None:
            self._use(self._made)

    def _leave(self) -> None:
        """Cancel what is being baked; close when nothing is."""
        if self._job is not None:
            self._job.cancel()
        else:
            self.reject()

    def done(self, result: int) -> None:
        """Qt's: however it is closed, what is being baked is given up."""
        self._closed = True
        if self._job is not None:
            self._job.cancel()
        super().done(result)
