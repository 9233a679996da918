"""Placeholders that nothing fills in: aliases of the two known ones, comments, choices, and those nobody can fill."""

import re
from collections.abc import Callable

from studio.checks._look import Look, TurnLook
from studio.checks._surgery import change_texts
from studio.checks.check import Check, Repair, Scope
from studio.domain.checks import Severity
from studio.domain.macros import unknown_macros

_MACRO = re.compile(r"\{\{[ ]*([^{}\n]{0,200}?)[ ]*\}\}")
_PERSONA = frozenset({"name", "character", "charname", "char_name", "persona", "assistant", "ai", "model"})
_USER = frozenset({"you", "player", "username", "user_name", "human", "reader"})
_COMMENT = re.compile(
    r"//|comment\s*:|hidden_key\s*:|note\s*:|(?:noop|trim|original|banned\b.*|newline)\s*$", re.IGNORECASE
)
_CHOICE = re.compile(r"(?:random|pick)\s*(::?)\s*(.*)", re.IGNORECASE)


def _find(turn: TurnLook, look: Look) -> str:
    del look
    if "{{" not in turn.text:
        return ""
    return next(iter(unknown_macros(turn.text)), "")


def _replacing(fill: Callable[[str], str | None]) -> Callable[[str], str]:
    """Change every placeholder for which there is something; ``None`` leaves it."""

    def one(match: re.Match[str]) -> str:
        said = fill(match[1])
        return match[0] if said is None else said

    def change(text: str) -> str:
        return _MACRO.sub(one, text) if "{{" in text else text

    return change


def _alias(inner: str) -> str | None:
    name = inner.casefold()
    if name in _PERSONA:
        return "{{char}}"
    return "{{user}}" if name in _USER else None


def _first_choice(inner: str) -> str | None:
    match = _CHOICE.match(inner)
    if not match:
        return None
    parts = match[2].split("::") if "::" in inner else match[2].split(",")
    return parts[0].strip()


_SPACE_BEFORE = re.compile(r"(?<=\S)[ ]+(?=[.,;!?\n]|$)|^[ ]+")


def _without_comments(text: str) -> str:
    if "{{" not in text:
        return text
    shorter = _replacing(lambda inner: "" if _COMMENT.match(inner) else None)(text)
    return text if shorter == text else _SPACE_BEFORE.sub("", re.sub("[ ]{2,}", " ", shorter)).strip()


ENTRY = Check(
    code="unresolved_macros",
    severity=Severity.WARN,
    order=30,
    scope=Scope.ANY,
    in_turn=_find,
    at_once=True,
    repairs=(
        Repair(
            name="macros_fill_aliases",
            label="Write the known ones right",
            summary="Turns other spellings, such as {{name}} or {{player}}, into {{char}} and {{user}}.",
            apply=change_texts(_replacing(_alias)),
        ),
        Repair(
            name="macros_remove_comments",
            label="Take comments out",
            summary="Removes placeholders that stand for nothing, such as {{// a remark}} or {{trim}}.",
            apply=change_texts(_without_comments),
        ),
        Repair(
            name="macros_pick_first",
            label="Take the first choice",
            summary="Puts the first of the words offered in place of {{random:…}} and {{pick:…}}.",
            apply=change_texts(_replacing(_first_choice)),
        ),
    ),
)
