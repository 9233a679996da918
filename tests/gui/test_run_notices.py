"""The notification of the desktop: told when a run ends and the window is not in front, in words that say enough."""

from collections.abc import Callable
from types import SimpleNamespace
from typing import Any

import pytest
from PySide6.QtWidgets import QWidget
from pytestqt.qtbot import QtBot

from studio.domain.run import Run, RunState
from studio.gui.pages.train.notice_words import notice_of, notice_words
from studio.gui.window.run_notices import CommandNotifier, RunNotices, TrayNotifier
from tests.gui.stand_in import ILSE, StandIn, make_run


class Way:
    """A notifier that writes down what it is told."""

    def __init__(self, exists: bool = True) -> None:
        self.exists = exists
        self.told: list[tuple[str, str]] = []
        self.click: Callable[[], None] = lambda: None

    def tell(self, title: str, text: str, clicked: Callable[[], None]) -> bool:
        if self.exists:
            self.told.append((title, text))
            self.click = clicked
        return self.exists


class Window(QWidget):
    """In front, or not, as the test says."""

    in_front = False

    def isActiveWindow(self) -> bool:
        return self.in_front


def finished(**more: Any) -> Run:
    figures = {"heldout_nll_base": 3.6, "heldout_nll_adapter": 2.8, "seconds": 600.0}
    return make_run(**{"persona_id": ILSE.id, "number": 7, "state": RunState.FINISHED, **figures, **more})


@pytest.fixture
def ended(qtbot: QtBot) -> Any:
    studio = StandIn()
    heard: list[Callable[[Run], None]] = []

    def listen(listener: Callable[[Run], None]) -> Callable[[], None]:
        heard.append(listener)
        return heard.clear

    window = Window()
    qtbot.addWidget(window)
    missing, way, spare, shown = Way(exists=False), Way(), Way(), []
    words = lambda run: notice_words(studio, run)  # type: ignore[arg-type]  # noqa: E731
    notices = RunNotices(listen, words, window, shown.append, (missing, way, spare))
    return SimpleNamespace(tell=lambda run: [one(run) for one in heard], window=window, way=way, spare=spare,
                           shown=shown, notices=notices)  # fmt: skip


def test_the_first_way_that_exists_tells_it(ended: Any) -> None:
    ended.tell(finished())
    assert ended.way.told == [
        ("Ilse Marrow · run 7 is trained", "After 10 min; +0.80 nats on held-out lines. The queue is empty.")
    ]
    assert ended.spare.told == []


def test_nobody_is_told_what_they_see(ended: Any) -> None:
    ended.window.in_front = True
    ended.tell(finished())
    assert ended.way.told == []


def test_a_click_brings_the_window_and_the_run(ended: Any) -> None:
    ended.window.hide()
    ended.tell(finished())
    ended.way.click()
    assert ended.window.isVisible() and ended.shown == ["run-1"]


def test_it_stops_when_the_window_closes(ended: Any) -> None:
    ended.notices.stop()
    ended.tell(finished())
    assert ended.way.told == []


def test_the_words_say_how_it_ended_and_what_is_left() -> None:
    failure = '{"code": "nothing_to_train", "details": {}}'
    title, text = notice_of(finished(state=RunState.FAILED, failure=failure), "Ilse", 2)
    assert title == "Ilse · run 7 failed" and text.endswith("2 runs are left in the queue.") and len(text) > 40
    assert notice_of(finished(state=RunState.STOPPED), "Ilse", 1) == (
        "Ilse · run 7 was stopped", "1 run is left in the queue.")  # fmt: skip
    assert notice_of(finished(heldout_nll_base=None), "", 0)[1] == "After 10 min. The queue is empty."
    assert "interrupted" in notice_of(finished(state=RunState.INTERRUPTED), "Ilse", 0)[0]


def test_ways_that_are_not_here_say_so(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    monkeypatch.delenv("DBUS_SESSION_BUS_ADDRESS", raising=False)
    monkeypatch.setattr("studio.gui.window.run_notices.QSystemTrayIcon.isSystemTrayAvailable", lambda: False)
    assert not TrayNotifier(window).tell("Title", "text", lambda: None)
    assert not CommandNotifier().tell("Title", "text", lambda: None)
