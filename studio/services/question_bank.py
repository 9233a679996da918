"""The questions that a persona without chat logs is asked; our own, one file a kind in ``resources/questions``."""

import random
from collections.abc import Collection, Iterator, Mapping
from dataclasses import dataclass

from studio.domain.card_text import facts
from studio.domain.persona import Persona
from studio.paths import resources

EVERYDAY, EMOTIONAL, OUT_OF_WORLD, STATEMENT = "everyday", "emotional", "out_of_world", "statement"
KINDS = (EVERYDAY, EMOTIONAL, OUT_OF_WORLD, STATEMENT)
_OPENERS = "openers"


@dataclass(frozen=True, kw_only=True)
class Asked:
    """A question of a kind. ``fact``: what a statement must say; the question alone goes into the example."""

    kind: str
    question: str
    fact: str = ""


def bank() -> dict[str, tuple[str, ...]]:
    """Return the questions by kind (without statements, which come from the card)."""
    return {kind: _lines(kind) for kind in (EVERYDAY, EMOTIONAL, OUT_OF_WORLD)}


def openers() -> tuple[str, ...]:
    """Return the ways to ask somebody about themselves."""
    return _lines(_OPENERS)


def statements(persona: Persona) -> list[Asked]:
    """Return one question for each fact of the card, by turns from our openers."""
    asked = openers()
    return [
        Asked(kind=STATEMENT, question=asked[number % len(asked)], fact=fact)
        for number, fact in enumerate(facts(persona))
    ]


def drawn(persona: Persona, wanted: Mapping[str, int], used: Collection[tuple[str, str]], seed: int) -> list[Asked]:
    """Draw so many questions of each kind, none that was ``used`` (question, fact), mixed; the same for a seed."""
    chance = random.Random(f"{persona.id}:{seed}")
    found = [asked for kind, count in wanted.items() for asked in _of_kind(persona, kind, used, chance, count)]
    chance.shuffle(found)
    return found


def left(persona: Persona, used: Collection[tuple[str, str]]) -> dict[str, int]:
    """Return how many questions of each kind were not used yet."""
    return {kind: len(_unused(persona, kind, used)) for kind in KINDS}


def _of_kind(
    persona: Persona, kind: str, used: Collection[tuple[str, str]], chance: random.Random, count: int
) -> Iterator[Asked]:
    unused = _unused(persona, kind, used)
    yield from chance.sample(unused, min(count, len(unused)))


def _unused(persona: Persona, kind: str, used: Collection[tuple[str, str]]) -> list[Asked]:
    if kind == STATEMENT:
        told = {fact for _, fact in used}
        return [asked for asked in statements(persona) if asked.fact not in told]
    known = {question for question, _ in used}
    return [Asked(kind=kind, question=question) for question in _lines(kind) if question not in known]


def _lines(name: str) -> tuple[str, ...]:
    text = (resources() / "questions" / f"{name}.txt").read_text(encoding="utf-8")
    return tuple(line.strip() for line in text.splitlines() if line.strip())
