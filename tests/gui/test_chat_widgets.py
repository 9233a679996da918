"""Composer, slider, drawer and message list, with Qt."""

import random
import time

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QMouseEvent
from PySide6.QtWidgets import QApplication, QPushButton, QWidget

from studio.gui.pages.chat.drawer import SAMPLING, Drawer
from studio.gui.widgets.composer import Composer
from studio.gui.widgets.message import Message
from studio.gui.widgets.message_delegate import MessageEditor
from studio.gui.widgets.message_view import MessageView
from studio.gui.widgets.strength_slider import StrengthSlider


@pytest.fixture
def view(qtbot):
    made = MessageView()
    qtbot.addWidget(made)
    made.resize(360, 500)
    made.show()
    QApplication.processEvents()
    return made


def many(count: int, seed: int = 1) -> list[Message]:
    drawn = random.Random(seed)
    words = ["the", "storm", "is", "a", "negotiation", "and", "she", "wants", "the", "cargo"]
    return [
        Message(
            str(i),
            i % 2 == 0,
            f"*{words[i % 9]}*\n\n" + " ".join(drawn.choices(words, k=drawn.randint(3, 80))),
            "#f2937b",
        )
        for i in range(count)
    ]


def test_enter_sends_and_keeps_the_words(qtbot) -> None:
    composer = Composer()
    qtbot.addWidget(composer)
    composer.setPlainText("Hello")
    with qtbot.waitSignal(composer.send_requested) as sent:
        qtbot.keyClick(composer, Qt.Key.Key_Return)
    assert sent.args == ["Hello"]
    assert composer.toPlainText() == "Hello"


def test_shift_enter_breaks_the_line(qtbot) -> None:
    composer = Composer()
    qtbot.addWidget(composer)
    qtbot.keyClicks(composer, "a")
    with qtbot.assertNotEmitted(composer.send_requested):
        qtbot.keyClick(composer, Qt.Key.Key_Return, Qt.KeyboardModifier.ShiftModifier)
    qtbot.keyClicks(composer, "b")
    assert len(composer.toPlainText().splitlines()) == 2


def test_escape_stops_and_up_edits_only_in_an_empty_box(qtbot) -> None:
    composer = Composer()
    qtbot.addWidget(composer)
    with qtbot.waitSignal(composer.stop_requested):
        qtbot.keyClick(composer, Qt.Key.Key_Escape)
    with qtbot.waitSignal(composer.edit_last_requested):
        qtbot.keyClick(composer, Qt.Key.Key_Up)
    composer.setPlainText("words")
    with qtbot.assertNotEmitted(composer.edit_last_requested):
        qtbot.keyClick(composer, Qt.Key.Key_Up)


def test_the_box_grows_up_to_a_limit(qtbot) -> None:
    composer = Composer()
    qtbot.addWidget(composer)
    composer.resize(300, composer.height())
    composer.show()
    low = composer.height()
    composer.setPlainText("\n".join("line" for _ in range(5)))
    middle = composer.height()
    composer.setPlainText("\n".join("line" for _ in range(50)))
    assert low < middle < composer.height() < 300


def test_strength_steps_tells_when_settled_and_resets(qtbot) -> None:
    slider = StrengthSlider()
    qtbot.addWidget(slider)
    slider.show_strength(0.8, enabled=True)
    assert slider.strength == 0.8
    inner = slider.focusProxy()
    with qtbot.waitSignal(slider.settled) as told:
        qtbot.keyClick(inner, Qt.Key.Key_Right)
    assert told.args == [0.85]
    at = QPointF(3, 3)
    double = QMouseEvent(QEvent.Type.MouseButtonDblClick, at, at, Qt.MouseButton.LeftButton, Qt.MouseButton.LeftButton,
                         Qt.KeyboardModifier.NoModifier)  # fmt: skip
    QApplication.sendEvent(inner, double)
    assert slider.strength == 1.0
    slider.show_strength(1.0, enabled=False)
    assert not inner.isEnabled()


def test_drawer_tells_a_whole_sampler(qtbot) -> None:
    drawer = Drawer()
    qtbot.addWidget(drawer)
    assert set(SAMPLING) == {"temperature", "top_p", "top_k", "min_p", "repetition_penalty", "max_tokens"}
    field = drawer.form.field("temperature")
    field.setText("1.2")
    with qtbot.waitSignal(drawer.sampler_changed) as told:
        field.editingFinished.emit()
    assert (told.args[0].temperature, told.args[0].top_p) == (1.2, 0.95)
    field.setText("nine")
    with qtbot.assertNotEmitted(drawer.sampler_changed):
        field.editingFinished.emit()


