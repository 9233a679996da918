"""Who speaks in a file, and which of them is the persona."""

from collections import Counter
from collections.abc import Iterable
from pathlib import Path

from studio.domain.errors import StudioError
from studio.importers.importer import ReadOptions

_SHOWN = 12


class Cast:
    """The speakers of one file; spellings that differ only in case are one speaker, called as they came first."""

    def __init__(self, names: Iterable[str]) -> None:
        self._spelling: dict[str, str] = {}
        self._lines: Counter[str] = Counter()
        for name in names:
            self._spelling.setdefault(name.casefold(), name)
            self._lines[name.casefold()] += 1

    @property
    def names(self) -> tuple[str, ...]:
        """Every speaker, the one with most lines first."""
        return tuple(self._spelling[key] for key, _ in self._lines.most_common())

    def summary(self) -> str:
        """The speakers with their numbers of lines, for a sentence."""
        shown = [f"{self._spelling[key]} ({count})" for key, count in self._lines.most_common(_SHOWN)]
        return ", ".join(shown) + (", …" if len(self._lines) > _SHOWN else "")

    def asked_for(self, options: ReadOptions, path: Path) -> str:
        """The speaker whom the user named, or nothing; ``speaker_unknown`` when that one does not speak here."""
        if not options.speaker:
            return ""
        found = self._spelling.get(options.speaker.casefold())
        if found is None:
            raise StudioError("speaker_unknown", path=path, speaker=options.speaker, speakers=self.summary())
        return found

    def undecided(self, path: Path) -> StudioError:
        """The question who of them is the persona."""
        return StudioError("speaker_needed", path=path, speakers=self.summary(), names=self.names)


def chosen_speaker(cast: Cast, options: ReadOptions, path: Path) -> str:
    """The speaker whom the user named, else the one called like the persona, else the only one; else the question."""
    found = cast.asked_for(options, path) or match_name(options.expected, cast.names)
    if not found and len(cast.names) > 1:
        raise cast.undecided(path)
    return found or cast.names[0]


def match_name(name: str, candidates: Iterable[str]) -> str:
    """Return who is meant by ``name``: equal but for case, else the only longer or shorter form of it."""
    known = list(candidates)
    wanted = name.casefold()
    if not wanted:
        return ""
    for candidate in known:
        if candidate.casefold() == wanted:
            return candidate
    close = [candidate for candidate in known if _one_within_other(wanted, candidate.casefold())]
    return close[0] if len(close) == 1 else ""


def _one_within_other(first: str, second: str) -> bool:
    words, others = set(first.split()), set(second.split())
    return bool(words and others) and (words <= others or others <= words)
