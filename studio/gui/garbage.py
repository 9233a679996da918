"""When Python looks for garbage: in quiet moments, not in the middle of a word.

Most memory is given back at once, when nothing names it any more; only what names itself in a circle must be looked
for. Python looks through all that is there whenever much that is new has come. With some long chats in the window that
takes 80 ms (16,000 messages, measured), and new things come most of all while words are sent and replies are written.
"""

import gc
from collections.abc import Callable

from PySide6.QtCore import QObject, QTimer

QUIET_MILLISECONDS = 10_000


class Garbage(QObject):
    """``busy`` tells whether now is a bad moment: then it is looked for later."""

    def __init__(self, parent: QObject, busy: Callable[[], bool]) -> None:
        super().__init__(parent)
        self._busy = busy
        self._quiet = QTimer(self)
        self._quiet.setSingleShot(True)
        self._quiet.setInterval(QUIET_MILLISECONDS)
        self._quiet.timeout.connect(self.look)

    def settled(self) -> None:
        """What is there now will stay for a while: leave it out, until all has been quiet for some seconds."""
        gc.freeze()
        self._quiet.start()

    def look(self) -> None:
        """Look through everything once, unless the moment is bad."""
        if self._busy():
            self._quiet.start()
            return
        gc.unfreeze()
        gc.collect()
        gc.freeze()
