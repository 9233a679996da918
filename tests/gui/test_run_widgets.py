"""The parts of a run's page: curves that are cheap and can be read by keyboard, the strip, the reader."""

import time

import pytest
from PySide6.QtCore import QObject, Qt
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from studio.gui.pages.train.run.findings import FindingAct, FindingRow
from studio.gui.pages.train.run.findings_view import FindingsView
from studio.gui.pages.train.run.sample_reader import SampleReader
from studio.gui.pages.train.run.sample_strip import SampleStrip
from studio.gui.pages.train.run.samples import Prompt, SampleCell
from studio.gui.widgets.loss_curve import LossCurve
from studio.gui.widgets.pace import Pace
from studio.gui.widgets.small_chart import SmallChart


def curve(qtbot: QtBot, **more: object) -> LossCurve:
    made = LossCurve("nothing yet")
    qtbot.addWidget(made)
    made.resize(600, 300)
    made.show_points([(float(i), 4 - i / 100) for i in range(1, 200)], [(50.0, 3.2), (100.0, 2.6)], **more)  # type: ignore[arg-type]
    return made


# -- curves ------------------------------------------------------------------------------------------------------


def test_the_suggested_step_is_marked_not_the_lowest(qtbot: QtBot) -> None:
    assert curve(qtbot).best == (100.0, 2.6)
    assert curve(qtbot, best_step=50).best == (50.0, 3.2)
    assert curve(qtbot, best_step=77).best == (100.0, 2.6)


def test_a_neutral_text_far_away_does_not_flatten_the_curve(qtbot: QtBot) -> None:
    near = curve(qtbot, neutral=[(0.0, 4.6), (100.0, 4.7)])
    assert near.shows_neutral and near.range[3] > 4.7
    far = curve(qtbot, neutral=[(0.0, 14.0), (100.0, 14.2)])
    assert not far.shows_neutral and far.range[3] < 5


def test_arrow_keys_read_the_curve_from_point_to_point(qtbot: QtBot) -> None:
    shown = curve(qtbot, neutral=[(100.0, 4.6)])
    shown.more_to_read = lambda step: [f"extra at {step:.0f}"]
    shown.show()
    shown.setFocus()
    qtbot.keyClick(shown, Qt.Key.Key_Home)
    assert shown.hover == 1.0
    qtbot.keyClick(shown, Qt.Key.Key_Right)
    assert shown.hover == 2.0
    for expected in ("step 2", "held-out 3.200 at step 50", "neutral text 4.600", "extra at 2"):
        assert expected in shown.accessibleDescription()
    qtbot.keyClick(shown, Qt.Key.Key_End)
    qtbot.keyClick(shown, Qt.Key.Key_Right)
    assert shown.hover == 199.0


def test_another_run_shares_the_picture_and_its_range(qtbot: QtBot) -> None:
    shown = curve(qtbot)
    alone = shown.range
    shown.show_beside([(float(i), 6.0) for i in range(1, 400)], [(300.0, 5.5)], "#ff0000", ("this", "that"))
    assert shown.range[3] > 6 > alone[3] and shown.range[1] == 399
    assert "that" in shown.readout(120) and "held-out 5.500 at step 300" in shown.readout(120)
    before = shown.grab().toImage()
    shown.show_alone()
    shown.show_points([(1.0, 3.0), (2.0, 2.5)])
    assert "that" not in shown.readout(1) and shown.grab().toImage() != before


def test_losses_that_are_no_numbers_are_not_drawn(qtbot: QtBot) -> None:
    shown = curve(qtbot)
    shown.show_points([(1.0, 3.0), (2.0, float("nan")), (3.0, float("inf"))], [(3.0, float("nan"))])
    assert shown.thinned()[0] == [(1.0, 3.0)] and not shown.grab().isNull()


def test_a_small_chart_names_its_newest_value(qtbot: QtBot) -> None:
    chart = SmallChart("Memory", "{:.1f} GB".format)
    qtbot.addWidget(chart)
    chart.resize(500, 84)
    chart.show_points([(1.0, 4.0), (2.0, 5.6)], "#00ff00", 480)
    assert chart.accessibleDescription() == "Memory: 5.6 GB" and chart.readout(1.2) == ["step 1", "4.0 GB"]
    drawn = chart.grab().toImage()
    chart.show_hover(1.0)
    assert chart.grab().toImage() != drawn


def test_ten_thousand_points_are_shown_within_a_frame(qtbot: QtBot) -> None:
    shown = curve(qtbot)
    points = [(float(i), 3 + (i % 17) / 20) for i in range(10_000)]
    took = []
    for _ in range(5):
        began = time.process_time()
        shown.show_points(points, points[::500], total_steps=12_000, colour="#8ea6ff")
        shown.grab()
        took.append(time.process_time() - began)
    assert min(took) < 0.05


def test_what_is_asked_often_is_done_ten_times_a_second(qtbot: QtBot) -> None:
    done: list[float] = []
    waits: list[int] = []
    owner = QObject()
    pace = Pace(owner, lambda: done.append(pace._last))

    def ask_often() -> bool:
        for _ in range(10):
            pace.ask()
        waits.append(pace._timer.interval())
        return len(done) >= 5

    qtbot.waitUntil(ask_often, timeout=20_000)
    before = len(done)
    qtbot.waitUntil(lambda: not pace._timer.isActive(), timeout=20_000)
    assert before <= len(done) <= before + 1, "what was asked in between is done once"
    assert 50 < max(waits) <= 100
    assert all(later - one > 0.08 for one, later in zip(done, done[1:], strict=False))


