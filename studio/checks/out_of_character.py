"""Remarks of the player behind the story, inside the persona's turns."""

import re

from studio.checks._look import Look, TurnLook, excerpt
from studio.checks._surgery import change_texts, switch_off_where
from studio.checks.check import Check, Repair, RepairContext
from studio.domain.checks import Severity
from studio.domain.conversation import Conversation, Role, Turn

_REMARK = re.compile(r"\(\(|\bOOC\b|\bout of character\b", re.IGNORECASE)
_WORDS = frozenset({"ooc", "character"})
_OPENING = re.compile(r"\(\(|[\[({]{1,2}[ ]?OOC\b|(?:^|\n)[ \t/*]*OOC[ ]?:", re.IGNORECASE)
_ROUNDS = 8
_CLOSING = {"((": "))", "[": "]", "(": ")", "{": "}"}


def _find(turn: TurnLook, look: Look) -> str:
    del look
    if "((" not in turn.text and _WORDS.isdisjoint(turn.folded):
        return ""
    match = _REMARK.search(turn.text)
    return excerpt(turn.text, match.start()) if match else ""


def _remove(text: str) -> str:
    """Every remark; taking one out can bring another to the beginning of its line."""
    for _ in range(_ROUNDS):
        shorter = _without_remarks(text)
        if shorter == text:
            break
        text = shorter
    return text


def _without_remarks(text: str) -> str:
    """Bracketed remarks to their closing bracket, or to the end of the line where none comes; labelled lines whole."""
    if not _OPENING.search(text):
        return text
    left = "\n\n".join(_paragraph_without(paragraph) for paragraph in text.split("\n\n"))
    lines = "\n".join(line.strip() for line in left.split("\n"))
    return re.sub(r"\n{3,}", "\n\n", re.sub(r"[ ]{2,}", " ", lines)).strip()


def _paragraph_without(text: str) -> str:
    kept: list[str] = []
    position = 0
    unclosed: set[str] = set()
    while match := _OPENING.search(text, position):
        kept.append(text[position : match.start()])
        opening = match[0].strip("\n")
        closing = _CLOSING.get("((" if opening.startswith("((") else opening[:1], "\n")
        end = -1 if closing in unclosed else text.find(closing, match.end())
        if end < 0:
            unclosed.add(closing)
            end, closing = text.find("\n", match.end()), ""
        position = len(text) if end < 0 else end + len(closing.strip("\n"))
    return "".join([*kept, text[position:]])


def _found(turn: Turn, conversation: Conversation, given: RepairContext) -> bool:
    del conversation, given
    return bool(_REMARK.search(turn.text))


ENTRY = Check(
    code="out_of_character",
    severity=Severity.WARN,
    order=60,
    in_turn=_find,
    at_once=True,
    repairs=(
        Repair(
            name="ooc_remove",
            label="Remove the remarks",
            summary="Takes out text in ((…)) or (OOC: …) and lines with OOC:, and turns that were nothing else.",
            apply=change_texts(_remove, lambda turn: turn.role is Role.PERSONA),
        ),
        Repair(
            name="ooc_off",
            label="Switch those turns off",
            summary="They stay in the conversation, but are not learned.",
            apply=switch_off_where(_found),
        ),
    ),
)
