"""A run's page on a real studio with the fake engine: at work, asked, ended, compared, and with a very long past."""

import time
from dataclasses import replace
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLabel, QWidget
from pytestqt.qtbot import QtBot

from studio import texts
from studio.domain.base_model import BaseModel
from studio.domain.ids import new_id
from studio.domain.persona import Persona
from studio.domain.run import MetricPoint, Run, RunState
from studio.gui.pages.train.run.panel import RunPanel
from studio.gui.widgets.layouts import column
from studio.services.studio import Studio
from tests.gui.conftest import Here, add_persona
from tests.gui.test_words import Pseudo
from tests.screenshot_run_scenes import points


@pytest.fixture(autouse=True)
def _without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_ENGINE_SPEED", "0")


@pytest.fixture
def oswin(studio: Studio) -> Persona:
    return add_persona(studio, "Oswin", conversations=20)


@pytest.fixture
def panel(qtbot: QtBot, studio: Studio, here: Here) -> Any:
    """A run panel that hears changes as the page would let it."""
    shown = RunPanel(studio, here, lambda persona_id: None)  # type: ignore[arg-type]
    unsubscribe = studio.changes.subscribe(lambda change: shown.show_run(shown.presenter.run_id))
    qtbot.addWidget(shown, before_close_func=lambda _: unsubscribe())
    shown.resize(800, 700)
    shown.show()
    return shown


def wait_for(qtbot: QtBot, studio: Studio, run: Run, state: RunState) -> Run:
    qtbot.waitUntil(lambda: studio.training.get(run.id).state is state, timeout=60_000)
    return studio.training.get(run.id)


def trained(qtbot: QtBot, studio: Studio, persona: Persona, **more: Any) -> Run:
    run = studio.training.start(persona.id, preset="taste", **more)
    return wait_for(qtbot, studio, run, RunState.FINISHED)


def slowly(studio: Studio, monkeypatch: pytest.MonkeyPatch, persona: Persona) -> Run:
    monkeypatch.setenv("FAKE_ENGINE_SPEED", "1")
    studio.engine.restart()
    return studio.training.start(persona.id, preset="taste", options={"epochs": 1000.0})


def test_a_run_at_work_can_be_asked_saved_talked_to_paused_and_resumed(
    qtbot: QtBot, studio: Studio, here: Here, base: BaseModel, oswin: Persona, panel: Any, monkeypatch: Any
) -> None:
    run = slowly(studio, monkeypatch, oswin)
    panel.show_run(run.id)
    head = panel.head
    qtbot.waitUntil(lambda: head.talk.isVisible() and bool(panel.now.strip._model.cells), timeout=30_000)
    assert panel.now.strip._model.cells[0].title == "base"
    qtbot.waitUntil(lambda: "tokens/s" in head.figures.whole(), timeout=20_000)
    head.sample.click()
    head.save.click()
    qtbot.waitUntil(lambda: any(one.wished for one in studio.run_stories.samples(run.id)), timeout=20_000)
    qtbot.waitUntil(lambda: any("asked for" in one.title for one in panel.now.strip._model.cells), timeout=20_000)
    qtbot.waitUntil(
        lambda: any(one.code == "run_saved" for one in studio.run_stories.story(run.id).notes), timeout=20_000
    )
    head.talk.click()
    assert here.asked[-1][0] == "chat" and here.asked[-1][1][1].adapter_id == run.id
    head.pause.click()
    wait_for(qtbot, studio, run, RunState.PAUSED)
    qtbot.waitUntil(lambda: head.resume.isVisible() and "You paused it" in panel.now.outcome.text(), timeout=20_000)
    assert not head.sample.isVisible()
    head.resume.click()
    qtbot.waitUntil(lambda: head.stop.isVisible() and head.pause.isVisible(), timeout=20_000)
    head.stop.click()
    wait_for(qtbot, studio, run, RunState.STOPPED)
    qtbot.waitUntil(lambda: head.chat.isVisible() and not head.stop.isVisible(), timeout=20_000)
    assert here.errors == []


def test_an_ended_run_is_a_record(
    qtbot: QtBot, studio: Studio, here: Here, base: BaseModel, oswin: Persona, panel: Any
) -> None:
    run = trained(qtbot, studio, oswin)
    panel.show_run(run.id)
    assert "held-out lines of Oswin" in panel.now.outcome.text()
    panel.head.views.part("record").click()
    said = "\n".join(one.text() for one in panel.record.findChildren(QWidget) if hasattr(one, "text"))
    for expected in ("version 1: 20 conversations", base.fingerprint, "Rank", "2.13.0", "A small rank carries style"):
        assert expected in said
    links = {one.text(): one for one in panel.record.findChildren(QAbstractButton)}
    links["Open data"].click()
    assert here.asked[-1] == ("persona", (oswin.id, "data"))
    links["Copy as text"].click()
    assert (
        base.fingerprint in QGuiApplication.clipboard().text() and "Oswin · run 1" in QGuiApplication.clipboard().text()
    )


