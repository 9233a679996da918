"""Composer, slider, drawer and message list, with Qt."""

import random
import time

import pytest
from PySide6.QtCore import QEvent, QPoint, QPointF, Qt
from PySide6.QtGui import QAccessible, QMouseEvent, QTextCursor
from PySide6.QtWidgets import QApplication, QMenu, QPushButton, QWidget

from studio.gui.pages.chat.drawer.panel import SAMPLING, Drawer
from studio.gui.widgets.composer import Composer
from studio.gui.widgets.message import Message
from studio.gui.widgets.message_acts import acts_for
from studio.gui.widgets.message_editor import MessageEditor
from studio.gui.widgets.message_selection import occurrences
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
    assert {"temperature", "top_p", "max_tokens", "dry_multiplier"} <= set(SAMPLING)
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
        assert shown >= view.delegate.document(message).size().height()


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
    view.tools.buttons["edit"].click()
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


def drag(view, start: tuple[int, int], end: tuple[int, int]) -> None:
    """Choose words from a point in one row's text to a point in another's."""
    points = []
    for row, letter in (start, end):
        message = view.messages.message(row)
        document = view.delegate.document(message)
        cursor_at = document.documentLayout().blockBoundingRect(document.firstBlock()).topLeft()
        line = document.firstBlock().layout().lineAt(0)
        corner = view.delegate.box(message, view.visualRect(view.messages.index(row)).top()).corner
        x = line.cursorToX(letter)
        x = x[0] if isinstance(x, tuple) else x
        points.append(QPointF(corner.x() + cursor_at.x() + x, corner.y() + line.height() / 2).toPoint())
    press, move, release = QEvent.Type.MouseButtonPress, QEvent.Type.MouseMove, QEvent.Type.MouseButtonRelease
    for kind, at, buttons in ((press, points[0], True), (move, points[1], True), (release, points[1], False)):
        place = QPointF(at)
        held = Qt.MouseButton.LeftButton if buttons else Qt.MouseButton.NoButton
        pressed = Qt.MouseButton.NoButton if kind == move else Qt.MouseButton.LeftButton
        event = QMouseEvent(kind, place, view.viewport().mapToGlobal(place), pressed, held,
                            Qt.KeyboardModifier.NoModifier)  # fmt: skip
        QApplication.sendEvent(view.viewport(), event)


def test_words_are_chosen_by_mouse_and_copied_as_they_are_read(view, qtbot) -> None:
    view.show_messages([Message("a", True, "Good evening"), Message("b", False, "*nods* **Yes** indeed")])
    drag(view, (1, 5), (1, 8))
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == "Yes"
    drag(view, (0, 5), (1, 4))
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == "evening\n\nnods"
    drag(view, (1, 4), (0, 5))
    assert view.pointer.words() == "evening\n\nnods"
    drag(view, (0, 0), (0, 0))
    qtbot.keyClick(view, Qt.Key.Key_C, Qt.KeyboardModifier.ControlModifier)
    assert QApplication.clipboard().text() == "Good evening"


def test_places_after_faces_are_marked_where_they_are(view) -> None:
    view.show_messages([Message("a", False, "🙂🙂 storm and STORM")])
    document = view.delegate.document(view.messages.message(0))
    for start, end in occurrences(document, "storm"):
        cursor = QTextCursor(document)
        cursor.setPosition(start)
        cursor.setPosition(end, QTextCursor.MoveMode.KeepAnchor)
        assert cursor.selectedText().lower() == "storm"
    assert len(occurrences(document, "storm")) == 2


def test_tools_float_over_the_message_that_is_pointed_at(view) -> None:
    view.show_messages([Message("a", True, "Hi"), Message("b", False, "Hello", count=2), Message("c", False, "Last")])
    view.pointer.point_at(0)
    assert view.floating.isVisible() and view.floating.message.id == "a"
    assert view.floating.buttons["again"].isHidden() and not view.floating.buttons["edit"].isHidden()
    view.pointer.point_at(1)
    below = view.visualRect(view.messages.index(1))
    assert below.contains(view.floating.geometry().center()) and view.floating.place.text() == "1 / 2"
    view.pointer.point_at(2)
    assert not view.floating.isVisible() and view.tools.isVisible()


