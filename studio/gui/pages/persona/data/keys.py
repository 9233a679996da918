"""The keys of the Data tab as data, for the tab itself and for the list of shortcuts (F1). Knows no Qt."""

from __future__ import annotations

from dataclasses import dataclass

from studio.gui.pages.persona.data.bulk_acts import bulk_acts
from studio.gui.pages.persona.data.turn_acts import turn_acts
from studio.texts import tr


@dataclass(frozen=True, kw_only=True)
class TabKey:
    """One key that works anywhere in the tab. ``name`` is the tab's method for it."""

    name: str
    text: str
    key: str


def tab_keys() -> tuple[TabKey, ...]:
    """Everything that works wherever the keyboard is in the tab."""
    return (
        TabKey(name="undo", text=tr("Undo"), key="Ctrl+Z"),
        TabKey(name="redo", text=tr("Redo"), key="Ctrl+Shift+Z"),
        TabKey(name="replace", text=tr("Find and replace"), key="Ctrl+H"),
        TabKey(name="next_place", text=tr("Next place of the finding"), key="F3"),
        TabKey(name="previous_place", text=tr("Place before of the finding"), key="Shift+F3"),
        TabKey(name="swap_view", text=tr("Words or tokens"), key="Ctrl+M"),
    )


def shortcut_groups() -> list[tuple[str, list[tuple[str, str]]]]:
    """Groups of (words, key) for the list of shortcuts."""
    turns = [(act.text, act.keys[0]) for act in turn_acts() if act.keys]
    return [
        (tr("Data"), [(one.text, one.key) for one in tab_keys()]),
        (tr("Data: a turn"), [(tr("From turn to turn"), "Up"), (tr("Choose several"), "Shift+Down"), *turns]),
        (
            tr("Data: chosen conversations"),
            [(tr("Choose all that match"), "Ctrl+A"), (tr("Open"), "Return"),
             *((act.text, act.keys[0]) for act in bulk_acts() if act.keys)],
        ),
    ]  # fmt: skip
