"""The data bench, versions: kept for good, named and compared."""

from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from pathlib import Path

from studio import atomic_files, paths
from studio.domain.changes import Kind
from studio.domain.clock import now
from studio.domain.conversation import Conversation, content_hash
from studio.domain.dataset import DatasetVersion, is_held_out
from studio.domain.errors import StudioError
from studio.domain.ids import new_id
from studio.domain.version_diff import DiffEntry, VersionDiff
from studio.library.dataset_store import DatasetItem
from studio.library.library import Library
from studio.library.version_file import read_version, version_line
from studio.services.background import Background
from studio.services.data_desk import DataPart
from studio.services.job import Job

_TOLD_EVERY = 500


@dataclass(frozen=True, kw_only=True)
class _Written:
    """A version's file that waits to be taken into the library."""

    file: Path
    items: list[DatasetItem]
    persona_turns: int


class DataVersions(DataPart):
    """A version never changes but for its name."""

    def versions(self, persona_id: str) -> list[DatasetVersion]:
        """Every version, newest first."""
        return self._library.datasets.all(persona_id)

    def version(self, dataset_id: str) -> DatasetVersion:
        """One version."""
        found = self._library.datasets.get(dataset_id)
        if found is None:
            raise StudioError("not_found", what="dataset version", name=dataset_id)
        return found

    def version_path(self, version: DatasetVersion) -> Path:
        """The JSON Lines of a version, in the file vault."""
        return self._library.files.path(version.content)

    def snapshot(self, persona_id: str, heldout_fraction: float, name: str = "") -> DatasetVersion:
        """Keep the data as it is now, for good; the newest version again when nothing has changed since."""
        return self._taken_in(persona_id, heldout_fraction, name, _write(self._library, persona_id, heldout_fraction))

    def snapshot_job(self, persona_id: str, heldout_fraction: float, name: str = "") -> Job[DatasetVersion]:
        """As ``snapshot``, with the reading done on a thread of its own."""

        def write(reader: Library, background: Background) -> _Written:
            with reader.conversations.unchanging():
                return _write(reader, persona_id, heldout_fraction, background)

        return self._desk.in_background(
            "versioning", write, lambda written: self._taken_in(persona_id, heldout_fraction, name, written)
        )

    def name_version(self, dataset_id: str, name: str) -> DatasetVersion:
        """Call a version something."""
        self.version(dataset_id)
        self._library.datasets.rename(dataset_id, " ".join(name.split()))
        self._desk.changes.tell(Kind.CONVERSATION, ids=(dataset_id,))
        return self.version(dataset_id)

    def compare(self, before_id: str, after_id: str = "") -> VersionDiff:
        """What changed from one version to another (to the data as it is now when ``after_id`` is empty)."""
        before = self.version(before_id)
        after = self.version(after_id) if after_id else None
        if after is not None and after.persona_id != before.persona_id:
            raise StudioError("version_of_another")
        return _difference(
            dict(self._held(before)),
            self._held(after) if after is not None else self._present(before.persona_id),
        )

    def _held(self, version: DatasetVersion) -> Iterator[tuple[str, Conversation]]:
        for line in read_version(self.version_path(version)):
            yield line.key, line.conversation

    def _present(self, persona_id: str) -> Iterator[tuple[str, Conversation]]:
        for stored in self._library.conversations.each(persona_id):
            yield stored.id, stored.conversation

    def _taken_in(self, persona_id: str, fraction: float, name: str, written: _Written) -> DatasetVersion:
        try:
            content = self._library.files.put(written.file)
        finally:
            written.file.unlink(missing_ok=True)
        newest = self._library.datasets.newest(persona_id)
        if newest and (newest.content, newest.heldout_fraction) == (content, fraction):
            return self.name_version(newest.id, name) if name.strip() and not newest.name else newest
        version = DatasetVersion(
            id=new_id("data"),
            persona_id=persona_id,
            number=self._library.datasets.next_number(persona_id),
            content=content,
            conversations=len(written.items),
            persona_turns=written.persona_turns,
            heldout_conversations=sum(item.heldout for item in written.items),
            heldout_fraction=fraction,
            created_at=now(),
            name=" ".join(name.split()),
        )
        self._library.datasets.add(version, written.items)
        self._desk.changes.tell(Kind.CONVERSATION, ids=(version.id,))
        return version


def _write(reader: Library, persona_id: str, fraction: float, background: Background | None = None) -> _Written:
    """Write the data of a persona as the file of a version, one conversation in memory at a time."""
    file = atomic_files.partial_path(paths.vault(reader.folder))
    items: list[DatasetItem] = []
    persona_turns, total = 0, reader.conversations.count(persona_id)
    try:
        with atomic_files.disk_troubles(file), file.open("xb") as lines:
            for one in reader.conversations.each(persona_id):
                heldout = is_held_out(one.conversation, fraction)
                lines.write(version_line(one.id, heldout, one.conversation))
                items.append(DatasetItem(conversation_id=one.id, revision=one.revision, heldout=heldout))
                persona_turns += len(one.conversation.persona_turns)
                if background and len(items) % _TOLD_EVERY == 0:
                    background.tell("versioning", len(items), total)
    except BaseException:
        file.unlink(missing_ok=True)
        raise
    return _Written(file=file, items=items, persona_turns=persona_turns)


def _difference(before: dict[str, Conversation], after: Iterable[tuple[str, Conversation]]) -> VersionDiff:
    """Compare by id. What went and came with the same words (imported anew) is no difference."""
    added: dict[str, Conversation] = {}
    changed: list[DiffEntry] = []
    for key, conversation in after:
        earlier = before.pop(key, None)
        if earlier is None:
            added[key] = conversation
        elif earlier != conversation:
            changed.append(_entry(key, earlier, conversation))
    twins = {content_hash(conversation): key for key, conversation in added.items()}
    for key, earlier in list(before.items()):
        twin = twins.pop(content_hash(earlier), "")
        if twin:
            del before[key], added[twin]
    return VersionDiff(
        added=tuple(_entry(key, None, conversation) for key, conversation in added.items()),
        removed=tuple(_entry(key, conversation, None) for key, conversation in before.items()),
        changed=tuple(changed),
    )


def _entry(key: str, before: Conversation | None, after: Conversation | None) -> DiffEntry:
    shown = after or before
    return DiffEntry(conversation_id=key, title=shown.title if shown else "", before=before, after=after)
