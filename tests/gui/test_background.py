"""Work off the window's thread, and the way back."""

import threading

from PySide6.QtCore import QObject
from pytestqt.qtbot import QtBot

from studio.domain.errors import StudioError
from studio.gui import background
from studio.gui.background import run_in_background
from studio.gui.main_thread import MainThread


def never(outcome: object) -> None:
    raise AssertionError(outcome)


def test_the_result_comes_back_on_the_windows_thread(qtbot: QtBot) -> None:
    owner, heard = QObject(), []
    run_in_background(
        threading.get_ident, owner=owner, on_error=never,
        on_result=lambda worked_on: heard.append((worked_on, threading.get_ident())),
    )  # fmt: skip
    qtbot.waitUntil(lambda: bool(heard), timeout=20_000)
    worked_on, heard_on = heard[0]
    assert worked_on != threading.get_ident() == heard_on


def test_a_users_trouble_comes_back_as_one(qtbot: QtBot) -> None:
    owner, heard = QObject(), []

    def work() -> None:
        raise StudioError("cancelled")

    run_in_background(work, owner=owner, on_result=never, on_error=lambda error: heard.append(error.code))
    qtbot.waitUntil(lambda: heard == ["cancelled"], timeout=20_000)


def test_a_bug_is_raised_on_the_windows_thread(qtbot: QtBot) -> None:
    owner = QObject()

    def work() -> None:
        raise ZeroDivisionError("a bug")

    with qtbot.captureExceptions() as caught:
        run_in_background(work, owner=owner, on_result=never, on_error=never)
        qtbot.waitUntil(lambda: bool(caught), timeout=20_000)
    assert caught[0][0] is ZeroDivisionError


def test_nobody_hears_when_the_owner_is_gone(qtbot: QtBot) -> None:
    owner, go, heard = QObject(), threading.Event(), []
    run_in_background(lambda: go.wait(60), owner=owner, on_result=heard.append, on_error=never)
    owner.deleteLater()
    with qtbot.waitSignal(owner.destroyed):
        pass
    go.set()
    qtbot.waitUntil(lambda: not background._asked, timeout=20_000)
    assert heard == []


def test_deliver_keeps_the_order_and_the_thread(qtbot: QtBot) -> None:
    main, heard = MainThread(), []

    def tell() -> None:
        for number in range(100):
            main.deliver(lambda number=number: heard.append((number, threading.get_ident())))

    thread = threading.Thread(target=tell)
    thread.start()
    qtbot.waitUntil(lambda: len(heard) == 100, timeout=20_000)
    thread.join()
    assert heard == [(number, threading.get_ident()) for number in range(100)]
