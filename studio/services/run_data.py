"""The data that a run learns from: a stored version as the engine gets it, with the swipes where they are learned."""

from collections.abc import Iterable, Iterator
from pathlib import Path

import msgspec

from studio import atomic_files
from studio.domain.conversation import Role
from studio.domain.errors import StudioError
from studio.domain.macros import resolve
from studio.domain.persona import Persona
from studio.domain.preferences import PREFERENCES, passed_over, preferred_turns
from studio.library.version_file import VersionLine, read_version
from studio.protocol.dataset_file import ConversationLine, TurnLine


def write_run_data(
    version: Path, target: Path, persona: Persona, user_name: str, *, objective: str = "replies"
) -> None:
    """Write the file that the engine reads: a stored version, spoken by this persona to this user."""
    learned = (_learned(line, swipes=objective == PREFERENCES) for line in read_version(version))
    lines = spoken(learned, persona, user_name)
    with atomic_files.writing(target) as file:
        for line in lines:
            file.write(msgspec.json.encode(line) + b"\n")


def spoken(lines: Iterable[ConversationLine], persona: Persona, user_name: str) -> Iterator[ConversationLine]:
    """Put the persona's system prompt before conversations without one, and fill in ``{{char}}`` and ``{{user}}``.

    The one place where this happens to training data. A greeting at the start of a conversation stays.
    """

    def filled(text: str) -> str:
        return resolve(text, char=persona.name, user=user_name)

    for line in lines:
        turns = list(line.turns)
        if persona.system_prompt and (not turns or turns[0].role != Role.SYSTEM.value):
            turns.insert(0, TurnLine(role=Role.SYSTEM.value, text=persona.system_prompt))
        said = [
            msgspec.structs.replace(turn, text=filled(turn.text), passed_over=list(map(filled, turn.passed_over)))
            for turn in turns
        ]
        yield msgspec.structs.replace(line, turns=said)


def check_preferences(version: Path) -> None:
    """Refuse a version without a choice to learn from: nobody swiped and then went on, or all of them are held out."""
    sides = [line.heldout for line in read_version(version) for _ in preferred_turns(line.conversation)]
    if not sides:
        raise StudioError("no_preferences")
    if all(sides):
        raise StudioError("no_preferences_to_train", count=len(sides))


def _learned(line: VersionLine, *, swipes: bool) -> ConversationLine:
    preferred = set(preferred_turns(line.conversation)) if swipes else set()
    turns = [
        TurnLine(
            role=turn.role.value,
            text=turn.text,
            train=turn.train,
            passed_over=list(passed_over(turn)) if index in preferred else [],
        )
        for index, turn in enumerate(line.conversation.turns)
    ]
    return ConversationLine(key=line.key, heldout=line.heldout, turns=turns)
