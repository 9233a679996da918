"""The keys of a vote, wherever the focus is: a digit for a voice, T for a tie, B when all are bad."""

from collections.abc import Collection

from PySide6.QtCore import QEvent, QObject, Signal
from PySide6.QtGui import QKeyEvent, QKeySequence, QShortcut
from PySide6.QtWidgets import QPlainTextEdit

from studio.domain.votes import BAD, TIE
from studio.gui.widgets.keys import key_of

KEYS = {**{str(place): str(place) for place in range(1, 9)}, "T": TIE, "B": BAD}
"""Key to verdict."""


def key_for(verdict: str) -> str:
    """The key that gives this verdict."""
    return next(key for key, one in KEYS.items() if one == verdict)


class VotingKeys(QObject):
    """They work while there is something to vote on. Text fields keep them; the composer only while it holds words."""

    voted = Signal(str)

    def __init__(self, composer: QPlainTextEdit) -> None:
        super().__init__(composer)
        self._composer = composer
        self._shortcuts = {key: self._made(key, verdict) for key, verdict in KEYS.items()}
        composer.installEventFilter(self)

    def show_choices(self, verdicts: Collection[str]) -> None:
        """What can be voted for now; nothing when no round waits."""
        for key, shortcut in self._shortcuts.items():
            shortcut.setEnabled(KEYS[key] in verdicts)

    def eventFilter(self, watched: QObject, event: QEvent) -> bool:
        """Qt's: an empty composer, which has the focus after every prompt, lets a key that votes go by."""
        if event.type() == QEvent.Type.ShortcutOverride and isinstance(event, QKeyEvent):
            shortcut = self._shortcuts.get(key_of(event))
            if shortcut is not None and shortcut.isEnabled() and not self._composer.toPlainText():
                event.ignore()
                return True
        return super().eventFilter(watched, event)

    def _made(self, key: str, verdict: str) -> QShortcut:
        made = QShortcut(QKeySequence(key), self._composer)  # in its whole window: also while the rail has the focus
        made.setAutoRepeat(False)
        made.setEnabled(False)
        made.activated.connect(lambda: self.voted.emit(verdict))
        return made
