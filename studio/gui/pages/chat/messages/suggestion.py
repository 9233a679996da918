"""What the user might say next, written into the composer by the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.gui.theme.icons import set_icon
from studio.gui.widgets.basic import button
from studio.texts import tr

if TYPE_CHECKING:
    from studio.gui.pages.chat.bottom import Bottom
    from studio.gui.pages.chat.messages.desk import MessageDesk
    from studio.gui.pages.chat.presenter import Presenter
    from studio.gui.pages.chat.talk.screen import Try


class Suggestion:
    """A button beside the composer. Words that were typed already are not overwritten: they are put back by Undo."""

    def __init__(
        self, presenter: Presenter, messages: MessageDesk, bottom: Bottom,
        guarded: Try,
    ) -> None:  # fmt: skip
        self._presenter, self._messages, self._bottom, self._guarded = presenter, messages, bottom, guarded
        words = tr("Suggest what I might say (Ctrl+Space)")
        self.button = button("", "mdi6.account-edit-outline", name=words, on_click=self._clicked)
        self.button.setShortcut("Ctrl+Space")
        self.button.setMinimumHeight(38)
        bottom.add_tool(self.button)
        self._started = False

    def show(self) -> None:
        """It needs something to answer."""
        one = self._presenter
        said = bool(one.chat_id) and bool(one.open_chat.places()) and bool(one.open_chat.places()[0][1])
        ready = said and not one.replies.busy and not self._bottom.editing
        self.button.setEnabled(ready or self._messages.suggesting)
        set_icon(self.button, "mdi6.stop" if self._messages.suggesting else "mdi6.account-edit-outline")

    def _clicked(self) -> None:
        if self._messages.suggesting:
            self._messages.stop_suggesting()
        else:
            self._guarded(self._begin)
        self.show()

    def _begin(self) -> None:
        self._started = False
        self._messages.suggest(0, self._write, self.show)

    def _write(self, text: str) -> None:
        """In one step of the box's own undoing, so that Ctrl+Z brings back what was typed."""
        box = self._bottom.composer
        cursor = box.textCursor()
        cursor.joinPreviousEditBlock() if self._started else cursor.beginEditBlock()
        cursor.select(cursor.SelectionType.Document)
        cursor.insertText(text.strip())
        cursor.endEditBlock()
        box.setTextCursor(cursor)
        self._started = True
