"""The list of the queue: keys, dragging, folding, what stays chosen, what is offered."""

from dataclasses import replace

import pytest
from PySide6.QtCore import QMimeData, QPoint, QPointF, Qt
from PySide6.QtGui import QDropEvent
from pytestqt.qtbot import QtBot

from studio.domain.run import RunState
from studio.gui.pages.train.queue_acts import queue_acts
from studio.gui.pages.train.queue_pane import QueuePane
from studio.gui.pages.train.queue_view import QueueView
from tests.gui.queue_rig import add, add_sweep, rows
from tests.gui.stand_in import StandIn


@pytest.fixture
def studio() -> StandIn:
    return StandIn()


@pytest.fixture
def swept(studio: StandIn) -> StandIn:
    return add_sweep(studio)


@pytest.fixture
def pane(qtbot: QtBot, swept: StandIn) -> QueuePane:
    made = QueuePane()
    qtbot.addWidget(made)
    made.resize(344, 640)
    made.show()
    made.show_rows(rows(swept), "")
    return made


def asked(pane: QueuePane) -> list[tuple[str, str]]:
    found: list[tuple[str, str]] = []
    pane.list.act_requested.connect(lambda act, row: found.append((act, row)))
    return found


def test_keys_ask_for_what_the_row_allows(qtbot: QtBot, pane: QueuePane) -> None:
    wishes = asked(pane)
    pane.list.choose("two")
    qtbot.keyClick(pane.list, Qt.Key.Key_Up, Qt.KeyboardModifier.AltModifier)
    qtbot.keyClick(pane.list, Qt.Key.Key_Down, Qt.KeyboardModifier.AltModifier)
    qtbot.keyClick(pane.list, Qt.Key.Key_D, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(pane.list, Qt.Key.Key_Delete)
    qtbot.keyClick(pane.list, Qt.Key.Key_R, Qt.KeyboardModifier.ControlModifier)  # it does not rest
    assert wishes == [("up", "two"), ("down", "two"), ("duplicate", "two"), ("delete", "two")]


def test_arrows_pass_over_headings_and_fold_groups(qtbot: QtBot, pane: QueuePane) -> None:
    folded: list[str] = []
    pane.list.fold_requested.connect(folded.append)
    pane.list.choose("one")
    qtbot.keyClick(pane.list, Qt.Key.Key_Down)
    chosen = pane.list.chosen()
    assert chosen is not None and chosen.id == "sweep"
    qtbot.keyClick(pane.list, Qt.Key.Key_Right)
    qtbot.keyClick(pane.list, Qt.Key.Key_Left)  # it is folded already
    qtbot.keyClick(pane.list, Qt.Key.Key_Return)
    assert folded == ["sweep", "sweep"]
    pane.list.choose("one")
    qtbot.keyClick(pane.list, Qt.Key.Key_Up)
    chosen = pane.list.chosen()
    assert chosen is not None and chosen.id == "one"


def test_what_is_dropped_between_rows_comes_before_the_next_that_waits(pane: QueuePane) -> None:
    def middle(row_id: str, above: bool) -> QPoint:
        box = pane.list.visualRect(pane.list.rows.index(pane.list.rows.place_of(row_id)))
        return QPoint(box.center().x(), box.top() + 3 if above else box.bottom() - 3)

    assert pane.list.before(middle("one", above=True)) == "one"
    assert pane.list.before(middle("one", above=False)) == "sweep"
    assert pane.list.before(middle("two", above=False)) == ""
    assert pane.list.before(QPoint(20, 600)) == ""


def test_dropping_tells_and_moves_nothing_by_itself(pane: QueuePane) -> None:
    class Drop(QDropEvent):
        def source(self) -> QueueView:
            return pane.list

    dropped: list[tuple[str, str]] = []
    pane.list.drop_requested.connect(lambda row, before: dropped.append((row, before)))
    pane.list.choose("two")
    box = pane.list.visualRect(pane.list.rows.index(pane.list.rows.place_of("one")))
    event = Drop(
        QPointF(box.center().x(), box.top() + 3), Qt.DropAction.MoveAction, QMimeData(), Qt.MouseButton.LeftButton,
        Qt.KeyboardModifier.NoModifier,
    )  # fmt: skip
    pane.list.dropEvent(event)
    assert dropped == [("two", "one")] and pane.list.rows.rowCount() == 4
    assert event.dropAction() == Qt.DropAction.IgnoreAction, "Qt must not take the row away"


def test_only_what_waits_can_be_dragged(qtbot: QtBot, studio: StandIn) -> None:
    add(studio, "now", RunState.RUNNING)
    add(studio, "next", RunState.QUEUED)
    made = QueuePane()
    qtbot.addWidget(made)
    made.show_rows(rows(studio), "")
    model = made.list.rows
    dragged = [
        bool(model.flags(model.index(place)) & Qt.ItemFlag.ItemIsDragEnabled) for place in range(model.rowCount())
    ]
    assert dragged == [False, False, False, True]
    assert not model.flags(model.index(0)) & Qt.ItemFlag.ItemIsSelectable


def test_the_chosen_row_stays_chosen_when_rows_come_and_go(pane: QueuePane, swept: StandIn) -> None:
    looked: list[str] = []
    pane.list.choose("two")
    pane.list.looked_at.connect(looked.append)
    add(swept, "zero", RunState.RUNNING)
    pane.show_rows(rows(swept), "")
    chosen = pane.list.chosen()
    assert chosen is not None and chosen.id == "two" and looked == []


def test_new_figures_change_no_row(pane: QueuePane, swept: StandIn) -> None:
    resets: list[int] = []
    pane.list.rows.modelReset.connect(lambda: resets.append(1))
    found = rows(swept)
    pane.show_rows([replace(one, state="otherwise") for one in found], "done today at 23:00")
    assert resets == [] and pane.done.text() == "done today at 23:00"
    row = pane.list.rows.row(pane.list.rows.index(1))
    assert row is not None and row.state == "otherwise"


def test_buttons_and_menu_offer_what_the_row_allows(pane: QueuePane) -> None:
    pane.list.choose("sweep")
    pane._show_acts()
    names = {act.text for act in queue_acts() if act.name in {"results", "pause", "up", "down", "delete"}}
    shown = {action.text().split("\t")[0] for action in pane.menu().actions() if action.text()}
    assert shown == names
    enabled = {name for name, made in pane._buttons.items() if made.isEnabled()}
    assert enabled == {"pause", "up", "down", "delete"}
    assert all(made.accessibleName() for made in pane._buttons.values())


def test_an_empty_queue_teaches_the_next_step(qtbot: QtBot) -> None:
    made = QueuePane()
    qtbot.addWidget(made)
    made.show_rows([], "")
    wished: list[int] = []
    made.new_requested.connect(lambda: wished.append(1))
    made.new.click()
    assert made._stack.currentIndex() == 0 and wished == [1]


def test_long_reasons_make_their_row_taller(qtbot: QtBot, studio: StandIn) -> None:
    add(studio, "plain", RunState.PAUSED, resting="user")
    add(studio, "tired", RunState.PAUSED, resting="memory")
    made = QueuePane()
    qtbot.addWidget(made)
    made.resize(344, 640)
    made.show()
    made.show_rows(rows(studio), "")
    heights = {
        row_id: made.list.visualRect(made.list.rows.index(made.list.rows.place_of(row_id))).height()
        for row_id in ("plain", "tired")
    }
    assert heights["tired"] >= heights["plain"] + 32
