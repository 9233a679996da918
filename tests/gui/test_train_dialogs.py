"""The dialogs of the train page: sweep, comparison and its table, duplicate, start at a time."""

from datetime import UTC, datetime
from typing import Any

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QApplication, QDialog, QLineEdit
from pytestqt.qtbot import QtBot

from studio.domain.errors import StudioError
from studio.domain.recipe import Recipe
from studio.domain.run import RunGroup, RunState
from studio.gui.pages.train.comparison import as_markdown, table
from studio.gui.pages.train.comparison_results import ResultsDialog
from studio.gui.pages.train.page_acts import PageActs
from studio.gui.pages.train.presenter import METHOD, Presenter
from studio.gui.pages.train.queue_schedule import MomentEdit
from studio.gui.pages.train.when import moment_words, tonight
from studio.gui.widgets.bar_cell import BarCell
from studio.services.method_comparison import ComparisonRow
from tests.gui.conftest import Here
from tests.gui.stand_in import ILSE, StandIn, make_run


@pytest.fixture
def studio() -> StandIn:
    made = StandIn()
    made.training.all = [
        make_run(id="run-1", state=RunState.FINISHED, method="qlora", number=1, seconds=600.0, step=10, total_steps=10)
    ]
    return made


@pytest.fixture
def presenter(studio: StandIn) -> Presenter:
    made = Presenter(studio)  # type: ignore[arg-type]
    made.new_run.choose(persona_id=ILSE.id)
    return made


@pytest.fixture
def acts(presenter: Presenter, here: Here) -> PageActs:
    return PageActs(presenter, here, lambda: None, lambda _: None)


def opened(dialog: QDialog | None) -> Any:
    assert dialog is not None
    return dialog


def test_a_sweep_is_every_combination(acts: PageActs, studio: StandIn) -> None:
    dialog = opened(acts.sweep())
    assert [one.text() for one in dialog.fields] == ["8, 16, 32", "1e-4, 2e-4, 4e-4"]
    dialog.fields[0].setText("8, 8, 64")
    dialog.fields[0].textEdited.emit("8, 8, 64")
    assert dialog._words.text().startswith("6 runs · about ")
    dialog.start.click()
    _, persona, more = studio.training.called[-1]
    assert (persona, more["grid"]) == (ILSE.id, {"rank": (8, 64), "learning_rate": (1e-4, 2e-4, 4e-4)})
    assert "rank" not in more["options"] and more["options"]["epochs"] == 3.0
    assert dialog.result() == QDialog.DialogCode.Accepted


def test_a_sweep_says_what_is_wrong_with_it(acts: PageActs, studio: StandIn) -> None:
    dialog = opened(acts.sweep())
    for written in ("8, much", ""):
        dialog.fields[0].setText(written)
        dialog.fields[0].textEdited.emit(written)
        assert dialog._trouble.text() and not dialog.start.isEnabled()
    dialog.pickers[0].setCurrentIndex(dialog.pickers[0].findData("learning_rate"))
    dialog.pickers[0].activated.emit(0)
    assert "two different options" in dialog._trouble.text() and not dialog.start.isEnabled()


def test_a_sweep_whose_largest_run_will_not_fit_says_so(acts: PageActs, studio: StandIn) -> None:
    studio.training.memory_total = 20 * 2**30
    dialog = opened(acts.sweep())
    assert "33.0 GB" in dialog._trouble.text() and "Lower the rank." in dialog._trouble.text()
    assert dialog.start.isEnabled(), "the ladder may save it; it is the user's choice"


def test_how_long_it_takes_is_said_only_when_it_is_known(presenter: Presenter, studio: StandIn) -> None:
    told = presenter.sweep().words()
    # 600 s for 3 passes over 612 lines in one run: nine runs of 3 passes
    assert told == "9 runs · about 1 h 30 min"
    studio.training.all = []
    presenter.times.forget()
    assert "known after the first run" in presenter.sweep().words()


def test_a_refusal_keeps_the_dialog(acts: PageActs, studio: StandIn, here: Here) -> None:
    def refuse(*_: object, **__: object) -> RunGroup:
        raise StudioError("nothing_to_train")

    studio.training.sweep = refuse  # type: ignore[method-assign]
    dialog = opened(acts.sweep())
    dialog.start.click()
    assert dialog.isVisible() and len(here.errors) == 1
    dialog.reject()


def test_methods_are_compared_with_one_click(acts: PageActs, studio: StandIn) -> None:
    dialog = opened(acts.compare())
    known = {one.name: one for one in studio.training.methods()}
    assert set(dialog.boxes) == {name for name, one in known.items() if one.objective == "replies"}
    assert not any(dialog.boxes[name].isChecked() for name in dialog.boxes if known[name].own_base)
    for name, box in dialog.boxes.items():
        box.setChecked(name in ("lora", "qlora"))
    dialog.start.click()
    _, persona, more = studio.training.called[-1]
    assert (persona, sorted(more["methods"])) == (ILSE.id, ["lora", "qlora"])


def test_one_method_is_no_comparison(acts: PageActs) -> None:
    dialog = opened(acts.compare())
    for name, box in dialog.boxes.items():
        box.setChecked(name == "lora")
    assert not dialog.start.isEnabled()
    dialog.reject()


