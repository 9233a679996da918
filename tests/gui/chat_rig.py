"""A real chat page on a real studio with the fake engine: a base, personas with greetings and an adapter each."""

from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from PySide6.QtCore import QEvent
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.domain.chat import Chat, Contestant
from studio.domain.persona import Persona
from studio.gui.pages.chat.page import Page
from studio.services.studio import Studio
from tests.gui.conftest import Here, add_base, add_persona
from tests.services.voices import add_adapter

BOOK = {
    "entries": [
        {"keys": ["harbour"], "content": "The harbour freezes in June.", "comment": "Harbour", "enabled": True,
         "insertion_order": 1, "extensions": {}},
        {"keys": ["dragon"], "content": "There are none.", "comment": "Dragons", "enabled": True,
         "insertion_order": 2, "extensions": {}},
    ],
    "extensions": {},
}  # fmt: skip
PATIENCE = 30_000


class Rig:
    """The page, and short ways to bring things about in it."""

    def __init__(self, studio: Studio, here: Here, qtbot: QtBot, folder: Path) -> None:
        self.studio, self.here, self.qtbot = studio, here, qtbot
        self.base = add_base(studio, qtbot, folder)
        self.personas = [self._add_persona(name) for name in ("Oswin", "Wren")]
        self.voices = [
            Contestant(adapter_id=add_adapter(studio, self.base, one.id, f"{one.name} v1").id) for one in self.personas
        ]
        self.page = Page(studio, here)  # type: ignore[arg-type]
        self.page.setParent(here.widget)
        studio.changes.subscribe(self.page.on_change)
        here.widget.resize(1180, 720)
        self.page.resize(1180, 720)
        here.widget.show()
        self.page.show()

    def _add_persona(self, name: str) -> Persona:
        made = add_persona(self.studio, name, conversations=3)
        card = {"data": {"character_book": BOOK}}
        return self.studio.personas.update(
            made.id, greeting=f"{name} nods.", alternate_greetings=(f"{name} waves.",), card=card,
            system_prompt=f"You are {name}.",
        )  # fmt: skip

    def open(self, contestants: list[Contestant]) -> None:
        """Plan a chat with these."""
        self.page.open(contestants=contestants)

    def say(self, text: str) -> None:
        """Write, send, and wait for all replies."""
        self.page.bottom.composer.setPlainText(text)
        self.page.bottom.send.click()
        self.rest()

    def rest(self) -> None:
        """Wait until nobody writes any more, and all of it is shown."""
        page = self.page
        self.qtbot.waitUntil(lambda: not page.presenter.replies.busy and page.showing.idle, timeout=PATIENCE)

    def view(self, column: int = 0) -> Any:
        """The messages of a column."""
        return self.page.board.columns[column].view

    def texts(self, column: int = 0) -> list[str]:
        """What a column shows."""
        return [one.text for one in self.view(column).messages.messages]

    @property
    def chat(self) -> Chat:
        """The open chat as it is stored."""
        return self.studio.chats.get(self.page.presenter.chat_id)

    def toast(self) -> str:
        """What was said last."""
        return self.here.toasts[-1][0]

    def undo(self) -> None:
        """Press Undo on what was said last."""
        act = self.here.toasts[-1][1]
        assert act is not None
        act()


@pytest.fixture
def rig(monkeypatch: pytest.MonkeyPatch, request: pytest.FixtureRequest, qtbot: QtBot, tmp_path: Path) -> Iterator[Rig]:
    """The engine must be told to hurry before the studio launches it."""
    monkeypatch.setenv("FAKE_ENGINE_SPEED", "0")
    studio, here = request.getfixturevalue("studio"), request.getfixturevalue("here")
    made = Rig(studio, here, qtbot, tmp_path)
    yield made
    here.widget.hide()
    made.page.setParent(None)  # type: ignore[call-overload]
    made.page.deleteLater()
    QApplication.sendPostedEvents(None, QEvent.Type.DeferredDelete)