def test_narrow_columns_keep_what_matters_and_put_the_rest_into_the_menu(view) -> None:
    view.show_messages([Message("b", False, "Hello", count=2)])
    for width in (140, 260, 500):
        view.resize(width, 400)
        QApplication.processEvents()
        shown = [one for one in view.tools.buttons.values() if not one.isHidden()]
        right = max(one.geometry().right() for one in [*shown, view.tools.more, view.tools.forward])
        assert right <= view.tools.width() <= view.viewport().width()
        assert len(shown) < 8 or view.tools.more.isHidden() or width == 500
    menu = QMenu()
    view.fill_menu(menu, 0)
    assert len([one for one in menu.actions() if one.text()]) == 2 + len(acts_for(view.messages.message(0)))


def test_a_message_whose_editor_left_with_its_row_is_shown_again(view, qtbot) -> None:
    said = [Message("a", True, "Hi"), Message("b", False, "Hello"), Message("c", True, "How?")]
    view.show_messages(said)
    height = view.visualRect(view.messages.index(1)).height()
    view.edit_row(1)
    view.findChild(MessageEditor).text.setPlainText("Hello you")
    view.show_messages([Message("x", True, "Elsewhere")])
    view.show_messages(said)
    assert view.delegate.editing == -1 and view.visualRect(view.messages.index(1)).height() == height
    view.edit_row(1)
    editor = view.findChildren(MessageEditor)[-1]
    assert editor.text.toPlainText() == "Hello you"
    editor.left.click()
    view.edit_row(1)
    editor = view.findChildren(MessageEditor)[-1]
    assert editor.text.toPlainText() == "Hello"
    editor.text.setPlainText("Hello all")
    view.edit_requested.connect(lambda *_: view.show_messages([*said[:1], Message("b2", False, "Hello all", count=2)]))
    editor.saved.click()
    view.show_messages(said)
    view.edit_row(1)
    assert view.findChildren(MessageEditor)[-1].text.toPlainText() == "Hello"


def test_a_greeting_has_no_other_reply_and_is_no_lesson(view, qtbot) -> None:
    view.show_messages([Message("b", False, "Hello", count=2, greeting=True)])
    assert view.tools.buttons["again"].isHidden() and view.tools.buttons["teach"].isHidden()
    assert not view.tools.buttons["edit"].isHidden() and view.tools.forward.isEnabled()
    with qtbot.assertNotEmitted(view.act_requested):
        qtbot.keyClick(view, Qt.Key.Key_R)
    view.show_messages([Message("c", False, "Hello", count=2)])
    assert not view.tools.buttons["again"].isHidden() and not view.tools.buttons["teach"].isHidden()


def test_a_locked_message_can_only_be_copied(view, qtbot) -> None:
    view.show_messages([Message("b", False, "Hello", locked=True)])
    with qtbot.assertNotEmitted(view.act_requested):
        qtbot.keyClick(view, Qt.Key.Key_T)
    assert [one.name for one in acts_for(view.messages.message(0))] == ["copy"]


def test_a_reply_that_ended_is_told_to_screen_readers(view, monkeypatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(QAccessible, "updateAccessibility", lambda event: told.append(event.message()))
    view.show_messages([Message("a", True, "Hi"), Message("p", False, "", streaming=True)])
    view.show_messages([Message("a", True, "Hi"), Message("b", False, "*nods* Yes", speaker="Tik")])
    assert told == ["Tik: nods Yes"]
    view.show_messages([Message("a", True, "Hi"), Message("b", False, "*nods* Yes", speaker="Tik", rating=1)])
    assert told == ["Tik: nods Yes"]


def test_another_thread_closes_the_editor_and_is_read_from_its_end(view) -> None:
    view.show_messages(many(40))
    view.edit_row(38)
    view.verticalScrollBar().setValue(0)
    view.show_messages([Message(f"other-{i}", i % 2 == 0, "words " * 60) for i in range(40)])
    assert view.delegate.editing == -1
    assert view.verticalScrollBar().value() == view.verticalScrollBar().maximum() > 0


def test_a_note_is_no_message(view, qtbot) -> None:
    view.show_messages([Message("a", True, "Hi"), Message("n", False, "2 left", kind="note"), Message("b", True, "Ho")])
    view.walk(-1)
    qtbot.keyClick(view, Qt.Key.Key_Up)
    assert view.currentIndex().row() == 0
    view.pointer.point_at(1)
    assert not view.floating.isVisible()