def test_two_thousand_messages_open_fast_at_the_end_and_scroll(view) -> None:
    messages = many(2000)
    began = time.process_time()
    view.show_messages(messages, to_end=True)
    view.grab()
    assert time.process_time() - began < 0.6  # 0.06 s alone; the machine is shared
    bar = view.verticalScrollBar()
    assert bar.value() == bar.maximum() > 10_000
    assert view.indexAt(QPoint(10, 400)).row() >= 1995
    bar.setValue(bar.value() // 2)
    QApplication.processEvents()
    middle = view.indexAt(QPoint(10, 250)).row()
    assert 500 < middle < 1500


def test_rows_do_not_overlap_after_scrolling_into_the_unknown(view) -> None:
    view.show_messages(many(200), to_end=True)
    bar = view.verticalScrollBar()
    for _ in range(30):
        bar.setValue(bar.value() - 150)
    QApplication.processEvents()
    first = view.indexAt(QPoint(10, 5)).row()
    for number in range(first, first + 4):
        message = view.messages.message(number)
        shown = view.visualRect(view.messages.index(number)).height()
        assert shown >= view.delegate._document(message).size().height()


def test_growing_reply_keeps_the_end_in_sight_but_does_not_pull_a_reader_down(view) -> None:
    messages = [*many(60), Message("new", False, "", streaming=True)]
    view.show_messages(messages, to_end=True)
    bar = view.verticalScrollBar()
    view.show_tail("words " * 80)
    assert bar.value() == bar.maximum()
    bar.setValue(bar.maximum() // 2)
    place = view.indexAt(QPoint(10, 10)).row()
    view.show_tail("words " * 300)
    assert view.indexAt(QPoint(10, 10)).row() == place
    assert bar.value() < bar.maximum()


def test_only_what_changed_is_inserted(view, qtbot) -> None:
    messages = many(50)
    view.show_messages(messages)
    with qtbot.assertNotEmitted(view.messages.modelReset), qtbot.waitSignal(view.messages.rowsInserted) as inserted:
        view.show_messages([*messages, Message("x", True, "more")])
    assert inserted.args[1:] == [50, 50]


def test_tools_stand_under_the_last_reply_only(view) -> None:
    view.show_messages([Message("a", True, "Hi"), Message("b", False, "Hello", place=2, count=3)])
    assert view.tools.isVisible() and view.tools.place.text() == "2 / 3"
    below = view.visualRect(view.messages.index(1))
    assert below.contains(view.tools.geometry().center())
    view.show_messages([Message("a", True, "Hi")])
    assert not view.tools.isVisible()
    view.show_messages([Message("a", True, "Hi"), Message("c", False, "", streaming=True)])
    assert not view.tools.isVisible()


def test_arrows_swipe_within_bounds(view, qtbot) -> None:
    view.show_messages([Message("a", True, "Hi"), Message("b", False, "Hello", place=1, count=2)])
    with qtbot.assertNotEmitted(view.swipe_requested):
        qtbot.keyClick(view, Qt.Key.Key_Left)
    with qtbot.waitSignal(view.swipe_requested) as told:
        qtbot.keyClick(view, Qt.Key.Key_Right)
    assert told.args == ["b", 1]


def test_editing_in_place_tells_the_new_words(view, qtbot) -> None:
    view.show_messages([Message("a", True, "Hi"), Message("b", False, "Hello")])
    view.tools.edit.click()
    editor = view.findChild(MessageEditor)
    assert editor is not None and editor.text.toPlainText() == "Hello"
    editor.text.setPlainText("Good evening")
    with qtbot.waitSignal(view.edit_requested) as told:
        editor.saved.click()
    assert told.args == ["b", "Good evening"]
    assert view.delegate.editing == -1


def test_cancelled_editing_tells_nothing(view, qtbot) -> None:
    view.show_messages([Message("b", False, "Hello")])
    view.edit_row(0)
    editor = view.findChild(MessageEditor)
    editor.text.setPlainText("other")
    with qtbot.assertNotEmitted(view.edit_requested):
        editor.left.click()


def test_rows_are_spoken(view) -> None:
    view.show_messages([Message("a", True, "Hi"), Message("b", False, "*nods* **Yes**", speaker="Tik")])
    said = [view.messages.data(view.messages.index(i), Qt.ItemDataRole.AccessibleTextRole) for i in (0, 1)]
    assert said == ["You: Hi", "Tik: nods Yes"]


def test_every_button_of_the_tools_is_named(view) -> None:
    assert all(one.accessibleName() for one in view.tools.findChildren(QPushButton))
    assert isinstance(view.tools, QWidget)
