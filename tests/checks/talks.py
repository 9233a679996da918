"""Conversations for the checks' tests, and what was found in them by code."""

from studio.checks import CheckReport, Context, repair_each, run_checks
from studio.checks.check import Repaired
from studio.domain.conversation import Conversation, Role, Turn

Data = list[tuple[str, Conversation]]


def user(text: str, *, speaker: str = "", marks: tuple[str, ...] = ()) -> Turn:
    return Turn(role=Role.USER, text=text, speaker=speaker, marks=marks)


def persona(text: str, *, train: bool = True, marks: tuple[str, ...] = (), alternatives: tuple[str, ...] = ()) -> Turn:
    return Turn(role=Role.PERSONA, text=text, train=train, marks=marks, alternatives=alternatives)


def talk(*texts: str) -> Conversation:
    """A user's words, the persona's, and so on."""
    return Conversation(turns=tuple((persona if index % 2 else user)(text) for index, text in enumerate(texts)))


def numbered(*talks: Conversation) -> Data:
    return [(f"c{index}", one) for index, one in enumerate(talks)]


def checked(data: Data, **context: object) -> CheckReport:
    return run_checks(lambda: iter(data), Context(persona_name="Bex", **context))  # type: ignore[arg-type]


def count(report: CheckReport, code: str) -> int:
    return next((finding.count for finding in report.findings if finding.code == code), 0)


def repaired(name: str, data: Data, **context: object) -> Data:
    """The data after one repair, with the report of a check made for it."""
    given = Context(persona_name="Bex", **context)  # type: ignore[arg-type]
    changed = {key: after for key, _, after in repair_each(name, data, run_checks(lambda: iter(data), given), given)}
    new: Data = []
    for key, before in data:
        after: Repaired = changed.get(key, before)
        if isinstance(after, Conversation):
            new.append((key, after))
        elif after is not None:
            new += [(f"{key}.{number}", part) for number, part in enumerate(after.parts)]
    return new


def said(data: Data) -> list[list[str]]:
    return [[turn.text for turn in one.turns] for _, one in data]
