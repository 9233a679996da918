"""The loss curve with its key, and under it the small charts that were switched on."""

from PySide6.QtGui import QAction
from PySide6.QtWidgets import QMenu, QVBoxLayout, QWidget

from studio.gui.pages.train.run.curves import RunCurves
from studio.gui.theme import tokens
from studio.gui.widgets.basic import button, label
from studio.gui.widgets.layouts import column, holder, row
from studio.gui.widgets.loss_curve import LossCurve
from studio.gui.widgets.small_chart import SmallChart
from studio.texts import tr


class Charts(QWidget):
    """One pointer for all of them: where it stands in one, the others read the same step."""

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("clear")
        self.curve = LossCurve(tr("The curve appears with the first steps."))
        self.curve.hovered.connect(self._hovered)
        self._curves = RunCurves("")
        self._colour, self._total = "", 0
        self._on: list[str] = []
        self._small: dict[str, SmallChart] = {}
        self._switches: dict[str, QAction] = {}
        self.menu = QMenu(self)
        self.more = button(tr("Charts"), "mdi6.chart-line", quiet=True, name=tr("More charts"),
                           tip=tr("Learning rate, gradient norm, speed, memory … over the steps"))  # fmt: skip
        self.more.setMenu(self.menu)
        self.more.setStyleSheet("padding: 2px 8px; font-size: 12px;")
        self._place = QVBoxLayout()
        self._place.setSpacing(4)
        self._train_key, self._neutral_key = label("━", "small"), label(tr("┄ neutral text"), "small")
        whole = column(self.curve, self._keys(), self._place, spacing=6)
        whole.setStretch(0, 1)
        self.setLayout(whole)

    def _keys(self) -> QWidget:
        keys = row(
            self._train_key, label(tr("training, smoothed"), "small"), 6, label("●", "small"),
            label(tr("held-out lines"), "small"), 6, self._neutral_key, spacing=4,
        )  # fmt: skip
        return holder(row(keys, None, self.more, spacing=10))

    def show_curves(self, curves: RunCurves, *, total_steps: int, colour: str, best_step: int) -> None:
        """Show a run's points."""
        theme = tokens.current()
        self._curves, self._total = curves, total_steps
        self._colour = tokens.readable(colour, theme.surface, 3.0) if colour else theme.accent
        self._train_key.setStyleSheet(f"color: {self._colour};")
        self.curve.more_to_read = curves.at
        self.curve.show_points(
            curves.losses("train"), curves.heldout(), base=curves.base(), neutral=curves.losses("neutral"),
            total_steps=total_steps, colour=colour, best_step=best_step,
        )  # fmt: skip
        self._neutral_key.setVisible(self.curve.shows_neutral)
        self._show_switches(curves.known())
        for name in self._small:
            self._fill(name)

    def _show_switches(self, known: list[tuple[str, str]]) -> None:
        names = {name for name, _ in known}
        self.more.setEnabled(bool(names))
        for name, words in known:
            if name not in self._switches:
                self._switches[name] = self._switch(name, words)
        for name, switch in self._switches.items():
            switch.setVisible(name in names)
            if name in self._small and name not in names:
                self._drop(name)
        for name in [one for one in self._on if one in names and one not in self._small]:
            self._add(name)

    def _switch(self, name: str, words: str) -> QAction:
        made = self.menu.addAction(words)
        made.setCheckable(True)
        made.setChecked(name in self._on)
        made.toggled.connect(lambda on: self.switch(name, on))
        return made

    def switch(self, name: str, on: bool) -> None:
        """Show or hide a small chart; the next run is looked at with the same ones."""
        if on and name not in self._on:
            self._on.append(name)
            self._add(name)
        elif not on and name in self._on:
            self._on.remove(name)
            self._drop(name)

    def _drop(self, name: str) -> None:
        gone = self._small.pop(name, None)
        if gone is not None:
            self._place.removeWidget(gone)
            gone.hide()
            gone.deleteLater()

    def _add(self, name: str) -> None:
        figure = self._curves.figure(name)
        made = SmallChart(figure.label, figure.words)
        made.hovered.connect(self._hovered)
        self._small[name] = made
        self._place.addWidget(made)
        made.show()
        self._fill(name)

    def _fill(self, name: str) -> None:
        self._small[name].show_points(self._curves.figure(name).points, self._colour, self.curve.range[1])

    def _hovered(self, step: float | None) -> None:
        for one in (self.curve, *self._small.values()):
            one.show_hover(step)
