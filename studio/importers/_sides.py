"""Lines of many speakers folded into the two sides of a conversation."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace
from itertools import groupby

from studio.domain.conversation import Role, Turn


@dataclass(frozen=True, kw_only=True)
class SpokenLine:
    """What somebody says in one go; ``alternatives`` and ``marks`` as in ``Turn``. No speaker: a teller's words."""

    speaker: str
    text: str
    alternatives: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()


def fold(lines: Sequence[SpokenLine], persona: str, *, joint: str) -> tuple[Turn, ...]:
    """Return alternating turns: the persona's, and everybody else's together.

    Names stand before the words of the other side only when there are several others.
    """
    others = {line.speaker.casefold() for line in lines} - {persona.casefold(), ""}
    turns = (_turn(line, persona, named=len(others) > 1) for line in lines)
    return merge_sides(turns, joint=joint)


def merge_sides(turns: Iterable[Turn], *, joint: str) -> tuple[Turn, ...]:
    """Join turns of the same role that follow each other, so that the sides alternate."""
    return tuple(_joined(list(side), joint) for _, side in groupby(turns, key=lambda turn: turn.role))


def _turn(line: SpokenLine, persona: str, *, named: bool) -> Turn:
    if line.speaker.casefold() == persona.casefold():
        return Turn(
            role=Role.PERSONA,
            text=line.text,
            speaker=line.speaker,
            alternatives=line.alternatives,
            marks=line.marks,
        )
    text = f"{line.speaker}: {line.text}" if named and line.speaker else line.text
    return Turn(role=Role.USER, text=text, speaker=line.speaker, marks=line.marks)


def _joined(parts: list[Turn], joint: str) -> Turn:
    """Alternatives of the first part stay; those of the last become whole by what stands before it.

    A mark of one part is a mark of the whole: it cannot be told any more which words it was meant for.
    """
    if len(parts) == 1:
        return parts[0]
    before = joint.join(part.text for part in parts[:-1])
    longer = tuple(f"{before}{joint}{other}" for other in parts[-1].alternatives)
    speakers = {part.speaker for part in parts}
    return replace(
        parts[0],
        text=f"{before}{joint}{parts[-1].text}",
        speaker=parts[0].speaker if len(speakers) == 1 else "",
        alternatives=(*parts[0].alternatives, *longer),
        marks=tuple(dict.fromkeys(mark for part in parts for mark in part.marks)),
    )
