"""Letters that were read in the wrong encoding."""

import re

from studio.checks._look import Look, TurnLook, excerpt
from studio.checks._surgery import change_texts
from studio.checks.check import Check, Repair, Scope
from studio.domain.checks import Severity

_SUSPECT = re.compile(
    "[\x80-\x9f]|[\u00c2-\u00c5\u00ce-\u00d1\u00d8-\u00db\u00e0\u00e2\u00e3\u00ef\u00f0][\x80-\xbf\u0152\u0153\u0160\u0161\u0178\u017d"
    "\u017e\u0192\u02c6\u02dc\u2013\u2014\u2018-\u201a\u201c-\u201e\u2020-\u2022\u2026\u2030\u2039\u203a\u20ac\u2122]"
    "|[\u0420\u0421][\u0402-\u040f\u0452-\u045f\u00a0-\u00bf\u0403\u2018-\u203a\u20ac\u2122\u0451\u0401\u0490\u0491]|\u0432\u0402"
)
"""What UTF-8 looks like when it was taken for a code page of one byte; cheap, and asked before the library is."""


def _fixed(text: str) -> str:
    if text.isascii() or not _SUSPECT.search(text):
        return text
    import ftfy

    return "\n".join(ftfy.fix_encoding(line) for line in text.split("\n"))


def _find(turn: TurnLook, look: Look) -> str:
    del look
    text = turn.text
    if text.isascii():
        return ""
    match = _SUSPECT.search(text)
    return excerpt(text, match.start()) if match and _fixed(text) != text else ""


ENTRY = Check(
    code="mojibake",
    severity=Severity.WARN,
    order=35,
    scope=Scope.ANY,
    in_turn=_find,
    at_once=True,
    repairs=(
        Repair(
            name="mojibake_fix",
            label="Restore the letters",
            summary="Turns the garbled letters back into those that were meant, such as â€™ into ’.",
            apply=change_texts(_fixed),
        ),
    ),
)
