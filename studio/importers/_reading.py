"""From paths to a plan: finds the files, tells their formats, reads cards first and lets them name their neighbours."""

from collections.abc import Callable, Sequence
from pathlib import Path

from studio.domain.checks import Finding
from studio.domain.conversation import Conversation
from studio.domain.data_checks import check_conversations
from studio.domain.errors import StudioError
from studio.importers._files import FoundFile, find_files
from studio.importers._people import match_name
from studio.importers._plan import ImportItem, ImportPlan
from studio.importers._source import Source
from studio.importers._wording import clean_name, note
from studio.importers.importer import IMPORTERS, Importer, Reading, ReadOptions

ReadingProgress = Callable[[float, float, str], None]
"""(bytes done, bytes in all, name of the file that is being read)"""

_SURE_ENOUGH = 0.2
_ABOUT_THE_WHOLE = ("few_turns", "no_persona_turns")
"""Findings that only make sense for all data of a persona, not for one file of it."""


def read_paths(
    paths: Sequence[Path],
    *,
    format: str = "",
    persona: str = "",
    speaker: str = "",
    progress: ReadingProgress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> ImportPlan:
    """Read files and folders. What fails becomes a problem; if all fail, the first trouble is raised.

    A folder with one card lends the card's name to the files in and below it. ``format`` skips sniffing.
    """
    forced = _known_format(format)
    visit = _Visit(forced=forced, persona=clean_name(persona), speaker=clean_name(speaker), cancelled=cancelled)
    visit.read_all(find_files(paths), progress)
    return visit.plan(paths)


def choose_format(source: Source) -> Importer:
    """Return the format that is surest about the head of the file; raise ``format_unknown`` when none is."""
    if not source.size:
        raise StudioError("nothing_to_import", path=source.path)
    known = IMPORTERS.all()
    surest = max(known.values(), key=lambda entry: entry.sniff(source))
    if surest.sniff(source) < _SURE_ENOUGH:
        raise StudioError("format_unknown", path=source.path, known=", ".join(known))
    return surest


def _known_format(name: str) -> Importer | None:
    known = IMPORTERS.all()
    if name and name not in known:
        raise StudioError("format_not_registered", name=name, known=", ".join(known))
    return known[name] if name else None


class _Visit:
    """One call of ``read_paths``: what was read so far, and which folder belongs to which persona."""

    def __init__(
        self, *, forced: Importer | None, persona: str, speaker: str, cancelled: Callable[[], bool] | None
    ) -> None:
        self._forced = forced
        self._persona = persona
        self._speaker = speaker
        self._cancelled = cancelled
        self._introduced: dict[Path, set[str]] = {}
        self._introduced_by_hand: set[str] = set()
        self._items: dict[Path, ImportItem] = {}
        self._problems: dict[Path, StudioError] = {}
        self._order: list[Path] = []

    def read_all(self, files: Sequence[FoundFile], progress: ReadingProgress | None) -> None:
        """Read every file, those that introduce a persona first."""
        self._order = [file.path for file in files]
        sources = [(file, Source(file.path)) for file in files]
        chosen = [(file, source, format) for file, source in sources if (format := self._format_of(file, source))]
        chosen.sort(key=lambda choice: not choice[2].introduces)
        done, total = 0, sum(source.size for _, source, _ in chosen)
        for file, source, format in chosen:
            self._go_on()
            if progress:
                progress(done, total, source.name)
            self._read(file, source, format)
            done += source.size
        if progress:
            progress(total, total, "")

    def plan(self, asked: Sequence[Path]) -> ImportPlan:
        """Return what was read; raise when that is nothing."""
        items = tuple(self._items[path] for path in self._order if path in self._items)
        problems = tuple((path, self._problems[path]) for path in self._order if path in self._problems)
        if not items:
            where = ", ".join(str(path) for path in asked)
            raise problems[0][1] if problems else StudioError("nothing_to_import", path=where)
        return ImportPlan(items=items, problems=problems)

    def _go_on(self) -> None:
        if self._cancelled and self._cancelled():
            raise StudioError("cancelled")

    def _format_of(self, file: FoundFile, source: Source) -> Importer | None:
        self._go_on()
        try:
            if source.size and self._forced and not file.skippable:
                return self._forced
            return choose_format(source)
        except StudioError as error:
            self._complain(file, error)
            return None

    def _complain(self, file: FoundFile, error: StudioError) -> None:
        if error.code == "cancelled":
            raise error
        if not (file.skippable and error.code in ("png_without_card", "format_unknown")):
            self._problems[file.path] = error

    def _read(self, file: FoundFile, source: Source, format: Importer) -> None:
        options = ReadOptions(
            persona=self._persona, lent=self._lent_name(file), speaker=self._speaker, checkpoint=self._go_on
        )
        try:
            reading = format.read(source, options)
            item = _item(file.path, format, reading, options, source.guessed_lines)
        except StudioError as error:
            self._complain(file, error)
            return
        if format.introduces:
            self._introduced.setdefault(file.path.parent, set()).add(item.persona_name)
            self._introduced_by_hand |= {item.persona_name} if file.named else set()
        self._items[file.path] = item

    def _lent_name(self, file: FoundFile) -> str:
        """The only persona of the nearest folder with cards; for a file given by name, the only one given so too."""
        for folder in file.folders_up():
            if names := self._introduced.get(folder):
                return next(iter(names)) if len(names) == 1 else ""
        named = self._introduced_by_hand if file.named else set()
        return next(iter(named)) if len(named) == 1 else ""


def _item(path: Path, format: Importer, reading: Reading, options: ReadOptions, guessed_lines: int) -> ImportItem:
    name = _persona_name(path, format, reading, options)
    if reading.card is None and not reading.conversations:
        raise StudioError("nothing_to_import", path=path)
    return ImportItem(
        path=path,
        format=format.name,
        format_label=format.label,
        persona_name=name,
        card=reading.card,
        conversations=reading.conversations,
        speakers=reading.speakers,
        speaker=reading.speaker,
        persona_turns=sum(len(conversation.persona_turns) for conversation in reading.conversations),
        findings=(*_findings(reading.conversations, name), *reading.notes, *note("encoding_guessed", guessed_lines)),
        portrait=reading.portrait,
    )


def _persona_name(path: Path, format: Importer, reading: Reading, options: ReadOptions) -> str:
    """The user's word first; a card beside the file wins over the file's own name only for the same somebody."""
    own, lent = reading.persona_name, "" if format.introduces else options.lent
    same = not own or bool(match_name(lent, [own]))
    name = options.persona or (lent if lent and same else own)
    if not name:
        raise StudioError("persona_name_needed", path=path)
    return name


def _findings(conversations: Sequence[Conversation], persona_name: str) -> tuple[Finding, ...]:
    numbered = [(str(number), conversation) for number, conversation in enumerate(conversations)]
    found = check_conversations(numbered, persona_name)
    return tuple(finding for finding in found if finding.code not in _ABOUT_THE_WHOLE)