def test_a_run_whose_persona_went_is_let_go_without_a_word(
    qtbot: QtBot, studio: Studio, here: Here, base: BaseModel, oswin: Persona, panel: Any
) -> None:
    run = trained(qtbot, studio, oswin)
    panel.show_run(run.id)
    studio.personas.delete(oswin.id)
    qtbot.waitUntil(lambda: panel.presenter.run_id == "", timeout=20_000)
    assert here.errors == []


def test_reading_whole_answers_ends_with_the_run_looked_at(
    qtbot: QtBot, studio: Studio, base: BaseModel, oswin: Persona, panel: Any
) -> None:
    first, second = trained(qtbot, studio, oswin), trained(qtbot, studio, oswin)
    panel.show_run(first.id)
    panel.now.strip.list.setCurrentIndex(panel.now.strip.list.model().index(1, 0))
    panel.now.strip.read.click()
    reader = panel.now._reader
    assert reader.isVisible() and reader.second.currentData() == panel.now.strip._model.cells[1].step
    assert reader.right.toPlainText() == panel.now.strip._model.cells[1].text != ""
    panel.show_run(second.id)
    assert panel.now._reader is None and not reader.isVisible()


def test_every_word_goes_through_the_translation(
    qtbot: QtBot, studio: Studio, base: BaseModel, oswin: Persona, here: Here
) -> None:
    run = trained(qtbot, studio, oswin)
    trained(qtbot, studio, oswin, options={"rank": 4})
    texts.use_translation(Pseudo())
    try:
        shown = RunPanel(studio, here, lambda persona_id: None)  # type: ignore[arg-type]
        qtbot.addWidget(shown)
        shown.show_run(run.id)
        for view in ("now", "record", "beside"):
            shown.show_view(view)
        buttons = [one for one in shown.findChildren(QAbstractButton) if one.text()]
        named = [one for one in shown.findChildren(QWidget) if one.accessibleName()]
        titles = [one for one in shown.record.findChildren(QLabel) if one.objectName() == "h2"]
        forgotten = {one.text() for one in (*buttons, *titles) if "⟦" not in one.text()}
        forgotten |= {one.accessibleName() for one in named if "⟦" not in one.accessibleName()}
        assert forgotten - {"Small-Instruct"} == set() and len(buttons) > 12 and len(titles) >= 5
    finally:
        texts.use_language()


def test_again_and_findings_fill_in_the_form(
    qtbot: QtBot, studio: Studio, base: BaseModel, oswin: Persona, panel: Any
) -> None:
    run = trained(qtbot, studio, oswin, options={"max_steps": 5})
    panel.show_run(run.id)
    with qtbot.waitSignal(panel.prefill_requested) as told:
        panel.head.again.click()
    assert (told.args[0].persona_id, told.args[0].preset, told.args[0].options["rank"]) == (oswin.id, "taste", 8)
    assert panel.presenter.findings[0].code == "too_few_steps"
    buttons = [one for one in panel.now.findings.findChildren(QAbstractButton) if "passes" in one.text()]
    with qtbot.waitSignal(panel.prefill_requested) as told:
        buttons[0].click()
    assert told.args[0].options["epochs"] == 2 * studio.training.recipe(run.id).options["epochs"]  # type: ignore[operator]


def test_two_runs_stand_side_by_side(qtbot: QtBot, studio: Studio, base: BaseModel, oswin: Persona, panel: Any) -> None:
    first, second = trained(qtbot, studio, oswin), trained(qtbot, studio, oswin, options={"rank": 4})
    panel.show_run(second.id)
    panel.show_view("beside")
    beside = panel.beside
    assert beside.picker.currentData() == first.id and "same data" in beside.words.text()
    facts = {beside.table.item(row, 0).text(): row for row in range(beside.table.rowCount())}
    rank = facts["Rank"]
    assert (beside.table.item(rank, 1).text(), beside.table.item(rank, 2).text()) == ("4", "8")
    assert "Alpha" not in facts
    beside.only.setChecked(False)
    facts = {beside.table.item(row, 0).text(): row for row in range(beside.table.rowCount())}
    assert beside.table.item(facts["Rank"], 1).font().bold() and not beside.table.item(facts["Alpha"], 1).font().bold()
    assert "Oswin, run 1" in beside.curve.readout(1)
    with qtbot.waitSignal(panel.run_requested) as told:
        beside.open.click()
    assert told.args == [first.id]


def test_a_queued_run_waits_and_a_failed_one_says_why(
    qtbot: QtBot, studio: Studio, base: BaseModel, oswin: Persona, panel: Any, monkeypatch: Any
) -> None:
    active = slowly(studio, monkeypatch, oswin)
    waiting = studio.training.start(oswin.id, preset="taste")
    panel.show_run(waiting.id)
    assert panel.now._stack.currentIndex() == 0
    assert panel.now.waiting.text() == "It begins when Oswin · run 1 has ended."
    library = studio._open_library
    library.runs.update(
        waiting.id, state=RunState.FAILED, failure='{"code": "no_training_side", "details": {"count": 3}}'
    )
    panel._pace.now()
    assert "Add data, or hold out less." in panel.now.waiting.text() and panel.now._again.isVisible()
    studio.training.stop(active.id)