# -- samples -----------------------------------------------------------------------------------------------------


def cell(step: int, text: str, copied: float = 0.0) -> SampleCell:
    return SampleCell(
        step=step, title=f"step {step}" if step else "base", text=text, copied=copied, copied_words=f"{copied:.0%}",
        recited=copied > 0.3, best=False,
    )  # fmt: skip


CELLS = [
    cell(0, "I am an assistant."),
    cell(80, "Dead since Tuesday. " * 30),
    cell(160, "He died of stairs.", 0.4),
    cell(240, "He died of stairs, says she.", 0.5),
]
PROMPTS = [Prompt(key="a", words="What did he die of?"), Prompt(key="b", words="How are you?")]


@pytest.fixture
def strip(qtbot: QtBot) -> SampleStrip:
    made = SampleStrip()
    qtbot.addWidget(made)
    made.resize(700, 220)
    made.show()
    made.show_samples(PROMPTS, "a", CELLS, "nothing")
    return made


def test_the_strip_grows_without_losing_its_place(qtbot: QtBot, strip: SampleStrip) -> None:
    strip.show_samples(PROMPTS, "a", [*CELLS, *(cell(step, "more") for step in range(320, 800, 80))], "")
    strip.list.setCurrentIndex(strip.list.model().index(1, 0))
    strip.list.horizontalScrollBar().setValue(0)
    more = [*strip._model.cells, cell(800, "newest")]
    strip.show_samples(PROMPTS, "a", more, "")
    assert strip.list.currentIndex().row() == 1 and strip.list.horizontalScrollBar().value() == 0
    strip.list.scrollTo(strip.list.model().index(len(more) - 1, 0))
    strip.show_samples(PROMPTS, "a", [*more, cell(880, "newer")], "")
    bar = strip.list.horizontalScrollBar()
    qtbot.waitUntil(lambda: bar.value() >= bar.maximum() - 4, timeout=20_000)


def test_the_whole_answer_is_a_tooltip_and_spoken(strip: SampleStrip) -> None:
    index = strip.list.model().index(1, 0)
    assert index.data(Qt.ItemDataRole.ToolTipRole).count("Dead since Tuesday.") == 30
    assert "step 80" in index.data(Qt.ItemDataRole.AccessibleTextRole)


def test_enter_opens_the_answer_and_the_prompt_can_be_changed(qtbot: QtBot, strip: SampleStrip) -> None:
    strip.list.setCurrentIndex(strip.list.model().index(2, 0))
    with qtbot.waitSignal(strip.opened) as told:
        qtbot.keyClick(strip.list, Qt.Key.Key_Return)
    assert told.args == [160]
    with qtbot.waitSignal(strip.prompt_chosen) as told:
        strip.prompt.setCurrentIndex(1)
        strip.prompt.activated.emit(1)
    assert told.args == ["b"]


def test_an_empty_strip_says_when_there_will_be_something(strip: SampleStrip) -> None:
    strip.show_samples([], "", [], "At every checkpoint.")
    assert strip.nothing.isVisible() and not strip.list.isVisible() and not strip.prompt.isVisible()


def test_a_sample_is_painted_with_its_copied_share(strip: SampleStrip) -> None:
    before = strip.grab().toImage()
    strip.show_samples(PROMPTS, "a", [*CELLS[:3], cell(240, CELLS[3].text, 0.0)], "")
    assert strip.grab().toImage() != before


def test_the_reader_marks_the_words_that_differ(qtbot: QtBot) -> None:
    reader = SampleReader(None, PROMPTS, lambda key: CELLS if key == "a" else CELLS[:1])
    qtbot.addWidget(reader)
    reader.show_step("a", 240)
    assert (reader.first.currentData(), reader.second.currentData()) == (160, 240)
    assert reader.left.toPlainText() == CELLS[2].text and reader.right.toPlainText() == CELLS[3].text
    assert "underline" in reader.right.toHtml() and "underline" not in reader.left.toHtml()
    reader.marks.setChecked(False)
    assert "underline" not in reader.right.toHtml()
    reader.prompt.setCurrentIndex(1)
    reader.prompt.activated.emit(1)
    assert reader.right.toPlainText() == "I am an assistant."


# -- findings ----------------------------------------------------------------------------------------------------


def test_the_first_finding_is_shown_and_the_others_are_one_click_away(qtbot: QtBot) -> None:
    view = FindingsView()
    qtbot.addWidget(view)
    act = FindingAct(kind="again", label="Start again with half the learning rate", options={"learning_rate": 1e-4})
    rows = [FindingRow(code=str(i), warning=i == 0, sentence=f"Sentence {i}.", lever="Do this.", acts=(act,))
            for i in range(3)]  # fmt: skip
    view.show_rows(rows)
    view.resize(700, 300)
    view.show()
    QApplication.processEvents()
    buttons = [one for one in view.findChildren(type(view._more(1))) if one.isVisible()]
    assert [one.text() for one in buttons] == ["Start again with half the learning rate", "2 more"]
    with qtbot.waitSignal(view.act_wished) as told:
        buttons[0].click()
    assert told.args == [act]
    buttons[1].click()
    QApplication.processEvents()
    said = [one.text() for one in view.findChildren(type(view._more(1))) if one.isVisible()]
    assert said.count("Start again with half the learning rate") == 3 and said[-1] == "Show less"
    view.resize(400, 300)
    assert not view.grab().isNull()
