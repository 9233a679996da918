"""What can be done from anywhere, as data: menus, shortcuts, command palette and shortcut list are made from it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Protocol

from studio.gui.navigator import Navigator
from studio.texts import tr


class Commands(Navigator, Protocol):
    """What an action may ask of the window, besides going somewhere."""

    def new_persona(self) -> None:
        """Make an empty persona and open it."""

    def add_samples(self) -> None:
        """Add the sample personas to the library."""

    def show_palette(self) -> None:
        """Open the command palette."""

    def show_shortcuts(self) -> None:
        """Open the list of shortcuts."""

    def find_in_page(self) -> None:
        """Put the cursor into the search field of the page that is shown."""

    def set_theme(self, wish: str) -> None:
        """Show a theme and remember it."""

    def restart_engine(self) -> None:
        """Start the engine again."""

    def show_engine_log(self) -> None:
        """Show what the engine wrote last."""

    def close(self) -> bool:
        """Close the window."""


@dataclass(frozen=True, kw_only=True)
class Action:
    """One thing to do. ``group`` is the menu it stands in; ``shortcut`` in Qt's portable text."""

    name: str
    text: str
    group: str
    icon: str
    run: Callable[[Commands], object]
    shortcut: str = ""


def actions() -> tuple[Action, ...]:
    """Return all actions in the order of the menus, in the user's language."""
    return (*_file_actions(), *_go_actions(), *_train_actions(), *_view_actions(), *_help_actions())


def _file_actions() -> tuple[Action, ...]:
    group = tr("File")
    return (
        Action(
            name="import", text=tr("Import files…"), group=group, icon="mdi6.import", shortcut="Ctrl+O",
            run=lambda window: window.import_files(),
        ),
        Action(
            name="new_persona", text=tr("New persona"), group=group, icon="mdi6.plus", shortcut="Ctrl+N",
            run=lambda window: window.new_persona(),
        ),
        Action(
            name="samples", text=tr("Add the sample personas"), group=group, icon="mdi6.account-group-outline",
            run=lambda window: window.add_samples(),
        ),
        Action(
            name="quit", text=tr("Quit"), group=group, icon="mdi6.exit-to-app", shortcut="Ctrl+Q",
            run=lambda window: window.close(),
        ),
    )  # fmt: skip


def _go_actions() -> tuple[Action, ...]:
    group = tr("Go")
    pages = (
        ("personas", tr("Personas"), "mdi6.account-group-outline", "Ctrl+1"),
        ("chat", tr("Chat"), "mdi6.chat-outline", "Ctrl+2"),
        ("train", tr("Train"), "mdi6.fire", "Ctrl+3"),
        ("models", tr("Models"), "mdi6.cube-outline", "Ctrl+4"),
        ("settings", tr("Settings"), "mdi6.cog-outline", "Ctrl+,"),
    )
    return tuple(
        Action(name=name, text=text, group=group, icon=icon, shortcut=keys, run=_opener(name))
        for name, text, icon, keys in pages
    )


def _opener(page: str) -> Callable[[Commands], None]:
    return lambda window: window.open_page(page)


def _train_actions() -> tuple[Action, ...]:
    group = tr("Training")
    wishes = (
        ("new", tr("New run"), "mdi6.fire"),
        ("queue", tr("Queue and past runs"), "mdi6.playlist-play"),
        ("sweep", tr("Sweep over two options…"), "mdi6.grid"),
        ("compare", tr("Compare methods…"), "mdi6.table-large"),
        ("pause", tr("Pause the training"), "mdi6.pause"),
        ("resume", tr("Go on with what was paused"), "mdi6.play"),
    )
    return tuple(
        Action(name=f"train_{wish}", text=text, group=group, icon=icon, run=_train_wish(wish))
        for wish, text, icon in wishes
    )


def _train_wish(wish: str) -> Callable[[Commands], None]:
    return lambda window: window.open_page("train", wish=wish)


def _view_actions() -> tuple[Action, ...]:
    group = tr("View")
    return (
        Action(
            name="palette", text=tr("Command palette"), group=group, icon="mdi6.console-line", shortcut="Ctrl+K",
            run=lambda window: window.show_palette(),
        ),
        Action(
            name="find", text=tr("Search"), group=group, icon="mdi6.magnify", shortcut="Ctrl+F",
            run=lambda window: window.find_in_page(),
        ),
        Action(
            name="theme_light", text=tr("Light theme"), group=group, icon="mdi6.white-balance-sunny",
            run=lambda window: window.set_theme("light"),
        ),
        Action(
            name="theme_dark", text=tr("Dark theme"), group=group, icon="mdi6.weather-night",
            run=lambda window: window.set_theme("dark"),
        ),
        Action(
            name="theme_system", text=tr("Theme of the system"), group=group, icon="mdi6.theme-light-dark",
            run=lambda window: window.set_theme("system"),
        ),
    )  # fmt: skip


def _help_actions() -> tuple[Action, ...]:
    group = tr("Help")
    return (
        Action(
            name="shortcuts", text=tr("Keyboard shortcuts"), group=group, icon="mdi6.keyboard-outline", shortcut="F1",
            run=lambda window: window.show_shortcuts(),
        ),
        Action(
            name="engine_restart", text=tr("Restart the engine"), group=group, icon="mdi6.restart",
            run=lambda window: window.restart_engine(),
        ),
        Action(
            name="engine_log", text=tr("Show the engine's log"), group=group, icon="mdi6.text-box-outline",
            run=lambda window: window.show_engine_log(),
        ),
    )  # fmt: skip