def rows() -> list[ComparisonRow]:
    def row(run_id: str, **more: Any) -> ComparisonRow:
        state = RunState.FINISHED if more else RunState.QUEUED
        return ComparisonRow(run=make_run(id=run_id, state=state, adapter_id="a" if more else ""), label=run_id, **more)

    first: dict[str, Any] = {
        "trainable": 4_000_000, "trainable_share": 0.03, "peak_memory_bytes": 4 * 2**30, "tokens_per_second": 900.0,
        "size_bytes": 16 * 2**20, "heldout_base": 3.6, "heldout_adapter": 2.9,
    }  # fmt: skip
    second = {**first, "heldout_adapter": 2.8, "tokens_per_second": 450.0, "peak_memory_bytes": 8 * 2**30}
    return [row("slow", **second), row("waits"), row("fast", **first), row("bad", failure="It broke.")]


def test_the_table_is_ordered_and_marks_what_is_best() -> None:
    made = table(rows(), {"fast": "Fast"})
    assert [one.label for one in made][:2] == ["slow", "Fast"]
    best = {one.label: [cell.best for cell in one.cells] for one in made[:2]}
    assert best["slow"] == [True, True, False, False, False, False], "equal figures have no best one"
    assert best["Fast"] == [False, False, False, True, True, False]
    assert made[0].cells[4].share == 0.5
    assert {one.label: one.trouble for one in made[2:]} == {"waits": "waiting for its turn", "bad": "It broke."}


def test_the_table_can_be_copied(qtbot: QtBot) -> None:
    said: list[str] = []
    dialog = ResultsDialog("Methods", "", lambda: table(rows(), {}), said.append, None)
    qtbot.addWidget(dialog)
    dialog.copy.click()
    lines = QApplication.clipboard().text().splitlines()
    assert lines[0].startswith("| Method | Held-out loss |") and lines[1].startswith("| --- |")
    assert lines[2] == "| slow | 2.800 | +0.80 nats | 4M · 3.00 % | 8.0 GB | 450 tokens/s | 16 MB |"
    assert len(lines) == 6 and said
    assert as_markdown([]).count("\n") == 2


def test_the_table_fills_while_its_runs_go_on(qtbot: QtBot) -> None:
    shown = rows()
    dialog = ResultsDialog("Methods", "4 runs", lambda: table(shown, {}), lambda _: None, None)
    qtbot.addWidget(dialog)

    def cells() -> int:
        return len([one for one in dialog.findChildren(BarCell) if not one.isHidden()])

    before = cells()
    shown[1] = shown[0]
    dialog.refresh("4 runs · 3 done")
    assert dialog._words.text() == "4 runs · 3 done" and cells() == before + 6


def test_duplicate_with_one_change(acts: PageActs, studio: StandIn, qtbot: QtBot) -> None:
    dialog = opened(acts.duplicate("run-1"))
    dialog.what.setCurrentIndex(dialog.what.findData("rank"))
    field = dialog.form.field("rank")
    assert isinstance(field, QLineEdit) and field.text() == "16"
    assert dialog.add.text() == "Add the same again"
    field.setText("64")
    qtbot.keyClick(field, Qt.Key.Key_Return)
    assert dialog.add.text() == "Add to the queue"
    dialog.add.click()
    assert studio.training.called[-1] == ("duplicate", "run-1", "", {"rank": 64})


def test_duplicate_with_another_method(acts: PageActs, studio: StandIn) -> None:
    dialog = opened(acts.duplicate("run-1"))
    dialog.what.setCurrentIndex(dialog.what.findData(METHOD))
    field: Any = dialog.form.field(METHOD)
    assert field.currentData() == "qlora" and field.currentText() == "QLoRA"
    field.setCurrentIndex(field.findData("lora"))
    dialog.add.click()
    assert studio.training.called[-1] == ("duplicate", "run-1", "lora", None)


def test_a_run_is_put_off_and_brought_back(acts: PageActs, studio: StandIn) -> None:
    dialog = opened(acts.schedule("run-1"))
    dialog.set.click()
    _, run_id, moment = studio.training.called[-1]
    at = datetime.fromisoformat(moment).astimezone()
    assert run_id == "run-1" and (at.hour, at.minute) == (23, 0)
    opened(acts.schedule("run-1")).soon.click()
    assert studio.training.called[-1] == ("schedule", "run-1", "")


def test_moments_are_said_as_people_say_them(qtbot: QtBot) -> None:
    here = datetime(2026, 11, 21, 22, 30).astimezone()
    assert tonight(here).strftime("%d %H:%M") == "21 23:00"
    assert tonight(here.replace(hour=23, minute=30)).strftime("%d %H:%M") == "22 23:00"
    assert moment_words(here.replace(hour=23).isoformat(), here) == "today at 23:30"
    assert moment_words(here.replace(day=22, hour=7).isoformat(), here) == "tomorrow at 07:30"
    assert moment_words(here.replace(day=25).isoformat(), here) == "on 2026-11-25 at 22:30"
    edit = MomentEdit("2026-11-21T10:00:00+00:00", here)
    qtbot.addWidget(edit)
    assert datetime.fromisoformat(edit.moment()) == datetime(2026, 11, 21, 10, tzinfo=UTC)


def test_a_sweeps_table_names_the_runs_by_what_they_differ_in(presenter: Presenter, studio: StandIn) -> None:
    group = RunGroup(id="g", kind="sweep", label="Rank", persona_id=ILSE.id)
    studio.training.all_groups = [group]
    for rank in (8, 32):
        run = make_run(id=f"s{rank}", method="qlora", recipe_id=f"r{rank}", group="g", state=RunState.FINISHED)
        studio.training.recipes[run.recipe_id] = Recipe(id=run.recipe_id, method="qlora", options={"rank": rank})
        studio.training.all.append(run)
        studio.training.table.append(ComparisonRow(run=run, label="QLoRA", heldout_adapter=2.0 + rank))
    assert [one.label for one in presenter.results(group)] == ["rank 8", "rank 32"]
