"""The menus of the page's head: earlier chats, and what can be done with the open one."""

from collections.abc import Callable
from functools import partial

from PySide6.QtWidgets import QMenu

from studio.gui.pages.chat.presenter import Presenter
from studio.gui.theme.icons import icon
from studio.texts import tr

_SHOWN = 30


def fill_earlier(
    menu: QMenu, presenter: Presenter, open: Callable[[str], object], delete: Callable[[], object]
) -> None:
    """One line a chat; the open one can be deleted."""
    chats = presenter.chats()
    for chat in chats[:_SHOWN]:
        act = menu.addAction(chat.title or tr("Untitled"), partial(open, chat.id))
        act.setCheckable(True)
        act.setChecked(chat.id == presenter.chat_id)
    if not chats:
        menu.addAction(tr("No chats yet")).setEnabled(False)
    if presenter.chat_id:
        menu.addSeparator()
        menu.addAction(tr("Delete this chat"), delete)


def fill_more(menu: QMenu, presenter: Presenter, act: Callable[[str], object]) -> None:
    """``act`` hears ``rename``, ``blend``, ``markdown``, ``json``, ``picture`` or ``delete``."""

    def line(word: str, symbol: str, text: str, enabled: bool = True) -> None:
        menu.addAction(icon(f"mdi6.{symbol}"), text, partial(act, word)).setEnabled(enabled)

    stored = bool(presenter.chat_id)
    line("rename", "pencil-outline", tr("Rename this chat…"), stored)
    line("blend", "blender-outline", tr("Blend adapters into a column…"))
    menu.addSeparator()
    line("picture", "image-outline", tr("Picture of the comparison (PNG)…"), stored)
    line("markdown", "language-markdown-outline", tr("Comparison as text (Markdown)…"), stored)
    line("json", "code-json", tr("Comparison as data (JSON)…"), stored)
    menu.addSeparator()
    line("delete", "trash-can-outline", tr("Delete this chat"), stored)
