"""What can be done with a turn, as data: tools, menus, keys and the list of shortcuts are made from it. Knows no Qt."""

from __future__ import annotations

from dataclasses import dataclass

from studio.domain.conversation import DOUBTFUL, Role, Turn
from studio.texts import tr


@dataclass(frozen=True, kw_only=True)
class TurnAct:
    """One thing to do. ``keys`` in Qt's portable text, the first is shown; ``group`` divides the menu."""

    name: str
    text: str
    icon: str = ""
    keys: tuple[str, ...] = ()
    group: int = 0


@dataclass(frozen=True, kw_only=True)
class Wish:
    """What the user wants done with a turn. ``value`` depends on the act: words, a role, a place in the text."""

    name: str
    index: int
    value: object = None


def turn_acts() -> tuple[TurnAct, ...]:
    """Everything, in the order of the menu."""
    return (
        TurnAct(name="edit", text=tr("Edit"), icon="mdi6.pencil-outline", keys=("Return", "Enter", "F2")),
        TurnAct(name="train", text=tr("Train on it or not"), icon="mdi6.school-outline", keys=("T",)),
        TurnAct(name="confirm", text=tr("Confirm the speaker"), icon="mdi6.account-check-outline", keys=("C",)),
        TurnAct(name="earlier", text=tr("Earlier alternative"), icon="mdi6.chevron-left", keys=("Left",), group=1),
        TurnAct(name="later", text=tr("Next alternative"), icon="mdi6.chevron-right", keys=("Right",), group=1),
        TurnAct(name="drop_alternative", text=tr("Drop this alternative"), icon="mdi6.layers-remove",
                keys=("Shift+Del",), group=1),
        TurnAct(name="insert", text=tr("Insert a turn below"), icon="mdi6.plus", keys=("Ins",),
                group=2),
        TurnAct(name="duplicate", text=tr("Duplicate"), icon="mdi6.content-copy", keys=("Ctrl+D",), group=2),
        TurnAct(name="split", text=tr("Split at the cursor"), icon="mdi6.call-split", keys=("Ctrl+Shift+S",), group=2),
        TurnAct(name="merge_next", text=tr("Merge with the next"), icon="mdi6.arrow-collapse-down",
                keys=("Ctrl+J",), group=2),
        TurnAct(name="merge_previous", text=tr("Merge with the one before"), icon="mdi6.arrow-collapse-up",
                keys=("Ctrl+Shift+J",), group=2),
        TurnAct(name="up", text=tr("Move up"), icon="mdi6.arrow-up", keys=("Alt+Up",), group=3),
        TurnAct(name="down", text=tr("Move down"), icon="mdi6.arrow-down", keys=("Alt+Down",), group=3),
        TurnAct(name="divide", text=tr("Begin a new conversation here"), icon="mdi6.content-cut", group=3),
        TurnAct(name="delete", text=tr("Delete"), icon="mdi6.trash-can-outline", keys=("Del", "Backspace"), group=4),
    )  # fmt: skip


def by_key() -> dict[str, str]:
    """Key to the name of its act."""
    return {key: act.name for act in turn_acts() for key in act.keys}


def possible(turn: Turn, index: int, count: int) -> frozenset[str]:
    """The acts that make sense for this turn of a conversation of ``count`` turns."""
    found = {"edit", "insert", "duplicate", "split", "delete"}
    if turn.role is Role.PERSONA:
        found.add("train")
    if DOUBTFUL in turn.marks:
        found.add("confirm")
    if turn.alternatives:
        found |= {"earlier", "later", "drop_alternative"}
    if index > 0:
        found |= {"merge_previous", "up", "divide"}
    if index < count - 1:
        found |= {"merge_next", "down"}
    return frozenset(found)


def role_names() -> dict[Role, str]:
    """The roles in words."""
    return {Role.PERSONA: tr("Persona"), Role.USER: tr("User"), Role.SYSTEM: tr("System")}
