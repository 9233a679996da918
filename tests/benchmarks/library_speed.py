"""How fast a large library answers. Run from the repository: ``python -m tests.benchmarks.library_speed 20000``.

Makes 1,000 personas and twice the given number of conversations (8 turns, about 270 words each): half of them one
persona's, half spread over the others. Prints milliseconds, the best of three.
"""

import random
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path

from studio.domain.changes import Kind
from studio.domain.conversation import Conversation, Role, Turn
from studio.domain.persona import Persona
from studio.library.library import Library

PERSONAS = [Persona(id=f"persona-{number:08x}", name=f"P{number}", tags=("fantasy",)) for number in range(1000)]
LARGE = PERSONAS[0].id
_random = random.Random(1)
WORDS = ["".join(_random.choices("abcdefghijklmnopqrstuvwxyz", k=_random.randint(2, 9))) for _ in range(20_000)]
_WEIGHTS = [1 / (place + 1) for place in range(len(WORDS))]
TEXTS = [" ".join(_random.choices(WORDS, _WEIGHTS, k=_random.randint(8, 60))) for _ in range(4000)]


def made(count: int) -> list[Conversation]:
    """Return conversations of words as frequent as in a language."""
    roles = (Role.USER, Role.PERSONA)
    return [
        Conversation(turns=tuple(Turn(role=roles[turn % 2], text=_random.choice(TEXTS)) for turn in range(8)))
        for _ in range(count)
    ]


def measured(label: str, act: Callable[[], object], times: int = 3) -> None:
    """Print how long ``act`` takes."""
    taken = []
    for _ in range(times):
        begin = time.perf_counter()
        act()
        taken.append((time.perf_counter() - begin) * 1000)
    print(f"{label:44}{min(taken):12.1f} ms")


def fill(library: Library, count: int) -> None:
    """Add all personas, and ``count`` conversations to the large one and to the others together."""
    with library.transaction():
        for persona in PERSONAS:
            library.personas.add(persona)
    conversations = made(count)
    measured(f"add {count}", lambda: library.conversations.add_many(LARGE, conversations), times=1)
    with library.transaction():
        for persona in PERSONAS[1:]:
            library.conversations.add_many(persona.id, made(count // len(PERSONAS)))


def questions(library: Library, count: int) -> None:
    """Measure what the window asks while one works."""
    talks = library.conversations
    measured("all personas", library.personas.all)
    measured("counts of all personas", talks.turn_counts)
    measured("newest adapters", library.adapters.newest_of_each)
    measured("first page", lambda: talks.page(LARGE))
    measured("last page", lambda: talks.page(LARGE, offset=count - 200))
    for text in (WORDS[0], WORDS[5000], "a", f"{WORDS[3]} {WORDS[40]}", f"{WORDS[7][0]} {WORDS[9][0]}"):
        measured(f"page with '{text}'", lambda text=text: talks.page(LARGE, text))  # type: ignore[misc]
        measured(f"count with '{text}'", lambda text=text: talks.count(LARGE, text))  # type: ignore[misc]
        measured(f"personas with '{text}'", lambda text=text: talks.search_personas(text))  # type: ignore[misc]
    measured("page with '!' (punctuation alone)", lambda: talks.page(LARGE, "!"))


def changes(library: Library) -> None:
    """Measure an edit, and deletions with their undoing."""
    stored = library.conversations.page(LARGE)[0]
    turn = Turn(role=Role.USER, text="edited")
    measured("edit a turn", lambda: library.conversations.update(stored.id, stored.conversation.with_turn(0, turn)))
    for kind, item_id in ((Kind.CONVERSATION, stored.id), (Kind.PERSONA, LARGE)):
        measured(f"delete a {kind.value} and undo", lambda kind=kind, id=item_id: _there_and_back(library, kind, id), 1)


def _there_and_back(library: Library, kind: Kind, item_id: str) -> None:
    library.trash.undo(library.trash.remove(kind, item_id))


def main() -> None:
    """Make the library, ask, change."""
    count = int(sys.argv[1]) if len(sys.argv) > 1 else 20_000
    with tempfile.TemporaryDirectory() as folder, Library.open(Path(folder)) as library:
        fill(library, count)
        questions(library, count)
        changes(library)


if __name__ == "__main__":
    main()
