"""What the command palette offers: the actions, then every persona."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from studio.domain.chat import Contestant
from studio.gui.actions import Action, Commands
from studio.gui.window.command_palette import Entry
from studio.texts import tr

if TYPE_CHECKING:  # at run time the services (and SQLite) come after the first paint
    from studio.services.studio import Studio

MOST_PERSONAS = 300


def palette_entries(window: Commands, actions: tuple[Action, ...], studio: Studio | None) -> list[Entry]:
    """Return the lines of the palette, in the order shown before anything is typed."""
    found = [
        Entry(text=one.text, icon=one.icon, run=partial(one.run, window), hint=one.shortcut)
        for one in actions
        if one.name != "palette"
    ]
    return found + (_persona_entries(window, studio) if studio is not None else [])


def _persona_entries(window: Commands, studio: Studio) -> list[Entry]:
    found = []
    for summary in studio.personas.list()[:MOST_PERSONAS]:
        persona, adapter = summary.persona, summary.newest_adapter
        name = persona.name
        found.append(
            Entry(
                text=tr("Open {name}", name=name), icon="mdi6.account-outline", colour=persona.colour,
                run=partial(window.open_persona, persona.id),
            )
        )  # fmt: skip
        found.append(
            Entry(
                text=tr("Train {name}", name=name), icon="mdi6.fire", colour=persona.colour,
                run=partial(window.open_train, persona.id),
            )
        )  # fmt: skip
        if adapter is not None:
            found.append(
                Entry(
                    text=tr("Chat with {name}", name=name), icon="mdi6.chat-outline", colour=persona.colour,
                    run=partial(window.open_chat, (Contestant(adapter_id=adapter.id),)),
                )
            )  # fmt: skip
    return found
