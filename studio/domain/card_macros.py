"""What cards write between double braces beyond names: fields of the card, chance, dates, comments.

Chance is drawn from a seed, so that the same prompt with the same seed reads the same; a ``pick`` stays for a whole
chat. What is known here as little as elsewhere stays as it is written.
"""

import random
import re
from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime

from studio.domain.card_text import card_field
from studio.domain.macros import resolve
from studio.domain.persona import Persona

_INNERMOST = re.compile(r"\{\{([^{}]{0,2000})\}\}")
_TRIM = re.compile(r"\n*\{\{\s*trim\s*\}\}\n*", re.IGNORECASE)
_DICE = re.compile(r"(\d{0,3})d?(\d{1,6})([+-]\d{1,6})?", re.IGNORECASE)
_DEPTH = 4
"""Placeholders within placeholders."""


@dataclass(frozen=True, kw_only=True)
class Macros:
    """What placeholders stand for. ``chance`` seeds what is drawn anew each time, ``chat`` what is drawn once."""

    char: str
    user: str
    persona: Persona | None = None
    last: str = ""
    last_user: str = ""
    last_char: str = ""
    everybody: str = ""
    chance: str = ""
    chat: str = ""
    at: datetime | None = None


def fill(text: str, macros: Macros) -> str:
    """Fill in every placeholder that is known, the innermost first."""
    if "{{" not in text and "<" not in text:
        return text
    text = _TRIM.sub("", text)
    drawn = _Drawn(macros)
    for _ in range(_DEPTH):
        before, text = text, _INNERMOST.sub(drawn.word, text)
        if text == before:
            break
    return resolve(text, char=macros.char, user=macros.user)


class _Drawn:
    """One text's placeholders; each that draws has its own chance by its place in the order."""

    def __init__(self, macros: Macros) -> None:
        self._macros = macros
        self._fixed = _fixed(macros)
        self._drawn = 0

    def word(self, match: re.Match[str]) -> str:
        body = match[1].strip()
        if body.startswith("//"):
            return ""
        if (found := self._fixed.get(body.lower())) is not None:
            return found
        name, colon, rest = body.partition(":")
        act = _ACTS.get(name.strip().lower())
        if act is None or not colon:
            return match[0]
        self._drawn += 1
        once = name.strip().lower() == "pick"
        seed = self._macros.chat if once else self._macros.chance
        made = act(rest.removeprefix(":"), random.Random(f"{seed}|{'' if once else self._drawn}|{body}"))
        return match[0] if made is None else made


def _fixed(macros: Macros) -> dict[str, str]:
    at, persona = macros.at, macros.persona
    names = {
        "char": macros.char, "bot": macros.char, "user": macros.user, "group": macros.everybody or macros.char,
        "charifnotgroup": macros.everybody or macros.char, "newline": "\n", "noop": "", "original": "",
        "lastmessage": macros.last, "lastusermessage": macros.last_user, "lastcharmessage": macros.last_char,
    }  # fmt: skip
    if at is not None:
        names |= {
            "date": f"{at:%d %B %Y}".lstrip("0"), "time": f"{at:%H:%M}", "weekday": f"{at:%A}",
            "isodate": f"{at:%Y-%m-%d}", "isotime": f"{at:%H:%M}",
        }  # fmt: skip
    if persona is not None:
        names |= {
            "description": persona.description, "personality": card_field(persona, "personality"),
            "scenario": card_field(persona, "scenario"), "mesexamples": card_field(persona, "mes_example"),
            "charfirstmes": persona.greeting, "charprompt": persona.system_prompt,
        }  # fmt: skip
    return names


def _chosen(rest: str, chance: random.Random) -> str | None:
    parts = rest.split("::") if "::" in rest else rest.split(",")
    return chance.choice(parts).strip()


def _rolled(rest: str, chance: random.Random) -> str | None:
    found = _DICE.fullmatch(rest.strip().replace(" ", ""))
    if found is None:
        return None
    with_count = "d" in rest.lower()
    count, sides = (int(found[1] or 1), int(found[2])) if with_count else (1, int((found[1] or "") + found[2]))
    if not count or not sides:
        return None
    return str(sum(chance.randint(1, sides) for _ in range(count)) + int(found[3] or 0))


_Act = Callable[[str, random.Random], str | None]
_ACTS: dict[str, _Act] = {
    "random": _chosen,
    "pick": _chosen,
    "roll": _rolled,
    "reverse": lambda rest, _: rest[::-1],
    "comment": lambda rest, _: "",
    "hidden_key": lambda rest, _: "",
}
