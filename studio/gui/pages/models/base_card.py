"""A base as a card: what it is, where it lies, what it needs, and whether it is in memory."""

from collections.abc import Callable
from functools import partial

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFrame, QGridLayout, QLabel, QMenu

from studio.gui.pages.models.presenter import BaseCard, Need
from studio.gui.theme.icons import icon
from studio.gui.widgets.basic import IconLabel, button, chip, icon_button, label
from studio.gui.widgets.elided import ElidedLabel
from studio.gui.widgets.layouts import column, row
from studio.gui.widgets.memory_bar import MemoryBar, Segment
from studio.texts import tr


class BaseCardFrame(QFrame):
    """``acts``: load, make_default, remove, each taking the base's id."""

    def __init__(self, shown: BaseCard, acts: dict[str, Callable[..., None]]) -> None:
        super().__init__()
        self.setObjectName("card")
        self.setAccessibleName(tr("Base {name}", name=shown.name))
        self._shown, self._acts = shown, acts
        names = column(
            row(label(shown.name, "h2"), *self._chips(), None), label(shown.facts, "small", wrap=True), spacing=3
        )
        head = row(
            IconLabel("mdi6.cube-outline", "accent" if shown.loaded else "muted", 34),
            names,
            *self._buttons(),
            spacing=12,
        )
        head.setStretch(1, 1)
        self.setLayout(
            column(
                head, self._needs(), ElidedLabel(shown.path, "small", middle=True), margins=(18, 16, 16, 14), spacing=10
            )
        )

    def _chips(self) -> list[QLabel]:
        chips = [chip(self._shown.loaded)] if self._shown.loaded else []
        if self._shown.is_default:
            chips.append(chip(tr("default")))
        if self._shown.missing:
            chips.append(label(tr("folder not found"), "bad"))
        return chips

    def _buttons(self) -> list:  # type: ignore[type-arg]
        key = self._shown.id
        load = button(tr("Load"), "mdi6.memory", on_click=lambda: self._acts["load"](key),
                      name=tr("Load {name} into memory", name=self._shown.name))  # fmt: skip
        load.setVisible(not self._shown.loaded and not self._shown.missing)
        more = icon_button("mdi6.dots-horizontal", tr("More about {name}", name=self._shown.name), self._open_menu)
        self._more = more
        return [load, more]

    def _open_menu(self) -> None:
        menu = QMenu(self)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        default = menu.addAction(icon("mdi6.star-outline"), tr("Make it the default"),
                                 lambda: self._acts["make_default"](self._shown.id))  # fmt: skip
        default.setEnabled(not self._shown.is_default)
        ways = menu.addMenu(icon("mdi6.memory"), tr("Load as"))
        ways.setEnabled(not self._shown.missing)
        for words, kept in ((tr("16-bit"), "none"), (tr("NF4 (4-bit)"), "nf4")):
            ways.addAction(words, partial(self._acts["load"], self._shown.id, kept))
        menu.addAction(
            icon("mdi6.trash-can-outline"), tr("Remove from the library"), lambda: self._acts["remove"](self._shown.id)
        )
        menu.exec(self._more.mapToGlobal(self._more.rect().bottomLeft()))

    def _needs(self) -> QGridLayout:
        grid = QGridLayout()
        grid.setHorizontalSpacing(12)
        grid.setVerticalSpacing(6)
        grid.setColumnStretch(1, 1)
        for line, need in enumerate(self._shown.needs):
            grid.addWidget(label(need.label, "small"), line, 0)
            grid.addWidget(_bar(need), line, 1)
            words = label(need.words, "small" if need.fits else "bad")
            words.setAlignment(Qt.AlignmentFlag.AlignRight)
            grid.addWidget(words, line, 2)
        return grid


def _bar(need: Need) -> MemoryBar:
    bar = MemoryBar(8)
    bar.show_segments([Segment(need.label, need.amount, "accent")], need.total)
    return bar
