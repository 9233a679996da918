"""A mode of the page may show columns otherwise than they are: without names, or as one scene. Knows no Qt."""

from typing import Protocol

from studio.gui.pages.chat.talk.screen import ColumnView
from studio.gui.widgets.message import Message


class Curtain(Protocol):
    """Asked for every header and every thread before it is shown."""

    def header(self, column: int, view: ColumnView) -> ColumnView:
        """The header as it is shown."""

    def thread(self, column: int, messages: list[Message]) -> list[Message]:
        """The thread as it is shown."""
