"""Example dialogue of a card: blocks after <START>, lines that begin with a placeholder or a name."""

import re

from studio.domain.conversation import Conversation, Role
from studio.importers._script_lines import speaker_of
from studio.importers._sides import SpokenLine, fold

_START = re.compile(r"<START>", re.IGNORECASE)
_CHAR = re.compile(r"(?:\{\{char\}\}|<BOT>|<CHAR>) ?: ?", re.IGNORECASE)
_USER = re.compile(r"(?:\{\{(?:user|random_user_\d+)\}\}|<USER>|(?:user|you|anon(?:ymous)?)(?=:)) ?: ?", re.IGNORECASE)


def example_conversations(text: str, names: tuple[str, ...], source: str) -> tuple[Conversation, ...]:
    """Return the blocks in which the persona speaks; ``names`` are the card's own names, the first stands for it."""
    blocks = (_lines(block, names) for block in _START.split(text))
    folded = (fold(lines, names[0], joint="\n") for lines in blocks)
    return tuple(
        Conversation(turns=turns, source=source, tags=("example",))
        for turns in folded
        if any(turn.role is Role.PERSONA for turn in turns)
    )


def _lines(block: str, names: tuple[str, ...]) -> list[SpokenLine]:
    """Lines without a speaker go on with what the one before them said; before any speaker they are a stage's."""
    literal = not _USER.search(block)
    said: list[tuple[str, list[str]]] = []
    for line in block.split("\n"):
        speaker, words = _split(line.strip(), names, literal)
        if speaker:
            said.append((speaker, [words]))
        elif said:
            said[-1][1].append(line.rstrip())
    spoken = ((speaker, "\n".join(words).strip()) for speaker, words in said)
    return [SpokenLine(speaker=speaker, text=text) for speaker, text in spoken if text]


def _split(line: str, names: tuple[str, ...], literal: bool) -> tuple[str, str]:
    """Return (speaker, words). Other people's names only count in a block that never says ``{{user}}:``."""
    if match := _CHAR.match(line):
        return names[0], line[match.end() :]
    if match := _USER.match(line):
        return "{{user}}", line[match.end() :]
    label, _, words = line.partition(":")
    if label.strip().casefold() in {name.casefold() for name in names}:
        return names[0], words.strip()
    found = speaker_of(line) if literal else None
    return (found.speaker, found.words) if found else ("", "")
