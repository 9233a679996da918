"""Stop words: a reply ends before them, and no part of one is ever shown, however tokens cut it."""

from collections.abc import Sequence


class StopWatch:
    """Takes text as it comes and gives on what cannot be the beginning of a stop word any more."""

    def __init__(self, stops: Sequence[str]) -> None:
        self._stops = [one for one in stops if one]
        self._held = ""
        self.stopped = False

    def add(self, piece: str) -> str:
        """Take new text; return what may be shown. After a stop word nothing more is."""
        if self.stopped:
            return ""
        text = self._held + piece
        found = [place for one in self._stops if (place := text.find(one)) >= 0]
        self.stopped = bool(found)
        shown = min(found) if found else len(text) - self._doubtful(text)
        self._held = "" if found else text[shown:]
        return text[:shown]

    def rest(self) -> str:
        """What was held back: the reply has ended otherwise, so it was no stop word."""
        held, self._held = self._held, ""
        return held

    def _doubtful(self, text: str) -> int:
        """How many letters at the end may be the beginning of a stop word."""
        return max((_overlap(text, one) for one in self._stops), default=0)


def _overlap(text: str, stop: str) -> int:
    """Length of the longest end of ``text`` that ``stop`` begins with, short of the whole."""
    longest = min(len(stop) - 1, len(text))
    return next((size for size in range(longest, 0, -1) if text.endswith(stop[:size])), 0)
