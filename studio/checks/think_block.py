"""Thinking aloud, as some models do before they answer, inside the persona's turns."""

import re

from studio.checks._look import Look, TurnLook, excerpt
from studio.checks._surgery import change_texts
from studio.checks.check import Check, Repair, Scope
from studio.domain.checks import Severity
from studio.domain.conversation import Role

_TAG = re.compile(r"<(/?)(?:think|thinking|reasoning)>", re.IGNORECASE)


def _find(turn: TurnLook, look: Look) -> str:
    del look
    match = _TAG.search(turn.text) if "<" in turn.text else None
    return excerpt(turn.text, match.start()) if match else ""


def _delete(text: str) -> str:
    """Blocks go with what is in them; before a lone end and after a lone beginning everything was thought."""
    if "<" not in text or not _TAG.search(text):
        return text
    kept: list[str] = []
    position = depth = 0
    for tag in _TAG.finditer(text):
        if not tag[1]:
            if not depth:
                kept.append(text[position : tag.start()])
            depth += 1
        elif depth:
            depth -= 1
        else:
            kept.clear()
        position = tag.end()
    return "".join(kept if depth else [*kept, text[position:]]).strip()


ENTRY = Check(
    code="think_block",
    severity=Severity.BLOCK,
    order=20,
    scope=Scope.PERSONA,
    in_turn=_find,
    at_once=True,
    repairs=(
        Repair(
            name="think_block_delete",
            label="Delete the blocks",
            summary="Takes the thinking out and keeps what is said. A turn that only thinks is taken out.",
            apply=change_texts(_delete, lambda turn: turn.role is Role.PERSONA),
        ),
    ),
)
