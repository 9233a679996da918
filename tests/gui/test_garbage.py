"""Python looks for garbage when nothing else goes on."""

import gc
import weakref

import pytest
from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from studio.gui import garbage
from studio.gui.garbage import Garbage


class Circle:
    """Names itself, so that only looking for it gives it back."""

    def __init__(self) -> None:
        self.me = self


def lost_circle() -> "weakref.ref[Circle]":
    return weakref.ref(Circle())


def test_what_has_settled_is_left_out_until_it_is_looked_for(qtbot: QtBot) -> None:
    gc.disable()
    parent = QObject()
    kept = Garbage(parent, lambda: False)
    lost = lost_circle()
    kept.settled()
    gc.enable()
    gc.collect()
    assert lost() is not None
    kept.look()
    assert lost() is None
    assert gc.get_freeze_count() > 0, "what is left stays out"


def test_it_is_looked_for_once_all_is_quiet(qtbot: QtBot, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(garbage, "QUIET_MILLISECONDS", 1)
    parent, busy = QObject(), [True]
    kept = Garbage(parent, lambda: bool(busy))
    gc.disable()
    lost = lost_circle()
    kept.settled()
    gc.enable()
    kept.look()
    assert lost() is not None, "a bad moment"
    busy.clear()
    qtbot.waitUntil(lambda: lost() is None)
