"""A prompt put together: system text, lore around it, what was said, notes at a depth before the end.

Many chat templates know one system turn at the beginning and turns that alternate, nothing else. So everything that
stands before the chat is one system text, and a note in the middle hangs in brackets on the user's message there.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from studio.domain.conversation import Role
from studio.domain.lorebook import AFTER, BEFORE, DEPTH, LoreHit

Said = tuple[Role, str]
_ORIGINAL = re.compile(r"\{\{\s*original\s*\}\}", re.IGNORECASE)


@dataclass(frozen=True, kw_only=True)
class Note:
    """Words for the persona alone, ``depth`` messages before the end."""

    text: str
    depth: int = 0


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """What the engine is given. The first ``pinned`` messages never leave; ``lore``: what was called up, and how."""

    said: tuple[Said, ...]
    pinned: int
    lore: tuple[LoreHit, ...] = ()


def with_original(text: str, original: str) -> str:
    """Words that take the place of others, and may hold them: ``{{original}}``."""
    return _ORIGINAL.sub(lambda _: original, text) if text.strip() else original


def assembled(system: str, said: Sequence[Said], *, lore: Sequence[LoreHit] = (), notes: Sequence[Note] = ()) -> Prompt:
    """Put a prompt together; lore that found no room is left out."""
    there = [hit for hit in lore if hit.fits and hit.text.strip()]
    before = [hit.text for hit in there if hit.position == BEFORE]
    after = [hit.text for hit in there if hit.position == AFTER]
    around = [text.strip() for text in (*before, system, *after) if text.strip()]
    hung = [Note(text=hit.text, depth=hit.depth) for hit in there if hit.position == DEPTH]
    turns, left = _noted(said, [note for note in (*hung, *notes) if note.text.strip()])
    opening = "\n\n".join([*around, *left])
    head = ((Role.SYSTEM, opening),) if opening else ()
    return Prompt(said=(*head, *turns), pinned=len(head), lore=tuple(lore))


def _noted(said: Sequence[Said], notes: Sequence[Note]) -> tuple[list[Said], list[str]]:
    """Hang every note on the user's message nearest to its place; where the user said nothing, it is left over."""
    turns, left = list(said), []
    for note in notes:
        at = _place(said, note.depth)
        words = f"[{note.text.strip()}]"
        if at is None:
            left.append(words)
            continue
        role, text = turns[at]
        behind = at < max(len(said) - note.depth, 0)
        turns[at] = (role, f"{text}\n\n{words}" if behind else f"{words}\n\n{text}")
    return turns, left


def _place(said: Sequence[Said], depth: int) -> int | None:
    """The user's message right before or right after the place; else the last one before it, else the first."""
    border = max(len(said) - depth, 0)
    mine = [at for at, (role, _) in enumerate(said) if role is Role.USER]
    earlier, later = [at for at in mine if at < border], [at for at in mine if at >= border]
    if earlier and (earlier[-1] == border - 1 or not later or later[0] != border):
        return earlier[-1]
    return later[0] if later else None
