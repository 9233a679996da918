"""The train page on a real studio with the fake engine: a night's queue, reordered, swept, compared, failed."""

from pathlib import Path

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.domain.base_model import BaseModel
from studio.domain.persona import Persona
from studio.domain.run import ENDED, Run, RunState
from studio.gui.pages.train.page import Page
from studio.services.studio import Studio
from tests.gui.conftest import Here, add_base, add_persona


@pytest.fixture
def base(qtbot: QtBot, studio: Studio, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> BaseModel:
    monkeypatch.setenv("FAKE_ENGINE_SPEED", "0")
    return add_base(studio, qtbot, tmp_path)


@pytest.fixture
def oswin(studio: Studio) -> Persona:
    return add_persona(studio, "Oswin", conversations=20)


@pytest.fixture
def page(qtbot: QtBot, studio: Studio, here: Here, base: BaseModel, oswin: Persona) -> Page:
    made = Page(studio, here)
    unsubscribe = studio.changes.subscribe(made.on_change)
    qtbot.addWidget(made, before_close_func=lambda _: unsubscribe())
    made.resize(1180, 740)
    made.show()
    made.open()
    QApplication.processEvents()
    return made


@pytest.fixture
def slow(studio: Studio, base: BaseModel, monkeypatch: pytest.MonkeyPatch) -> None:
    """A run takes long enough for a queue to gather behind it."""
    monkeypatch.setenv("FAKE_ENGINE_SPEED", "1")
    studio.engine.restart()


def start(page: Page, rank: int, **options: object) -> Run:
    form = page.presenter.new_run
    form.set_value("rank", rank)
    for name, value in options.items():
        form.set_value(name, value)
    page.form.start.click()  # type: ignore[attr-defined]
    return max(page._studio.training.runs(), key=lambda one: one.number)


def waiting(studio: Studio) -> list[int]:
    return [one.number for one in studio.training.queue() if one.state is RunState.QUEUED]


def settled(qtbot: QtBot, studio: Studio, runs: list[Run]) -> list[RunState]:
    qtbot.waitUntil(lambda: all(studio.training.get(one.id).state in ENDED for one in runs), timeout=60_000)
    return [studio.training.get(one.id).state for one in runs]


def test_a_queue_is_reordered_with_keys_and_the_watched_run_stays(
    qtbot: QtBot, page: Page, studio: Studio, here: Here, slow: None
) -> None:
    first, second, third = start(page, 8, epochs=1000.0), start(page, 16), start(page, 32)
    assert waiting(studio) == [2, 3] and page.sides.part("queue").text() == "Queue · 2"
    assert here.toasts[-1][0].startswith("Queued: it starts when")
    assert page.presenter.shown() is not None and page.presenter.shown().id == first.id
    assert page.strip.isVisible()
    page.sides.part("queue").click()
    assert not page.form.isVisible() and page.list.isVisible() and not page.strip.isVisible()
    page.list.choose(third.id)
    qtbot.keyClick(page.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    assert waiting(studio) == [3, 2]
    page.list.drop_requested.emit(second.id, third.id)
    assert waiting(studio) == [2, 3]
    page.list.act_requested.emit("pause", second.id)
    assert studio.training.get(second.id).state is RunState.PAUSED and waiting(studio) == [3]
    page.list.act_requested.emit("resume", second.id)
    assert waiting(studio) == [2, 3]
    page.list.act_requested.emit("delete", third.id)
    assert waiting(studio) == [2]
    undo = here.toasts[-1][1]
    assert undo is not None
    undo()
    assert waiting(studio) == [2, 3] and here.errors == []


def test_a_failed_run_says_why_and_the_next_one_trains(
    qtbot: QtBot, page: Page, studio: Studio, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_ENGINE_FAIL", 'train:loss_not_finite:{"value": "nan", "step": 31}')
    studio.engine.restart()
    failed = start(page, 8)
    assert settled(qtbot, studio, [failed]) == [RunState.FAILED]
    monkeypatch.delenv("FAKE_ENGINE_FAIL")
    studio.engine.restart()
    page.presenter.duplicate(failed.id, "learning_rate", 1e-4)
    again = studio.training.runs()[0]
    assert settled(qtbot, studio, [again]) == [RunState.FINISHED]
    page._refresh_runs()
    rows = {one.id: one for one in page.presenter.rows()}
    assert "nan at step 31" in rows[failed.id].note and rows[failed.id].role == "bad"
    assert rows[again.id].role == "good" and "rate 1e-4" in rows[again.id].differs


def test_a_sweep_is_one_line_and_ends_in_a_table(qtbot: QtBot, page: Page, studio: Studio) -> None:
    page.acts.sweep()
    dialog = here_dialog(page)
    dialog.fields[0].textEdited.emit("8, 16")  # type: ignore[attr-defined]
    dialog.fields[1].textEdited.emit("1e-4, 2e-4")  # type: ignore[attr-defined]
    dialog.start.click()  # type: ignore[attr-defined]
    group = studio.training.groups("sweep")[0]
    runs = studio.training.runs_of(group.id)
    assert len(runs) == 4
    assert settled(qtbot, studio, runs) == [RunState.FINISHED] * 4
    rows = [one for one in page.presenter.rows() if one.id == group.id]
    assert len(rows) == 1 and rows[0].state == "4 runs · 4 done"
    table = page.presenter.results(group)
    assert {one.label for one in table} == {
        f"rank {rank} · rate {rate}" for rank in (8, 16) for rate in ("1e-4", "2e-4")
    }
    assert all(one.cells[0].words != "–" and not one.trouble for one in table)


def test_methods_are_compared_on_the_same_data_and_budget(qtbot: QtBot, page: Page, studio: Studio) -> None:
    page.acts.compare()
    dialog = here_dialog(page)
    for name, box in dialog.boxes.items():  # type: ignore[attr-defined]
        box.setChecked(name in ("lora", "qlora", "rslora"))
    dialog.start.click()  # type: ignore[attr-defined]
    group = studio.training.groups("comparison")[0]
    runs = studio.training.runs_of(group.id)
    assert settled(qtbot, studio, runs) == [RunState.FINISHED] * 3
    assert len({one.dataset_id for one in runs}) == 1
    page.acts.show_results(group.id)
    assert page.acts.results is not None and len(page.acts.results._shown) == 3
    page.acts.results.accept()


def test_an_adapter_is_trained_on(qtbot: QtBot, page: Page, studio: Studio, here: Here) -> None:
    first = start(page, 8)
    settled(qtbot, studio, [first])
    page._refresh_runs()
    page.list.act_requested.emit("continue", first.id)
    form = page.presenter.new_run
    assert form.continues == studio.training.get(first.id).adapter_id and form.values()["rank"] == 8
    page.form.start.click()  # type: ignore[attr-defined]
    second = studio.training.runs()[0]
    assert second.continues == form.continues and here.errors == []
    assert settled(qtbot, studio, [second]) == [RunState.FINISHED]
    page._refresh_runs()
    rows = {one.id: one for one in page.presenter.rows()}
    assert "continues Oswin v1" in rows[second.id].differs


def test_a_run_with_a_time_waits_for_it(qtbot: QtBot, page: Page, studio: Studio, here: Here) -> None:
    page.form.foot.when.click()
    run = start(page, 8)
    assert here.toasts[-1][0] == "It waits in the queue until its time."
    assert studio.training.get(run.id).state is RunState.QUEUED and page.presenter.new_run.starts_at == ""
    state = next(one for one in page.presenter.rows() if one.id == run.id).state
    assert state.startswith("starts to") and state.endswith("at 23:00")
    page.presenter.schedule(run.id, "")
    assert settled(qtbot, studio, [run]) == [RunState.FINISHED]


def test_form_and_queue_stand_side_by_side_where_there_is_room(page: Page) -> None:
    assert page.form.isVisible() and not page.queue.isVisible()
    page.resize(1700, 900)
    QApplication.processEvents()
    assert page.form.isVisible() and page.queue.isVisible() and not page.sides.isVisible()
    page.resize(1180, 740)
    QApplication.processEvents()
    assert page.form.isVisible() and not page.queue.isVisible() and page.sides.isVisible()


def here_dialog(page: Page) -> object:
    """The dialog that is open."""
    from PySide6.QtWidgets import QDialog

    return next(one for one in page._navigator.window_widget().findChildren(QDialog) if one.isVisible())
