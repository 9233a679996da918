"""What can be done with a column, as lines of a menu; each is a word that ``column_acts`` understands."""

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QMenu

from studio.gui.pages.chat.talk.screen import ColumnView
from studio.gui.theme.icons import icon
from studio.texts import tr


def fill(menu: QMenu, view: ColumnView, number: int, count: int, ask: Callable[[str], object]) -> None:
    """``number`` (from 0) of ``count`` columns. While a blind vote runs, nothing is offered that would tell a name."""

    def line(wish: str, symbol: str, words: str, enabled: bool = True) -> None:
        menu.addAction(icon(f"mdi6.{symbol}"), words, partial(ask, wish)).setEnabled(enabled)

    if not view.hidden and not view.cast:
        line("change", "account-switch-outline", tr("Change who answers…"))
        line("own", "tune-variant", tr("Sampler and seed of this column…"))
        menu.addSeparator()
        line("sweep", "stairs", tr("Strength sweep…"), not view.is_base)
        line("blend", "blender-outline", tr("Blend…"), not view.is_base)
        line("bake", "archive-arrow-down-outline", tr("Bake into a new adapter…"), not view.is_base)
        menu.addSeparator()
    line("continue", "call-merge", tr("Continue with this column"), view.said and count > 1)
    line("copy", "content-copy", tr("Copy the whole conversation"), view.said)
    menu.addSeparator()
    line("left", "arrow-left", tr("Move to the left") + "\tCtrl+Shift+Left", number > 0)
    line("right", "arrow-right", tr("Move to the right") + "\tCtrl+Shift+Right", number < count - 1)
    line("remove", "close", tr("Remove this column"), count > 1)
