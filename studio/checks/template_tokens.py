"""Control tokens of a chat format that stand inside the words."""

import re

from studio.checks._look import Look, TurnLook, excerpt
from studio.checks._surgery import change_texts
from studio.checks.check import Check, Repair, Scope
from studio.domain.checks import Severity

_TOKEN = (
    r"<\|[A-Za-z0-9_]{1,40}\|>|<(?:start|end)_of_turn>|<\|turn>|<turn\|>|<\uff5c[A-Za-z\u2581_]{1,40}\uff5c>"
    r"|\[/?INST\]|\[/?(?:SYSTEM_PROMPT|AVAILABLE_TOOLS|TOOL_CALLS|TOOL_RESULTS)\]|<</?SYS>>|</?s>|<(?:[be]os|pad|unk)>"
)
_TOKENS = re.compile(_TOKEN, re.IGNORECASE)
_ROLE = r"(?:system|user|assistant|model|tool)"
_MARK = re.compile(
    rf"(?:<\|im_start\|>|<start_of_turn>|<\|turn>)[ ]?{_ROLE}\b\n?"
    rf"|<\|start_header_id\|>[ ]?{_ROLE}[ ]?<\|end_header_id\|>\n{{0,2}}|{_TOKEN}",
    re.IGNORECASE,
)
"""A token together with the name of the side that it introduces."""


def _find(turn: TurnLook, look: Look) -> str:
    del look
    text = turn.text
    if "<" not in text and "[" not in text:
        return ""
    match = _TOKENS.search(text)
    return excerpt(text, match.start()) if match else ""


def _delete(text: str) -> str:
    if not _TOKENS.search(text):
        return text
    kept: list[str] = []
    position = 0
    for match in _MARK.finditer(text):
        kept.append(text[position : match.start()])
        position = match.end()
        if _touches(text, match):
            kept.append(" ")  # so that what stood around a token cannot become one
    return "".join([*kept, text[position:]]).strip()


def _touches(text: str, match: re.Match[str]) -> bool:
    before, after = text[match.start() - 1 : match.start()], text[match.end() : match.end() + 1]
    return bool(before and after) and not before.isspace() and not after.isspace()


ENTRY = Check(
    code="template_tokens",
    severity=Severity.BLOCK,
    order=10,
    scope=Scope.ANY,
    in_turn=_find,
    at_once=True,
    repairs=(
        Repair(
            name="template_tokens_delete",
            label="Delete the tokens",
            summary="Takes the control tokens out and leaves every other word as it is.",
            apply=change_texts(_delete),
        ),
    ),
)
