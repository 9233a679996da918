"""The queue of the train page: its rows, what is done to them, keys, dragging and folding."""

import json

import pytest
from PySide6.QtCore import Qt
from pytestqt.qtbot import QtBot

from studio.domain.run import RunState
from studio.gui.pages.train.presenter import Presenter
from studio.gui.pages.train.queue_pane import QueuePane
from studio.gui.pages.train.queue_rows import ENDED_SHOWN, GROUP, HEADING
from tests.gui.queue_rig import add, add_sweep, ids, rows
from tests.gui.stand_in import MIRA, StandIn


@pytest.fixture
def studio() -> StandIn:
    return StandIn()


def test_running_waiting_resting_and_ended_stand_under_their_headings(studio: StandIn) -> None:
    add(studio, "old", RunState.FINISHED)
    add(studio, "newer", RunState.FAILED)
    add(studio, "tired", RunState.PAUSED, resting="battery")
    add(studio, "now", RunState.RUNNING)
    add(studio, "first", RunState.QUEUED)
    add(studio, "second", RunState.QUEUED)
    found = rows(studio)
    assert ids(found) == ["now", "now", "next", "first", "second", "resting", "tired", "past", "newer", "old"]
    assert [one.count for one in found if one.kind == HEADING] == [1, 2, 1, 2]


def test_a_row_says_what_it_differs_in_from_its_neighbour(studio: StandIn) -> None:
    add(studio, "first", RunState.QUEUED)
    add(studio, "second", RunState.QUEUED, options={"rank": 32, "learning_rate": 1e-4})
    add(studio, "third", RunState.QUEUED, options={"rank": 32, "learning_rate": 1e-4})
    add(studio, "other", RunState.QUEUED, persona_id=MIRA.id)
    add(studio, "old", RunState.FINISHED, options={"epochs": 1.0})
    add(studio, "new", RunState.FINISHED, method="lora", dataset_id="data-3")
    said = {one.id: one.differs for one in rows(studio)}
    assert said["first"] == "QLoRA · rank 16 · 3 passes · rate 2e-4"
    assert said["second"] == "rank 32 · rate 1e-4"
    assert said["third"] == "the same settings again"
    assert said["other"].startswith("QLoRA")
    assert said["new"] == "data version 2 · LoRA · 3 passes"
    assert said["old"].endswith("1 pass · rate 2e-4")


def test_a_row_says_where_it_stands_and_why_it_rests(studio: StandIn) -> None:
    add(studio, "later", RunState.QUEUED, starts_at="2999-01-01T06:30:00+00:00")
    add(studio, "again", RunState.QUEUED, step=120)
    add(studio, "disk", RunState.PAUSED, resting="disk", step=40, total_steps=80)
    add(studio, "mine", RunState.PAUSED, resting="user")
    failure = json.dumps({"code": "nothing_to_train", "details": {}})
    add(studio, "bad", RunState.FAILED, failure=failure)
    found = {one.id: one for one in rows(studio)}
    assert found["later"].state.startswith("starts on 2999-01-01 at")
    assert found["again"].state == "goes on from step 120"
    assert "the disk is full" in found["disk"].note and found["disk"].progress == 0.5
    assert found["mine"].note == ""
    assert found["bad"].note and found["bad"].role == "bad"
    assert "failed" in found["bad"].spoken and found["bad"].note in found["bad"].spoken


def test_of_many_ended_runs_the_newest_are_shown_first(qtbot: QtBot, studio: StandIn) -> None:
    for number in range(ENDED_SHOWN + 5):
        add(studio, f"run-{number}", RunState.FINISHED)
    presenter = Presenter(studio)  # type: ignore[arg-type]
    first = presenter.rows()
    assert len(first) == ENDED_SHOWN + 2 and first[1].id == f"run-{ENDED_SHOWN + 4}"
    assert first[-1].title == "Show 5 earlier runs"
    made = QueuePane()
    qtbot.addWidget(made)
    made.show_rows(first, "")
    folded: list[str] = []
    made.list.fold_requested.connect(folded.append)
    made.list.choose(first[-1].id)
    qtbot.keyClick(made.list, Qt.Key.Key_Return)
    presenter.fold(folded[0])
    assert len(presenter.rows()) == ENDED_SHOWN + 6


def test_acts_follow_the_state(studio: StandIn) -> None:
    add(studio, "now", RunState.RUNNING)
    add(studio, "next", RunState.QUEUED)
    add(studio, "rest", RunState.INTERRUPTED, step=3)
    add(studio, "done", RunState.FINISHED, adapter_id="adapter-1")
    acts = {one.id: one.acts for one in rows(studio) if one.kind != HEADING}
    assert acts["now"] == {"pause", "stop", "duplicate"}
    assert acts["next"] >= {"up", "down", "schedule", "delete"} and "stop" not in acts["next"]
    assert acts["rest"] >= {"resume", "stop", "delete"}
    assert acts["done"] == {"duplicate", "delete", "continue"}


@pytest.fixture
def swept(studio: StandIn) -> StandIn:
    return add_sweep(studio)


def test_a_group_is_folded_and_its_runs_are_told_apart(swept: StandIn) -> None:
    presenter = Presenter(swept)  # type: ignore[arg-type]
    assert ids(presenter.rows()) == ["next", "one", "sweep", "two"]
    group = presenter.rows()[2]
    assert (group.kind, group.state) == (GROUP, "3 runs · 1 done · 2 waiting")
    presenter.fold("sweep")
    opened = presenter.rows()
    assert ids(opened) == ["next", "one", "sweep", "s8", "s32", "s64", "two"]
    assert [one.differs for one in opened if one.inner] == ["rank 8", "rank 32", "rank 64"]
    presenter.fold("sweep")
    assert len(presenter.rows()) == 4


def test_a_group_moves_as_one(swept: StandIn) -> None:
    presenter = Presenter(swept)  # type: ignore[arg-type]

    def order() -> list[str]:
        return [one.id for one in swept.training.queue()]

    assert order() == ["one", "s32", "s64", "two"]
    presenter.act("up", "sweep")
    assert order() == ["s32", "s64", "one", "two"]
    presenter.act("down", "sweep")
    assert order() == ["one", "s32", "s64", "two"]
    presenter.act("down", "sweep")
    assert order() == ["one", "two", "s32", "s64"]
    assert presenter.desk.drop("sweep", "two")
    assert order() == ["one", "s32", "s64", "two"]
    presenter.act("up", "s64")
    assert order() == ["one", "s64", "s32", "two"]
    presenter.act("up", "s64")
    assert order() == ["one", "s64", "s32", "two"], "it stays among its own"
    assert not presenter.desk.drop("one", "one") and not presenter.desk.move("one", -1)


def test_what_is_done_to_a_group_is_done_to_those_to_which_it_can_be(swept: StandIn) -> None:
    presenter = Presenter(swept)  # type: ignore[arg-type]
    presenter.act("pause", "sweep")
    assert swept.training.called == [("pause", "s32"), ("pause", "s64")]
    words, undo = presenter.delete("sweep")
    assert words == "3 runs deleted." and ids(presenter.rows()) == ["next", "one", "two"]
    undo()
    assert swept.undone == ["trash-s8", "trash-s32", "trash-s64"]
