"""The train and chat pages on a real studio with the fake engine: a persona is trained, talked to, and interrupted."""

from collections.abc import Callable
from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QWidget
from pytestqt.qtbot import QtBot

from studio.domain.base_model import BaseModel
from studio.domain.persona import Persona
from studio.domain.run import RunState
from studio.gui.pages.chat.page import Page as ChatPage
from studio.gui.pages.models.page import Page as ModelsPage
from studio.gui.pages.train.page import Page as TrainPage
from studio.services.studio import Studio
from tests.gui.conftest import Here, add_persona


@pytest.fixture(autouse=True)
def _without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_ENGINE_SPEED", "0")


@pytest.fixture
def oswin(studio: Studio) -> Persona:
    return add_persona(studio, "Oswin", conversations=20)


def shown(qtbot: QtBot, studio: Studio, here: Here, kind: Callable[..., QWidget]) -> QWidget:
    page = kind(studio, here)
    unsubscribe = studio.changes.subscribe(page.on_change)  # type: ignore[attr-defined]
    qtbot.addWidget(page, before_close_func=lambda _: unsubscribe())
    page.resize(1180, 740)
    page.show()
    page.open()  # type: ignore[attr-defined]
    QApplication.processEvents()
    return page


def trained(qtbot: QtBot, studio: Studio, persona: Persona) -> str:
    run = studio.training.start(persona.id, preset="taste")
    qtbot.waitUntil(lambda: studio.training.get(run.id).state is RunState.FINISHED, timeout=30_000)
    return studio.training.get(run.id).adapter_id


def say(qtbot: QtBot, page: ChatPage, words: str) -> None:
    page.bottom.composer.setPlainText(words)
    qtbot.keyClick(page.bottom.composer, Qt.Key.Key_Return)
    qtbot.waitUntil(lambda: not page.presenter.replies.busy, timeout=20_000)


def texts(page: ChatPage, column: int) -> list[str]:
    return [one.text for one in page.board.columns[column].view.messages.messages]


def test_a_run_goes_from_start_to_chat(
    qtbot: QtBot, studio: Studio, here: Here, base: BaseModel, oswin: Persona
) -> None:
    page = shown(qtbot, studio, here, TrainPage)
    assert page.form.start.isEnabled() and page.form.foot.bar.taken > 0
    page.form.presets.preset.part("taste").click()
    page.form.start.click()
    run = studio.training.runs()[0]
    qtbot.waitUntil(lambda: studio.training.get(run.id).state is RunState.FINISHED, timeout=30_000)
    head, now = page.panel.head, page.panel.now
    qtbot.waitUntil(lambda: head.chat.isVisible() and "held-out lines of Oswin" in now.outcome.text(), timeout=20_000)
    qtbot.waitUntil(lambda: len(now.charts.curve.thinned()[0]) > 1, timeout=20_000)
    page.panel.head.chat.click()
    assert here.asked[-1][0] == "chat"
    page.list.act_requested.emit("delete", run.id)
    assert page._right.currentIndex() == 0
    undo = here.toasts[-1][1]
    assert undo is not None
    undo()
    assert page.presenter.shown() is not None


def test_pause_and_resume(
    qtbot: QtBot, studio: Studio, here: Here, base: BaseModel, oswin: Persona, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_ENGINE_SPEED", "1")
    studio.engine.restart()
    page = shown(qtbot, studio, here, TrainPage)
    page.presenter.new_run.set_value("epochs", 200.0)  # it will not end by itself before it is paused
    page.form.start.click()
    run = studio.training.runs()[0]
    qtbot.waitUntil(lambda: page.panel.head.pause.isVisible(), timeout=20_000)
    page.panel.head.pause.click()
    qtbot.waitUntil(lambda: studio.training.get(run.id).state is not RunState.RUNNING, timeout=20_000)
    assert studio.training.get(run.id).state is RunState.PAUSED
    qtbot.waitUntil(lambda: page.panel.head.resume.isVisible(), timeout=20_000)
    monkeypatch.setenv("FAKE_ENGINE_SPEED", "0")
    studio.engine.restart()
    page.panel.head.resume.click()
    qtbot.waitUntil(lambda: studio.training.get(run.id).state is RunState.FINISHED, timeout=60_000)
    assert here.errors == []


def test_everybody_answers_and_can_answer_again(
    qtbot: QtBot, studio: Studio, here: Here, base: BaseModel, oswin: Persona
) -> None:
    adapter_id = trained(qtbot, studio, oswin)
    page = shown(qtbot, studio, here, ChatPage)
    assert [one.adapter_id for one in page.presenter.contestants()] == ["", adapter_id]
    say(qtbot, page, "What is cooking?")
    assert texts(page, 0)[0] == texts(page, 1)[0] == "What is cooking?"
    first = texts(page, 1)[1]
    assert first and "tok/s" in page.board.columns[1].header.figure.text()
    page.board.columns[1].view.tools.buttons["again"].click()
    qtbot.waitUntil(lambda: not page.presenter.replies.busy, timeout=20_000)
    view = page.board.columns[1].view
    assert view.tools.place.text() == "2 / 2" and len(texts(page, 1)) == 2
    view.tools.back.click()
    assert texts(page, 1)[1] == first and view.tools.place.text() == "1 / 2"
    page.presenter.talk.edit_last_own("What is burning?")
    qtbot.waitUntil(lambda: not page.presenter.replies.busy, timeout=20_000)
    assert [texts(page, column)[0] for column in (0, 1)] == ["What is burning?"] * 2
    assert all(len(texts(page, column)) == 2 for column in (0, 1))


def test_an_engine_that_dies_leaves_the_words_and_a_way_on(
    qtbot: QtBot, studio: Studio, here: Here, base: BaseModel, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("FAKE_ENGINE_DIE_AFTER", "reply")
    monkeypatch.setenv("FAKE_ENGINE_DIE_ONCE", str(tmp_path / "died"))
    studio.engine.restart()
    page = shown(qtbot, studio, here, ChatPage)
    say(qtbot, page, "Are you there?")
    assert page.bottom.trouble.isVisible() and "engine" in page.bottom._words.text()
    assert texts(page, 0)[0] == "Are you there?"
    page.bottom.retry.click()
    qtbot.waitUntil(lambda: not page.presenter.replies.busy, timeout=30_000)
    assert texts(page, 0)[0] == "Are you there?" and len(texts(page, 0)) == 2


def test_a_base_is_loaded_and_removed_with_undo(qtbot: QtBot, studio: Studio, here: Here, base: BaseModel) -> None:
    page = shown(qtbot, studio, here, ModelsPage)
    page.presenter.load(base.id, "nf4")
    qtbot.waitUntil(lambda: page.presenter.cards()[0].loaded != "", timeout=20_000)
    assert page.presenter.cards()[0].loaded == "in memory · NF4"
    page._remove(base.id)
    assert page._stack.currentIndex() == 1
    undo = here.toasts[-1][1]
    assert undo is not None
    undo()
    assert page._stack.currentIndex() == 0
