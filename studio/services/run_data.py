"""The data that a run learns from: a stored version as the engine gets it."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from studio import atomic_files
from studio.domain.conversation import Role
from studio.domain.macros import resolve
from studio.domain.persona import Persona
from studio.library.version_file import read_version
from studio.protocol.dataset_file import ConversationLine, TurnLine


def write_run_data(version: Path, target: Path, persona: Persona, user_name: str) -> None:
    """Write the file that the engine reads: a stored version, spoken by this persona to this user."""
    lines = spoken(_learned(version), persona, user_name)
    with atomic_files.writing(target) as file:
        for line in lines:
            file.write(msgspec.json.encode(line) + b"\n")


def spoken(lines: Iterable[ConversationLine], persona: Persona, user_name: str) -> Iterator[ConversationLine]:
    """Put the persona's system prompt before conversations without one, and fill in ``{{char}}`` and ``{{user}}``.

    The one place where this happens to training data. A greeting at the start of a conversation stays.
    """
    for line in lines:
        turns = list(line.turns)
        if persona.system_prompt and (not turns or turns[0].role != Role.SYSTEM.value):
            turns.insert(0, TurnLine(role=Role.SYSTEM.value, text=persona.system_prompt))
        filled = [
            msgspec.structs.replace(turn, text=resolve(turn.text, char=persona.name, user=user_name)) for turn in turns
        ]
        yield msgspec.structs.replace(line, turns=filled)


def _learned(version: Path) -> Iterator[ConversationLine]:
    for line in read_version(version):
        turns = [TurnLine(role=turn.role, text=turn.text, train=turn.train) for turn in line.turns]
        yield ConversationLine(key=line.key, heldout=line.heldout, turns=turns)
