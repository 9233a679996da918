"""Columns of the real chat page on the fake engine: they come, go, move and change, and keep what was said."""

import shutil
import threading
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage
from PySide6.QtWidgets import QApplication, QDialog, QLabel, QMenu
from pytestqt.qtbot import QtBot

from studio.domain.base_model import BaseModel
from studio.domain.chat import BlendPart, Contestant
from studio.gui.pages.chat.blends.bake_dialog import BakeDialog
from studio.gui.pages.chat.blends.dialog import BlendDialog
from studio.gui.pages.chat.columns.comparison_picture import picture
from studio.gui.pages.chat.columns.own_sampler import OwnSampler
from studio.gui.pages.chat.columns.picker import Picker
from studio.gui.pages.chat.columns.sweep_dialog import StrengthSweepDialog
from studio.gui.pages.chat.page import Page
from studio.services import run_checkpoints, sliced, thread_copies
from studio.services.studio import Studio
from tests.gui.conftest import Here, add_persona
from tests.gui.test_work_pages_live import say, shown, texts, trained
from tests.services.test_checkpoint_voices import LORA, write_checkpoint

PATIENCE = 30_000


@pytest.fixture(autouse=True)
def _without_waiting(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("FAKE_ENGINE_SPEED", "0")


@pytest.fixture
def adapter(qtbot: QtBot, studio: Studio, base: BaseModel) -> str:
    return trained(qtbot, studio, add_persona(studio, "Oswin", conversations=20))


@pytest.fixture
def page(qtbot: QtBot, studio: Studio, here: Here, adapter: str) -> Page:
    made = shown(qtbot, studio, here, Page)
    assert isinstance(made, Page)
    return made


def settled(qtbot: QtBot, page: Page) -> None:
    """Until nothing streams and everything is shown."""
    qtbot.waitUntil(lambda: not page.presenter.replies.busy and page.showing.idle, timeout=PATIENCE)


def last(page: Page, column: int) -> str:
    return texts(page, column)[-1]


def dialog(here: Here, kind: type[QDialog]) -> QDialog:
    return here.widget.findChildren(kind)[-1]


def test_a_column_that_comes_later_answers_the_same_words_at_once(qtbot: QtBot, page: Page, adapter: str) -> None:
    say(qtbot, page, "Who is there?")
    before = [texts(page, column) for column in (0, 1)]
    page.head.add.click()
    picker = page.findChild(Picker)
    picker.field.setText("oswin whole")
    assert picker.shown() == ["Base with the whole card"]
    picker.take_marked()
    settled(qtbot, page)
    assert len(page.board.columns) == 3 and texts(page, 2)[0] == "Who is there?" and last(page, 2)
    assert [texts(page, column) for column in (0, 1)] == before


def test_columns_move_with_their_threads(qtbot: QtBot, page: Page) -> None:
    say(qtbot, page, "Who is there?")
    first, second = texts(page, 0), texts(page, 1)
    widget = page.board.columns[0]
    widget.asked.emit("right")
    settled(qtbot, page)
    assert (texts(page, 0), texts(page, 1)) == (second, first)
    assert page.board.columns[1] is widget and page.presenter.contestants()[1].is_base
    say(qtbot, page, "And now?")
    assert texts(page, 1)[: len(first)] == first and len(texts(page, 1)) == len(first) + 2


def test_a_header_is_dragged_to_another_place(qtbot: QtBot, page: Page) -> None:
    header = page.board.columns[0].header
    begin = QPoint(60, 8)
    far = header.mapFromGlobal(page.board.columns[1].mapToGlobal(QPoint(80, 40)))
    qtbot.mousePress(header, Qt.MouseButton.LeftButton, pos=begin)
    qtbot.mouseMove(header, begin + QPoint(30, 0))
    qtbot.mouseMove(header, far)
    assert page.board.columns[1].property("target") is True
    qtbot.mouseRelease(header, Qt.MouseButton.LeftButton, pos=far)
    settled(qtbot, page)
    assert page.presenter.contestants()[1].is_base and not page.presenter.contestants()[0].is_base
    assert not any(one.property("target") for one in page.board.columns)


def test_a_removed_column_comes_back_with_all_that_was_said(qtbot: QtBot, page: Page, here: Here) -> None:
    say(qtbot, page, "Who is there?")
    said = texts(page, 0)
    page.board.columns[0].asked.emit("remove")
    settled(qtbot, page)
    assert len(page.board.columns) == 1 and not page.presenter.contestants()[0].is_base
    undo = here.toasts[-1][1]
    assert undo is not None
    undo()
    settled(qtbot, page)
    assert len(page.board.columns) == 2 and texts(page, 0) == said


def test_all_go_on_with_one_column(qtbot: QtBot, page: Page, here: Here) -> None:
    say(qtbot, page, "Who is there?")
    mine, other = texts(page, 0), texts(page, 1)
    assert mine != other
    page.board.columns[1].asked.emit("continue")
    settled(qtbot, page)
    assert texts(page, 0) == other == texts(page, 1)
    undo = here.toasts[-1][1]
    assert undo is not None
    undo()
    settled(qtbot, page)
    assert texts(page, 0) == mine


@pytest.fixture
def slowly(monkeypatch: pytest.MonkeyPatch) -> None:
    """Every slice is one small step, so that even short threads take several."""
    monkeypatch.setattr(sliced, "SLICE_SECONDS", 0.0)
    monkeypatch.setattr(thread_copies, "_A_SLICE", 1)


@pytest.mark.usefixtures("slowly")
def test_long_threads_are_copied_while_the_page_says_so(qtbot: QtBot, page: Page, here: Here) -> None:
    say(qtbot, page, "Who is there?")
    mine, other = texts(page, 0), texts(page, 1)
    before = page.presenter.contestants()
    page.board.columns[1].asked.emit("continue")
    assert page.presenter.replies.busy and page.presenter.desk.arranging and texts(page, 0) == mine
    assert "copied" in page.bottom.working.findChildren(QLabel)[-1].text() and page.bottom.working.isVisible()
    page.acts.settle_strength(page.board.columns[1], 0.5)
    page.presenter.desk.set_strength(1, 0.25)
    assert page.presenter.contestants() == before
    page.board.columns[0].asked.emit("remove")
    page.presenter.add_column()
    settled(qtbot, page)
    assert len(page.board.columns) == 2 and texts(page, 0) == other == texts(page, 1)
    assert page.presenter.contestants() == before
    assert not page.bottom.working.isVisible() and "go on from this" in here.toasts[-1][0]


@pytest.mark.usefixtures("slowly")
def test_copying_can_be_given_up_and_leaves_nothing(qtbot: QtBot, page: Page, studio: Studio, here: Here) -> None:
    say(qtbot, page, "Who is there?")
    before, said = [texts(page, column) for column in (0, 1)], studio.chats.messages(page.presenter.chat_id)
    page.board.columns[1].asked.emit("continue")
    page.bottom.stop.click()
    settled(qtbot, page)
    assert [texts(page, column) for column in (0, 1)] == before and not page.presenter.desk.arranging
    assert studio.chats.messages(page.presenter.chat_id) == said and here.toasts == [] == here.errors
    assert not page.bottom.trouble.isVisible()


@pytest.mark.usefixtures("slowly")
def test_another_chat_is_opened_while_threads_are_copied(qtbot: QtBot, page: Page, here: Here) -> None:
    say(qtbot, page, "Who is there?")
    first = page.presenter.chat_id
    page.board.columns[1].asked.emit("continue")
    page._new()
    qtbot.waitUntil(lambda: not page.presenter.desk.arranging, timeout=PATIENCE)
    assert page.presenter.chat_id == "" and here.toasts == []
    page.open(chat_id=first)
    settled(qtbot, page)
    assert texts(page, 0) != texts(page, 1)


def test_a_checkpoint_is_made_ready_while_the_window_lives(
    qtbot: QtBot, page: Page, studio: Studio, adapter: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    run = studio.adapters.get(adapter).run_id
    for old in (studio.library / "runs" / run).glob("**/step-*"):
        shutil.rmtree(old)
    write_checkpoint(studio.library / "runs" / run / "checkpoints" / "step-00000007", LORA, {"alpha": 1})
    may_go_on, write = threading.Event(), run_checkpoints.write_voice

    def written(*asked: object) -> None:
        assert may_go_on.wait(PATIENCE / 1000)
        write(*asked)  # type: ignore[arg-type]

    monkeypatch.setattr(run_checkpoints, "write_voice", written)
    page.open(contestants=[Contestant(adapter_id=run, step=7), Contestant()])
    page.bottom.composer.send_requested.emit("Who is there?")
    qtbot.waitUntil(page.bottom.working.isVisible, timeout=PATIENCE)
    assert "made ready" in page.bottom.working.findChildren(QLabel)[-1].text() and page.bottom.stop.isVisible()
    may_go_on.set()
    settled(qtbot, page)
    assert len(texts(page, 0)) == 2 == len(texts(page, 1)) and not page.bottom.working.isVisible()
    assert not page.bottom.trouble.isVisible()


def test_a_sweep_puts_one_adapter_into_all_columns_and_back(qtbot: QtBot, page: Page, here: Here, adapter: str) -> None:
    say(qtbot, page, "Who is there?")
    before = [texts(page, column) for column in (0, 1)]
    page.board.columns[1].asked.emit("sweep")
    sheet = dialog(here, StrengthSweepDialog)
    sheet.step.setValue(0.1)  # type: ignore[attr-defined]
    assert not sheet.start.isEnabled()  # type: ignore[attr-defined]
    sheet.high.setValue(1.0)  # type: ignore[attr-defined]
    sheet.step.setValue(0.25)  # type: ignore[attr-defined]
    qtbot.keyClick(sheet.step, Qt.Key.Key_Return)  # type: ignore[attr-defined]
    settled(qtbot, page)
    assert [one.strength for one in page.presenter.contestants()] == [0, 0.25, 0.5, 0.75, 1.0]
    assert {one.adapter_id for one in page.presenter.contestants()} == {adapter}
    assert all(texts(page, number)[0] == "Who is there?" and last(page, number) for number in range(5))
    undo = here.toasts[-1][1]
    assert undo is not None
    undo()
    settled(qtbot, page)
    assert [texts(page, column) for column in (0, 1)] == before


def test_eight_columns_stream_in_two_rows(qtbot: QtBot, page: Page, adapter: str) -> None:
    page.open(contestants=[Contestant(adapter_id=adapter, strength=place / 8) for place in range(8)])
    assert not page.head.add.isEnabled() and all(one.header.folded.isVisible() for one in page.board.columns)
    assert len({one.y() for one in page.board.columns}) == 2
    page.bottom.composer.send_requested.emit("All of you: who is there?")
    settled(qtbot, page)
    assert all(len(texts(page, number)) == 2 and last(page, number) for number in range(8))
    page.resize(2400, 900)
    QApplication.processEvents()
    assert len({one.y() for one in page.board.columns}) == 1 and page.board.columns[0].header.strength.isVisible()


def test_a_column_has_a_sampler_and_seed_of_its_own(qtbot: QtBot, page: Page) -> None:
    assert not page.board.columns[1].header.own.isVisible()
    page.board.columns[1].asked.emit("own")
    form = page.findChild(OwnSampler)
    form.shared.setChecked(False)
    field = form.form.field("temperature")
    field.setText("0.1")  # type: ignore[attr-defined]
    field.editingFinished.emit()  # type: ignore[attr-defined]
    form.seed.setText("7")
    form.seed.editingFinished.emit()
    own = page.presenter.contestants()[1]
    assert own.sampler is not None and (own.sampler.temperature, own.seed) == (0.1, 7)
    assert page.board.columns[1].header.own.isVisible()
    form.shared.setChecked(True)
    assert page.presenter.contestants()[1].sampler is None and page.presenter.contestants()[0].seed is None


def test_a_blend_becomes_a_column_and_is_baked(
    qtbot: QtBot, page: Page, studio: Studio, here: Here, adapter: str
) -> None:
    second = trained(qtbot, studio, add_persona(studio, "Wren", conversations=20))
    page.board.columns[1].asked.emit("blend")
    sheet = dialog(here, BlendDialog)
    assert not sheet.use.isEnabled()  # type: ignore[attr-defined]
    menu = QMenu()
    sheet.fill_adding(menu)  # type: ignore[attr-defined]
    menu.actions()[0].trigger()
    assert sheet.use.isEnabled()  # type: ignore[attr-defined]
    sheet.use.click()  # type: ignore[attr-defined]
    blended = page.presenter.contestants()[1]
    assert blended.blend == (BlendPart(adapter_id=second, weight=0.5),)
    assert page.board.columns[1].header.folded.text() == "Weights"
    page.board.columns[1].asked.emit("bake")
    baking = dialog(here, BakeDialog)
    baking.name.setText("Both")  # type: ignore[attr-defined]
    baking.start.click()  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: baking.use.isVisible(), timeout=PATIENCE)  # type: ignore[attr-defined]
    baking.use.click()  # type: ignore[attr-defined]
    made = studio.adapters.get("Both")
    assert page.presenter.contestants()[1].parts == (BlendPart(adapter_id=made.id, weight=1.0),)
    assert {part["adapter_id"] for part in made.made_of["parts"]} == {adapter, second}  # type: ignore[union-attr]


def test_trouble_while_baking_is_a_sentence_and_the_dialog_stays(
    qtbot: QtBot, page: Page, studio: Studio, here: Here, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_ENGINE_FAIL", "bake_adapter:bake_nothing")
    studio.engine.restart()
    page.board.columns[1].asked.emit("bake")
    baking = dialog(here, BakeDialog)
    baking.start.click()  # type: ignore[attr-defined]
    qtbot.waitUntil(lambda: baking._trouble.isVisible(), timeout=PATIENCE)  # type: ignore[attr-defined]
    assert "nothing to bake" in baking._trouble.text() and baking.start.isEnabled()  # type: ignore[attr-defined]


def test_the_comparison_leaves_as_text_data_and_picture(qtbot: QtBot, page: Page, here: Here, tmp_path: Path) -> None:
    say(qtbot, page, "Who is there?")
    for kind, name in (("markdown", "it.md"), ("json", "it.json"), ("picture", "it.png")):
        page.chat_acts.export(kind, tmp_path / name)
    assert here.errors == []
    assert last(page, 1)[:20] in (tmp_path / "it.md").read_text(encoding="utf-8")
    assert "Who is there?" in (tmp_path / "it.json").read_text(encoding="utf-8")
    seen = QImage(str(tmp_path / "it.png"))
    assert seen.width() > 700 and seen.height() > 200
    page.chat_acts.export("picture", tmp_path / "nowhere" / "it.png")
    assert "could not be written" in here.errors[-1]


def test_the_picture_is_as_long_as_what_was_said(qtbot: QtBot, page: Page) -> None:
    say(qtbot, page, "Who is there?")
    short = picture(page.board, "Title").height()
    say(qtbot, page, "And what do you want? " * 30)
    assert picture(page.board, "Title").height() > short + 200


def test_a_blind_picture_tells_no_names(qtbot: QtBot, page: Page) -> None:
    """Neither colour nor strength is painted while names are hidden; without that, both are."""

    def drawn(colour: str, strength: float, *, hidden: bool) -> QImage:
        for number, column in enumerate(page.board.columns):
            view = replace(column.shown, title="Voice", subtitle="", portrait=None, colour=colour, hidden=hidden,
                           is_base=False, strength=strength)  # fmt: skip
            column.show_view(view, number=number, count=2)
        return picture(page.board, "Same")

    assert drawn("#ff8888", 1.0, hidden=True) == drawn("#88ff88", 0.5, hidden=True)
    assert drawn("#ff8888", 1.0, hidden=False) != drawn("#88ff88", 1.0, hidden=False)
    assert drawn("#ff8888", 1.0, hidden=False) != drawn("#ff8888", 0.5, hidden=False)


@pytest.mark.parametrize("size", [(1180, 740), (1000, 600)])
def test_every_control_of_a_column_is_inside_it(page: Page, adapter: str, size: tuple[int, int]) -> None:
    page.resize(*size)
    page.open(contestants=[Contestant(adapter_id=adapter, strength=place / 8) for place in range(8)])
    QApplication.processEvents()
    for column in page.board.columns:
        for part in column.focus_chain():
            if part.isVisible():
                left = part.mapTo(column, QPoint(0, 0)).x()
                assert left >= 0 and left + part.width() <= column.width()
                assert part.accessibleName()
