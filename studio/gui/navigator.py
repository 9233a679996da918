"""What a page may ask of the window around it: go somewhere, say something, import something."""

from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Protocol

from PySide6.QtWidgets import QWidget

from studio.domain.chat import Contestant
from studio.domain.errors import StudioError


class Navigator(Protocol):
    """Given to every page. The main window is one; tests have their own."""

    def open_page(self, name: str, **args: object) -> None:
        """Show a page by its name: ``personas persona chat train models settings``; ``args`` go to its ``open``."""

    def open_persona(self, persona_id: str, tab: str = "card") -> None:
        """Show a persona's workspace at a tab: ``card``, ``data`` or ``adapters``."""

    def open_train(self, persona_id: str = "") -> None:
        """Show the Train page with this persona chosen."""

    def open_chat(self, contestants: Sequence[Contestant] = (), chat_id: str = "") -> None:
        """Show the Chat page: an existing chat, a new one with these contestants, or the one that was open."""

    def import_files(self, paths: Sequence[Path] = (), persona: str = "") -> None:
        """Open the import dialog on these files; without any, ask for files first."""

    def toast(self, text: str, undo: Callable[[], None] | None = None) -> None:
        """Say one sentence for some seconds at the bottom of the window, with an Undo button when it can be undone."""

    def show_error(self, error: StudioError) -> None:
        """Tell a user's trouble in its sentence, calmly."""

    def reopen(self, library: Path) -> None:
        """Close this library and open another one, now and at every start that names none."""

    def window_widget(self) -> QWidget:
        """The parent for dialogs."""
