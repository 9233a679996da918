"""Pure work off the window's thread: a function runs on a thread of its own, its end comes back to the window's.

The thread must never let go last of anything that may hold a widget (a closure, a bound method, a traceback):
destroying a widget there crashes Qt. So the window's thread keeps the work until its outcome was delivered, and the
signal carries a number.
"""

import itertools
import threading
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, TypeVar

import shiboken6
from PySide6.QtCore import QObject, Qt, Signal

from studio.domain.errors import StudioError

T = TypeVar("T")


@dataclass(frozen=True)
class _Asked:
    work: Callable[[], Any]
    owner: QObject
    on_result: Callable[[Any], None]
    on_error: Callable[[StudioError], None]


class _Home(QObject):
    """Lives on the window's thread as long as the program."""

    came_back = Signal(int)

    def __init__(self) -> None:
        super().__init__()
        self.came_back.connect(_deliver, Qt.ConnectionType.QueuedConnection)


_asked: dict[int, _Asked] = {}
_outcomes: dict[int, object] = {}
_numbers = itertools.count(1)
_home: _Home | None = None


def run_in_background(
    work: Callable[[], T],
    *,
    owner: QObject,
    on_result: Callable[[T], None],
    on_error: Callable[[StudioError], None],
) -> None:
    """Run ``work`` (which touches neither Qt nor the database) on a thread; hear its end on the window's thread.

    Nothing is heard when ``owner`` no longer exists. An exception that is no ``StudioError`` is raised on the window's
    thread, where the bug dialog catches it.
    """
    global _home
    _home = _home or _Home()
    number = next(_numbers)
    _asked[number] = _Asked(work, owner, on_result, on_error)
    threading.Thread(target=_work, args=(number, _home), name=f"background-{number}", daemon=True).start()


def _work(number: int, home: _Home) -> None:
    try:
        _outcomes[number] = _asked[number].work()
    except BaseException as error:  # carried to the window's thread, where it is told or raised
        _outcomes[number] = error
    home.came_back.emit(number)


def _deliver(number: int) -> None:
    asked, outcome = _asked.pop(number), _outcomes.pop(number)
    if not shiboken6.isValid(asked.owner):
        return  # the page or dialog that asked is gone
    if isinstance(outcome, StudioError):
        asked.on_error(outcome)
    elif isinstance(outcome, BaseException):
        raise outcome
    else:
        asked.on_result(outcome)
