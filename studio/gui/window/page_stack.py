"""The pages of the window: made when they are first asked for, told of every change."""

from __future__ import annotations

import importlib
import threading
from collections.abc import Sequence
from typing import TYPE_CHECKING, Protocol, cast

from PySide6.QtCore import Signal
from PySide6.QtWidgets import QStackedWidget, QWidget

from studio.domain.changes import Change
from studio.gui.navigator import Navigator
from studio.gui.widgets.basic import empty_state
from studio.texts import tr

if TYPE_CHECKING:  # at run time the services (and SQLite) come after the first paint
    from studio.services.studio import Studio

PAGES = ("personas", "persona", "chat", "train", "models", "settings", "first_start")


class Page(Protocol):
    """What ``studio.gui.pages.<name>.page.Page`` is, besides a widget.

    With a ``find_in_page`` it has a search of its own; over the widgets of its ``kept_free``, where people write and
    press, nothing is laid.
    """

    def open(self, **args: object) -> None:
        """Called each time the page is shown, with what ``open_page`` was given."""

    def on_change(self, change: Change) -> None:
        """Called for every change once the page exists, shown or not."""


class PageStack(QStackedWidget):
    """Shows one page at a time."""

    page_shown = Signal(str)

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("clear")
        self._pages: dict[str, QWidget] = {}
        self.current_name = ""
        self.addWidget(empty_state("mdi6.book-open-page-variant-outline", tr("Opening your library…"), ""))

    def open(self, name: str, studio: Studio, navigator: Navigator, args: dict[str, object]) -> None:
        """Show a page, made now if it is new."""
        if name not in PAGES:
            raise ValueError(f"there is no page called {name}")
        page = self._pages.get(name) or self._make(name, studio, navigator)
        self.current_name = name
        self.setCurrentWidget(page)
        cast(Page, page).open(**args)
        self.page_shown.emit(name)

    def read_ahead(self) -> None:
        """Read the modules of pages that may be asked for next, off the window's thread."""
        names = [f"studio.gui.pages.{name}.page" for name in PAGES if name not in self._pages]
        threading.Thread(target=lambda: [importlib.import_module(name) for name in names], daemon=True).start()

    def page(self, name: str) -> QWidget | None:
        """The page if it was made already."""
        return self._pages.get(name)

    def kept_free(self) -> Sequence[QWidget]:
        """What nothing is laid over, of the shown page."""
        return getattr(self.page(self.current_name), "kept_free", ())

    def on_change(self, change: Change) -> None:
        """Tell every page that exists."""
        for page in list(self._pages.values()):
            cast(Page, page).on_change(change)

    def _make(self, name: str, studio: Studio, navigator: Navigator) -> QWidget:
        module = importlib.import_module(f"studio.gui.pages.{name}.page")
        page: QWidget = module.Page(studio, navigator)
        page.setObjectName(page.objectName() or "clear")
        self._pages[name] = page
        self.addWidget(page)
        return page
