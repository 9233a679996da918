"""The figures of a run that are no findings: how much is learned, in which manner, and what it covers."""

from array import array

from studio.checks._coverage import Coverage
from studio.checks._coverage_count import CoverageCount
from studio.checks._look import Look
from studio.checks._meter import DataMeter, measure
from studio.checks._style_mix import StyleMix
from studio.checks._styles import StyleCount


class Amounts:
    """Counts over all conversations."""

    def __init__(self) -> None:
        self.persona_turns = 0
        self._learned = 0
        self._words = 0
        self._lines = array("q")
        self._style = StyleCount()
        self._coverage = CoverageCount()

    def see(self, look: Look) -> None:
        """Count one conversation."""
        self._coverage.see(look)
        for turn in look.turns:
            self.persona_turns += turn.persona
            if turn.learned:
                self._learned += 1
                self._words += turn.word_count
                self._style.add(turn.style)
                if len(turn.folded) > 1:
                    self._lines.append(turn.line)

    def style(self) -> StyleMix:
        """The manners of writing."""
        return self._style.mix()

    def meter(self) -> DataMeter:
        """What the amount is good for."""
        return measure(self._learned, self._words, len(self._lines) - len(set(self._lines)))

    def coverage(self) -> Coverage:
        """What there is and what is missing."""
        return self._coverage.coverage()
