"""Placeholders of character cards: ``{{char}}``, ``{{user}}`` and their older spellings.

Conversations are stored with them; they are filled in for training and chat, when the user's name is known.
"""

import re

_FILLABLE = re.compile(r"\{\{\s*(char|bot|user)\s*\}\}|<(char|bot|user)>", re.IGNORECASE)
# Braces inside are left out so that an unclosed "{{{{{{…" costs linear time.
_ANY = re.compile(r"\{\{[^{}\n]{0,200}\}\}|<(?:char|bot|user)>", re.IGNORECASE)


def resolve(text: str, *, char: str, user: str) -> str:
    """Fill in the persona's name and the user's name, whatever the case of the placeholder."""
    if "{{" not in text and "<" not in text:
        return text

    def name(match: re.Match[str]) -> str:
        word = (match[1] or match[2]).lower()
        return user if word == "user" else char

    return _FILLABLE.sub(name, text)


def find_macros(text: str) -> list[str]:
    """Return every placeholder in the text as it is written."""
    if "{{" not in text and "<" not in text:
        return []
    return _ANY.findall(text)


def unknown_macros(text: str) -> list[str]:
    """Return the placeholders that ``resolve`` leaves alone, such as ``{{random:a,b}}``."""
    return [macro for macro in find_macros(text) if not _FILLABLE.fullmatch(macro)]
