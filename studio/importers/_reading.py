"""From paths to a plan: finds the files, tells their formats, reads cards first and lets them name their neighbours."""

from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import replace
from pathlib import Path

from studio.domain.errors import StudioError
from studio.importers._archive import Archive, looks_like_zip
from studio.importers._files import FoundFile, files_in, find_files
from studio.importers._plan import ImportItem, ImportPlan
from studio.importers._source import Source
from studio.importers._understood import Hiding, understood
from studio.importers._wording import clean_name
from studio.importers.importer import IMPORTERS, Importer, ReadOptions

ReadingProgress = Callable[[float, float, str], None]
"""(bytes done, bytes in all, name of the file that is being read)"""

_SURE_ENOUGH = 0.2


def read_paths(
    paths: Sequence[Path],
    *,
    format: str = "",
    persona: str = "",
    speaker: str = "",
    day_first: bool | None = None,
    columns: Mapping[str, str] | None = None,
    hide_names: bool | None = None,
    hide_details: bool | None = None,
    progress: ReadingProgress | None = None,
    cancelled: Callable[[], bool] | None = None,
) -> ImportPlan:
    """Read files, folders and archives. What fails becomes a problem; a trouble that is all there is, is raised.

    A folder or archive with one card lends the card's name to the files in and below it. ``format`` skips sniffing.
    ``day_first`` and ``columns`` as in ``ReadOptions``. ``hide_names`` and ``hide_details``: None hides them in chats
    between real people. The path of a file in an archive (``chats.zip/logs/one.jsonl``) reads that one alone.
    """
    options = ReadOptions(
        persona=clean_name(persona), speaker=clean_name(speaker), day_first=day_first, columns=columns or {}
    )
    hiding = Hiding(names=hide_names, details=hide_details)
    visit = _Visit(forced=_known_format(format), options=options, hiding=hiding, cancelled=cancelled)
    visit.read_all(find_files(paths), progress)
    return visit.plan(paths)


def choose_format(source: Source) -> Importer:
    """Return the format that is surest about the head of the file; raise ``format_unknown`` when none is."""
    if not source.size:
        raise StudioError("nothing_to_import", path=source.path)
    known = IMPORTERS.all()
    surety = {name: entry.sniff(source) for name, entry in known.items()}
    surest = max(surety, key=lambda name: surety[name])
    if surety[surest] < _SURE_ENOUGH:
        raise StudioError("format_unknown", path=source.path)
    return known[surest]


def _known_format(name: str) -> Importer | None:
    known = IMPORTERS.all()
    if name and name not in known:
        raise StudioError("format_not_registered", name=name, known=", ".join(known))
    return known[name] if name else None


class _Visit:
    """One call of ``read_paths``: what was read so far, and which folder belongs to which persona."""

    def __init__(
        self, *, forced: Importer | None, options: ReadOptions, hiding: Hiding, cancelled: Callable[[], bool] | None
    ) -> None:
        self._forced = forced
        self._options = replace(options, checkpoint=self._go_on)
        self._hiding = hiding
        self._cancelled = cancelled
        self._introduced: dict[Path, set[str]] = {}
        self._introduced_by_hand: set[str] = set()
        self._items: dict[Path, ImportItem] = {}
        self._problems: dict[Path, StudioError] = {}
        self._order: dict[Path, None] = {}

    def read_all(self, files: Sequence[FoundFile], progress: ReadingProgress | None) -> None:
        """Read every file, those that introduce a persona first."""
        chosen = list(self._chosen(files))
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
        """Return what was read and what was not; raise when there is but one trouble and nothing else."""
        items = tuple(self._items[path] for path in self._order if path in self._items)
        problems = tuple((path, self._problems[path]) for path in self._order if path in self._problems)
        if not items and len(problems) < 2:
            where = ", ".join(str(path) for path in asked)
            raise problems[0][1] if problems else StudioError("nothing_to_import", path=where)
        return ImportPlan(items=items, problems=problems)

    def _go_on(self) -> None:
        if self._cancelled and self._cancelled():
            raise StudioError("cancelled")

    def _chosen(self, files: Sequence[FoundFile]) -> Iterator[tuple[FoundFile, Source, Importer]]:
        for found in files:
            for file, source in self._sources(found):
                self._order.setdefault(file.path)
                if format := self._format_of(file, source):
                    yield file, source, format

    def _sources(self, file: FoundFile) -> Iterator[tuple[FoundFile, Source]]:
        """The file itself, or those in it when it is an archive that no format claims."""
        self._order.setdefault(file.path)
        self._go_on()
        try:
            if file.archive:
                yield file, self._member(file, file.archive)
            elif self._is_to_be_opened(source := Source(file.path)):
                yield from self._opened(file, source)
            else:
                yield file, source
        except StudioError as error:
            self._complain(file, error)

    def _is_to_be_opened(self, source: Source) -> bool:
        if not looks_like_zip(source):
            return False
        claims = [self._forced] if self._forced else IMPORTERS.all().values()
        return all(format.sniff(source) < _SURE_ENOUGH for format in claims)

    def _opened(self, file: FoundFile, source: Source) -> Iterator[tuple[FoundFile, Source]]:
        archive = Archive(source)
        archive.require_no_document()
        inside = files_in(archive, file)
        archive.require_modest([member for _, member in inside])
        yield from ((one, archive.source(member)) for one, member in inside)

    def _member(self, file: FoundFile, path: Path) -> Source:
        archive = Archive(Source(path))
        member = archive.find(file.member)
        if member is None:
            raise StudioError("file_missing", path=file.path)
        archive.require_modest([member])
        return archive.source(member)

    def _format_of(self, file: FoundFile, source: Source) -> Importer | None:
        self._go_on()
        try:
            if source.size and self._forced and not file.skippable:
                return self._forced
            if not source.is_file and looks_like_zip(source) and self._is_to_be_opened(source):
                raise StudioError("archive_nested", path=source.path)
            return choose_format(source)
        except StudioError as error:
            self._complain(file, error)
            return None
        finally:
            source.forget_head()

    def _complain(self, file: FoundFile, error: StudioError) -> None:
        if error.code == "cancelled":
            raise error
        if not (file.skippable and error.code in ("png_without_card", "format_unknown")):
            self._problems[file.path] = error

    def _read(self, file: FoundFile, source: Source, format: Importer) -> None:
        options = replace(self._options, lent=self._lent_name(file))
        try:
            reading = format.read(source, options)
            item = understood(source, format, reading, options, self._hiding)
        except StudioError as error:
            self._complain(file, error)
            return
        finally:
            source.forget_head()
        if format.introduces:
            self._introduced.setdefault(file.path.parent, set()).add(item.persona_name)
            self._introduced_by_hand |= {item.persona_name} if file.named else set()
        self._items[file.path] = item

    def _lent_name(self, file: FoundFile) -> str:
        """The only persona of the nearest folder with cards, else the only one whose card was given by name."""
        for folder in file.folders_up():
            if names := self._introduced.get(folder):
                return next(iter(names)) if len(names) == 1 else ""
        named = self._introduced_by_hand
        return next(iter(named)) if len(named) == 1 else ""