def test_every_control_is_named_reachable_and_in_order(
    qtbot: QtBot, studio: Studio, base: BaseModel, oswin: Persona, panel: Any
) -> None:
    run = trained(qtbot, studio, oswin)
    trained(qtbot, studio, oswin)
    panel.show_run(run.id)
    for view in ("now", "record", "beside"):
        panel.show_view(view)
        QApplication.processEvents()
        controls = [one for one in panel.findChildren(QWidget) if isinstance(one, QAbstractButton | QComboBox)]
        for control in [one for one in controls if one.isVisible()]:
            assert control.accessibleName() or getattr(control, "text", str)(), control
            group = control.group().buttons() if isinstance(control, QAbstractButton) and control.group() else [control]
            assert any(one.focusPolicy() & Qt.FocusPolicy.TabFocus for one in group), control  # arrows do the rest
    panel.show_view("now")
    order = []
    here: QWidget = panel.head.chat
    while here is not panel.now.strip.list and len(order) < 300:
        order.append(here)
        here = here.nextInFocusChain()
    assert order.index(panel.head.views.part("now")) < order.index(panel.now.charts.curve)
    assert order.index(panel.now.charts.curve) < order.index(panel.now.strip.prompt)


def long_run(studio: Studio, like: Run, steps: int) -> Run:
    """A run with a point for each of many steps."""
    run = replace(like, id=new_id("run"), number=99, state=RunState.RUNNING, step=steps, total_steps=2 * steps)
    studio._open_library.runs.add(run)
    more = [
        MetricPoint(run_id=run.id, step=step, kind="train", loss=3 + (step % 17) / 20, learning_rate=1e-4,
                    gradient_norm=0.5, tokens_per_second=900.0, memory_bytes=2**30, temperature=60.0)
        for step in range(1, steps + 1)
    ]  # fmt: skip
    measured = [one for one in points(run.id) if one.kind != "train"]
    studio._open_library.metrics.add_many([*more, *measured])
    return run


def test_no_handler_takes_long_with_ten_thousand_points(
    qtbot: QtBot, studio: Studio, base: BaseModel, oswin: Persona, panel: Any
) -> None:
    run = long_run(studio, trained(qtbot, studio, oswin), 10_000)
    took: list[float] = []
    refresh = panel._pace._act

    def timed() -> None:
        began = time.process_time()
        refresh()
        took.append(time.process_time() - began)

    panel._pace._act = timed
    panel.show_run(run.id)
    qtbot.waitUntil(lambda: len(panel.presenter.curves.losses("train")) == 10_000, timeout=20_000)
    panel.now.charts._switches["temperature"].setChecked(True)

    def five_more_are_quick(first: int) -> bool:
        for step in range(first, first + 5):
            studio._open_library.metrics.add_many([MetricPoint(run_id=run.id, step=step, kind="train", loss=3.0)])
            studio._open_library.runs.update(run.id, step=step)
            panel._pace.now()
        return max(took[-5:]) < 0.05

    quick = any(five_more_are_quick(first) for first in range(10_001, 10_016, 5))  # again where something got between
    grabs = []
    for _ in range(5):
        began = time.process_time()
        panel.grab()
        grabs.append(time.process_time() - began)
    assert len(took) >= 10 and sorted(took)[len(took) // 2] < 0.05 and quick
    assert min(grabs) < 0.05


def test_the_page_is_a_column_that_shrinks(qtbot: QtBot, studio: Studio, panel: Any) -> None:
    """The smallest window still has room for it: nothing forces it wider."""
    outer = QWidget()
    qtbot.addWidget(outer)
    outer.setLayout(column(panel))
    outer.resize(464, 500)
    outer.show()
    QApplication.processEvents()
    assert outer.width() == panel.width() == 464
    head = panel.head
    for one in (head.talk, head.sample, head.save, head.pause, head.stop):
        one.show()
    head._fit()
    assert head.sample.text() == "" and head.sample.accessibleName() == "Sample now"
    outer.resize(1000, 500)
    assert head.sample.text() == "Sample now"
    panel.setParent(None)


def test_small_charts_take_room_of_their_own(
    qtbot: QtBot, studio: Studio, base: BaseModel, oswin: Persona, panel: Any
) -> None:
    panel.show_run(long_run(studio, trained(qtbot, studio, oswin), 50).id)
    panel.resize(740, 560)
    charts = panel.now.charts
    for name in ("learning_rate", "temperature"):
        charts._switches[name].setChecked(True)
    panel._pace.now()
    qtbot.waitUntil(lambda: charts.height() >= charts.minimumSizeHint().height(), timeout=20_000)
    first, second = charts._small.values()

    def nothing_overlaps() -> None:
        assert charts.curve.geometry().bottom() < charts.more.mapTo(charts, charts.more.rect().topLeft()).y()
        assert first.isVisible() and first.geometry().bottom() < second.geometry().top()

    qtbot.waitUntil(nothing_overlaps, timeout=20_000)
    charts._switches["learning_rate"].setChecked(False)
    assert list(charts._small) == ["temperature"]
