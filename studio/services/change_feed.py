"""One notice after every mutation, to whoever listens, on the app's thread."""

import logging
import sys
from collections.abc import Callable, Iterable

from studio.domain.changes import Change, Kind

_log = logging.getLogger(__name__)
Listener = Callable[[Change], None]


class ChangeFeed:
    """Listeners hear changes in the order in which they were told, also when a listener makes another change."""

    def __init__(self) -> None:
        self._listeners: list[Listener] = []
        self._waiting: list[Change] = []
        self._telling = False

    def subscribe(self, listener: Listener) -> Callable[[], None]:
        """Hear every change from now on; call what is returned to stop."""
        self._listeners.append(listener)
        return lambda: self._listeners.remove(listener) if listener in self._listeners else None

    def tell(self, *kinds: Kind, ids: Iterable[str] = (), initiator: object = None) -> None:
        """Say what changed."""
        self._waiting.append(Change(kinds=frozenset(kinds), ids=frozenset(ids), initiator=initiator))
        if self._telling:
            return
        self._telling = True
        try:
            while self._waiting:
                self._spread(self._waiting.pop(0))
        finally:
            self._telling = False

    def _spread(self, change: Change) -> None:
        for listener in list(self._listeners):
            # A view with a bug must not keep a run's end from being stored, or other views from hearing.
            try:
                listener(change)
            except Exception as bug:
                _log.exception("a listener failed on %s", change)
                sys.excepthook(type(bug), bug, bug.__traceback__)
