"""The data bench at size. Run from the repository: ``python -m tests.benchmarks.data_bench 100000``.

One persona, the given number of conversations (8 turns, about 270 words each), brought in through the services as the
window does it: in slices on the app's thread. Prints the rate, how long the longest slices held the thread, then
milliseconds (the best of three) for what the Data tab asks, a whole check, and the memory of the process.
"""

import queue
import resource
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

from studio.domain.conversation import Conversation, Role, Turn
from studio.domain.data_changes import Replacing
from studio.domain.data_filter import Filter
from studio.importers import ImportItem, ImportPlan
from studio.services.job import Job
from studio.services.studio import Studio
from tests.benchmarks.library_speed import TEXTS, WORDS, _random

ENDS = (".", "!", "?", "…", " *smiles*")
SPEAKERS = ("Sam", "Ann")


class Thread:
    """The app's thread: runs what is delivered and remembers how long each act held it."""

    def __init__(self) -> None:
        self._acts: queue.SimpleQueue[Callable[[], None]] = queue.SimpleQueue()
        self.held: list[float] = []

    def deliver(self, act: Callable[[], None]) -> None:
        """From any thread."""
        self._acts.put(act)

    def until_ended(self, job: Job[Any]) -> Any:
        """Run until the job has ended; return its result."""
        while not job.ended:
            act = self._acts.get()
            begin = time.perf_counter()
            act()
            self.held.append(time.perf_counter() - begin)
        assert job.error is None, job.error
        return job.result


def made(count: int) -> tuple[Conversation, ...]:
    """Return conversations with everything that can be filtered by."""
    roles = (Role.USER, Role.PERSONA)
    return tuple(
        Conversation(
            turns=tuple(
                Turn(role=roles[at % 2], text=_random.choice(TEXTS) + _random.choice(ENDS), speaker=SPEAKERS[at % 2])
                for at in range(8)
            ),
            title=f"Talk {number}",
            source=f"log{number % 40}.jsonl",
            tags=("night",) if number % 3 == 0 else (),
        )
        for number in range(count)
    )


def memory() -> float:
    """The most memory that this process ever had, in MB (Linux counts in kB)."""
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 1000


def measured(label: str, act: Callable[[], object], times: int = 3) -> None:
    """Print how long ``act`` takes."""
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        act()
        taken.append((time.perf_counter() - begin) * 1000)
    print(f"{label:52}{min(taken):12.1f} ms", flush=True)


def waited(label: str, thread: Thread, start: Callable[[], Job[Any]]) -> None:
    """Print how long a job takes, and how long it held the app's thread at a time."""
    thread.held.clear()
    begin = time.perf_counter()
    thread.until_ended(start())
    took, held = time.perf_counter() - begin, sorted(thread.held)
    print(
        f"{label:52}{took:12.1f} s   (at a time: 99 in 100 under {held[int(len(held) * 0.99)] * 1000:.0f} ms)",
        flush=True,
    )


def fill(studio: Studio, thread: Thread, count: int) -> str:
    """Import; return the persona's id."""
    item = ImportItem(
        path=Path("many.jsonl"), format="x", format_label="X", persona_name="Ann", conversations=made(count)
    )
    before = memory()
    waited(f"import {count} conversations", thread, lambda: studio.imports.commit_job(ImportPlan(items=(item,))))
    print(f"memory for that, beside the {before:.0f} MB of the plan {memory() - before:20.0f} MB")
    waited("the same once more (all known)", thread, lambda: studio.imports.commit_job(ImportPlan(items=(item,))))
    return studio.personas.get("Ann").id


def questions(studio: Studio, persona_id: str, count: int) -> None:
    """Measure what the window asks while one works."""
    data = studio.data
    measured("figures above the data", lambda: data.overview(persona_id))
    measured("what there is to filter by", lambda: data.facets(persona_id))
    wheres = {
        "everything": Filter(),
        "a speaker": Filter(speaker="Ann"),
        "a tag": Filter(tag="night"),
        "a file": Filter(source="log7.jsonl"),
        "the held-out side": Filter(side="heldout"),
        "at least 300 words": Filter(least_words=300),
        "the longest first": Filter(order="longest"),
        "a frequent word": Filter(text=WORDS[0]),
        "a rare word": Filter(text=WORDS[5000]),
        "one letter": Filter(text="a"),
        "two words": Filter(text=f"{WORDS[3]} {WORDS[40]}"),
        "'!' (punctuation alone)": Filter(text="!"),
        "'…' (punctuation alone)": Filter(text="…"),
        "a letter, a speaker, a tag, a side, the longest first": Filter(
            text="a", speaker="Ann", tag="night", side="train", order="longest"
        ),
    }
    for label, where in wheres.items():
        found = data.count(persona_id, where)
        measured(f"{label}: count ({found})", lambda where=where: data.count(persona_id, where))  # type: ignore[misc]
        measured("  first page", lambda where=where: data.conversations(persona_id, where))  # type: ignore[misc]
        last = max(0, found - 200)
        measured("  last page", lambda where=where, last=last: data.conversations(persona_id, where, offset=last))  # type: ignore[misc]
    middle = data.conversations(persona_id, offset=count // 2, limit=1)[0].id
    measured("where a conversation stands in the list", lambda: data.row_of(persona_id, Filter(), middle))
    measured("home page", studio.personas.list)
    measured("home page, searched", lambda: studio.personas.list(WORDS[0]))


def changes(studio: Studio, thread: Thread, persona_id: str) -> None:
    """Measure acts, a check and a version."""
    data = studio.data
    ids = data.ids(persona_id)
    numbers = iter(range(100))
    measured("edit a turn", lambda: data.edit_turn(ids[5], 1, text=f"edited {next(numbers)}"))
    tenth = len(ids) // 10
    measured(f"delete {tenth}", lambda: data.delete_conversations(ids[:tenth]), 1)
    measured("undo that", lambda: data.undo_last(persona_id), 1)
    measured(f"move {tenth}", lambda: data.move_conversations(ids[:tenth], ids[-1]), 1)
    measured("undo that", lambda: data.undo_last(persona_id), 1)
    wanted = Replacing(find=WORDS[900], replacement="lantern", whole_words=True)
    waited("preview of find and replace", thread, lambda: data.preview_replace(persona_id, wanted))
    waited("find and replace", thread, lambda: data.replace_all(persona_id, wanted))
    act = data.history(persona_id, 1)[0]
    waited(f"undo that ({act.conversations} conversations)", thread, lambda: data.undo_job(act.token))
    waited("check everything", thread, lambda: data.check_now(persona_id))
    waited("keep a version", thread, lambda: data.snapshot_job(persona_id, 0.1))


def opening(folder: Path, thread: Thread) -> None:
    """Measure opening the library, to the first page of the Data tab."""

    def open_and_look() -> None:
        studio = Studio.open(folder, deliver=thread.deliver)
        studio.data.conversations(studio.personas.get("Ann").id)
        studio.close()

    measured("open the library, to the first page", open_and_look)


def main() -> None:
    """Make the library, ask, change."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    thread = Thread()
    with tempfile.TemporaryDirectory() as folder:
        studio = Studio.open(Path(folder), deliver=thread.deliver)
        persona_id = fill(studio, thread, count)
        questions(studio, persona_id, count)
        changes(studio, thread, persona_id)
        studio.close()
        opening(Path(folder), thread)
        size = (Path(folder) / "library.db").stat().st_size / 1e6
    print(f"library.db: {size:.0f} MB; most memory: {memory():.0f} MB")


if __name__ == "__main__":
    main()
