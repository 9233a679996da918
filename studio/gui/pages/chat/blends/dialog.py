"""The blend dialog: adapters of one base and their weights, used as a column at once or baked into one adapter."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QHBoxLayout, QMenu, QWidget

from studio.domain.chat import Contestant
from studio.gui.pages.chat.blends.blending import Blend, PartView
from studio.gui.widgets.basic import button, icon_button, label, scrolling
from studio.gui.widgets.elided import ElidedLabel
from studio.gui.widgets.layouts import clear, column, holder, row
from studio.gui.widgets.portrait import Portrait
from studio.gui.widgets.steady import steady
from studio.gui.widgets.strength_slider import StrengthSlider
from studio.texts import tr

_NAMES = 190


class BlendDialog(QDialog):
    """``use`` hears the contestant that it becomes; ``bake`` the same, to be written as an adapter of its own."""

    def __init__(
        self, state: Blend, use: Callable[[Contestant], object], bake: Callable[[Contestant], object],
        parent: QWidget | None,
    ) -> None:  # fmt: skip
        super().__init__(parent)
        self.state, self._use, self._bake = state, use, bake
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.setWindowTitle(tr("Blend"))
        self.setMinimumSize(560, 340)
        said = tr(
            "Several adapters speak at once, each as loudly as you let it. Nothing is loaded anew, and nothing is "
            "written until you bake it."
        )
        self._rows = column(spacing=10)
        self.add = button(tr("Add an adapter"), "mdi6.plus", on_click=self._open_adding)
        self._words, self._caution = label("", "h2", wrap=True), label("", "warn", wrap=True)
        self.baking = button(tr("Bake…"), "mdi6.archive-arrow-down-outline", on_click=self._to_bake,
                             tip=tr("Write it as an adapter of its own"))  # fmt: skip
        self.use = button(tr("Use as a column"), "mdi6.blender-outline", primary=True, on_click=self._to_use)
        foot = row(self.baking, None, button(tr("Cancel"), on_click=self.reject), self.use)
        parts = scrolling(holder(column(self._rows, row(self.add, None), None, spacing=12, margins=(0, 0, 8, 0))))
        whole = column(
            label(tr("Blend"), "h1"), label(said, "muted", wrap=True), 4, parts, self._words, self._caution, 4, foot,
            spacing=8, margins=(24, 20, 24, 18),
        )  # fmt: skip
        whole.setStretch(3, 1)
        self.setLayout(whole)
        self.use.setDefault(True)
        self._show_parts()

    def sliders(self) -> list[StrengthSlider]:
        """The weights, in order."""
        return self.findChildren(StrengthSlider)

    def fill_adding(self, menu: QMenu) -> None:
        """The adapters that could be added."""
        for one in self.state.free():
            menu.addAction(one.name, partial(self._add_part, one.id))

    def _open_adding(self) -> None:
        menu = QMenu(self)
        self.fill_adding(menu)
        menu.exec(self.add.mapToGlobal(self.add.rect().bottomLeft()))
        menu.deleteLater()

    def _add_part(self, adapter_id: str) -> None:
        self.state.add(adapter_id)
        self._show_parts()

    def _remove(self, adapter_id: str) -> None:
        self.state.remove(adapter_id)
        self._show_parts()

    def _weigh(self, adapter_id: str, weight: float) -> None:
        self.state.weigh(adapter_id, weight)
        self._show_sum()

    def _show_parts(self) -> None:
        clear(self._rows)
        for view in self.state.views():
            self._rows.addWidget(holder(self._row(view)))
        self.add.setVisible(bool(self.state.free()))
        steady(self)
        self._show_sum()

    def _show_sum(self) -> None:
        self._words.setText(self.state.words())
        caution = self.state.caution()
        self._caution.setText(caution)
        self._caution.setVisible(bool(caution))
        for one in (self.use, self.baking):
            one.setEnabled(self.state.ready())

    def _row(self, view: PartView) -> QHBoxLayout:
        slider = StrengthSlider(tr("weight"))
        slider.setAccessibleName(tr("Weight of {name}", name=view.name))
        slider.show_strength(view.weight, enabled=True, colour=view.colour)
        slider.changed.connect(partial(self._weigh, view.adapter_id))
        names = holder(column(ElidedLabel(view.persona, "h2"), ElidedLabel(view.name, "small"), spacing=0))
        names.setFixedWidth(_NAMES)
        away = icon_button("mdi6.close", tr("Take {name} out of the blend", name=view.name),
                           partial(self._remove, view.adapter_id), size=26)  # fmt: skip
        line = row(Portrait(34, view.persona, view.colour, view.portrait), names, slider, away, spacing=12)
        line.setStretch(2, 1)
        return line

    def _to_use(self) -> None:
        chosen = self.state.contestant()
        self.accept()
        self._use(chosen)

    def _to_bake(self) -> None:
        chosen = self.state.contestant()
        self.accept()
        self._bake(chosen)
