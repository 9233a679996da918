"""The mask view: where tokens stand, what is said about them, how they look, and how the keyboard goes through them."""

import time
from collections import Counter
from collections.abc import Sequence

import pytest
from PySide6.QtCore import QEvent, QPoint, Qt
from PySide6.QtGui import QAccessible, QColor, QFocusEvent, QHelpEvent, QImage
from PySide6.QtWidgets import QApplication, QToolTip

from studio.domain.mask import CONTEXT, CUT, KINDS, NO_TURN, PROMPT_TURN, SPECIAL, TRAINED, MaskToken, MaskView
from studio.gui.theme import tokens as sheet
from studio.gui.theme.switcher import apply_theme
from studio.gui.widgets import mask_canvas
from studio.gui.widgets.mask_layout import GAP, HEADING, LINE, lay_out, shown_text
from studio.gui.widgets.mask_painting import STYLES
from studio.gui.widgets.mask_view import MaskViewWidget

SPEAKERS = {PROMPT_TURN: "System prompt", NO_TURN: "Template", 0: "Wren", 1: "Oswin", 2: "Wren", 3: "Oswin"}


def token(text: str, kind: str = CONTEXT, turn: int = 0, window: int = 0, number: int = 7) -> MaskToken:
    return MaskToken(id=number, text=text, kind=kind, turn=turn, window=-1 if kind == CUT else window)


def exchange(turn: int, window: int = 0, words: int = 6) -> list[MaskToken]:
    said = [token("<|im_start|>", SPECIAL, turn, window), token("user", SPECIAL, turn, window)]
    said += [token("\n", SPECIAL, turn, window)]
    kind = TRAINED if turn % 2 else CONTEXT
    said += [token(f" word{n}", kind, turn, window, number=100 + n) for n in range(words)]
    return [
        *said,
        token("<|im_end|>", TRAINED if turn % 2 else SPECIAL, turn, window),
        token("\n", SPECIAL, turn, window),
    ]


def view_of(shown: Sequence[MaskToken], *problems: str, refused: bool = False, left_out: int = 0) -> MaskView:
    windows = len({one.window for one in shown if one.window >= 0})
    return MaskView(base_name="SmolLM2", max_length=1024, tokens=tuple(shown), windows=windows, speakers=SPEAKERS,
                    problems=problems, refused=refused, left_out=left_out)  # fmt: skip


TALK = [*exchange(0), *exchange(1), *exchange(2, 1), *exchange(3, 1), token("Hm", CUT, 4), token(".", CUT, 4)]


@pytest.fixture
def widget(qtbot, qapp):
    apply_theme(qapp, "dark")
    made = MaskViewWidget()
    qtbot.addWidget(made)
    made.resize(640, 520)
    made.show()
    QApplication.processEvents()
    return made


def width(text: str) -> float:
    return 8.0 * len(text)


def test_tokens_flow_and_never_overlap_or_leave_the_width() -> None:
    many = [token(f" w{n % 13}" * (1 + n % 4)) for n in range(300)]
    layout = lay_out(many, 400, 100, width)
    assert len(layout.line_of) == len(many)
    for line in layout.lines:
        places = [(layout.left[n], layout.left[n] + layout.wide[n]) for n in range(line.first, line.end)]
        assert places and places[0][0] == 100 and places[-1][1] <= 400
        assert all(second[0] == first[1] + GAP for first, second in zip(places, places[1:], strict=False))
    assert [line.first for line in layout.lines[1:]] == [line.end for line in layout.lines[:-1]]
    tops = [line.top for line in layout.lines]
    assert all(below - above >= LINE for above, below in zip(tops, tops[1:], strict=False))


def test_a_turn_and_a_window_begin_a_line_and_a_newline_ends_one() -> None:
    layout = lay_out(TALK, 900, 100, width)
    begins = [(TALK[line.first].turn, line.turn) for line in layout.lines if line.turn is not None]
    assert begins == [(0, 0), (1, 1), (2, 2), (3, 3), (4, 4)]
    assert [TALK[line.first].window for line in layout.lines if line.heading] == [0, 1, -1]
    for line in layout.lines[:-1]:
        assert TALK[line.end - 1].text.endswith("\n")
    assert layout.lines[0].top == HEADING


def test_one_window_has_no_heading() -> None:
    layout = lay_out(exchange(0), 900, 100, width)
    assert not any(line.heading for line in layout.lines)


def test_a_token_wider_than_the_line_is_kept_inside_it() -> None:
    layout = lay_out([token("x" * 500), token("y")], 300, 100, width)
    assert layout.wide[0] == 200
    assert [line.first for line in layout.lines] == [0, 1]


def test_every_token_is_found_where_it_stands() -> None:
    layout = lay_out(TALK, 300, 100, width)
    for index in range(len(TALK)):
        top = layout.lines[layout.line_of[index]].top
        assert layout.token_at(layout.left[index] + 1, top + 2) == index
    assert layout.token_at(5, 2) == -1
    assert layout.token_at(150, layout.height + 500) == -1


def test_what_cannot_be_seen_has_a_sign() -> None:
    assert [shown_text(one) for one in ("\n", "\n\n", "  ", "", "\t", " a")] == ["⏎", "⏎⏎", "··", "∅", "⇥", " a"]


def test_the_legend_counts_and_the_summary_says(widget) -> None:
    widget.show_mask(view_of(TALK, left_out=5))
    counts = Counter(one.kind for one in TALK)
    for kind in KINDS:
        assert widget._counts[kind].text().endswith(f" {counts[kind]}")
    assert f"{len(TALK) + 5} tokens in 2 windows of at most 1,024" in widget.summary.text()
    assert "SmolLM2" in widget.summary.text() and "last 5" in widget.summary.text()


def test_problems_are_shown_the_gravest_in_red_and_all_when_asked(widget) -> None:
    widget.show_mask(view_of(TALK, "It is refused.", "Turn 2 is hidden.", "Turn 3 is hidden.", refused=True))
    shown = [widget._list.itemAt(n).widget() for n in range(widget._list.count())]
    assert [(one.text(), one.objectName()) for one in shown] == [
        ("It is refused.", "bad"), ("Turn 2 is hidden.", "warn")
    ]  # fmt: skip
    assert widget._more.isVisible() and "1" in widget._more.text()
    widget._more.click()
    assert widget._list.count() == 3 and not widget._more.isVisible()
    widget.show_mask(view_of(TALK))
    assert not widget._troubles.isVisible()


def test_the_keyboard_goes_through_the_tokens_and_each_is_said(widget, qtbot, monkeypatch: pytest.MonkeyPatch) -> None:
    said: list[str] = []
    monkeypatch.setattr(QAccessible, "updateAccessibility", lambda event: said.append(event.message()))
    widget.show_mask(view_of(TALK))
    canvas = widget.canvas
    canvas.focusInEvent(QFocusEvent(QEvent.Type.FocusIn, Qt.FocusReason.TabFocusReason))
    assert canvas.current == 0
    for key, place in ((Qt.Key.Key_Right, 1), (Qt.Key.Key_Right, 2), (Qt.Key.Key_Left, 1), (Qt.Key.Key_Home, 0),
                       (Qt.Key.Key_End, 2), (Qt.Key.Key_Left, 1)):  # fmt: skip
        qtbot.keyClick(canvas, key)
        assert canvas.current == place
    lines = canvas.layout_of_tokens.line_of
    qtbot.keyClick(canvas, Qt.Key.Key_Down)
    assert lines[canvas.current] == 1
    qtbot.keyClick(canvas, Qt.Key.Key_Up)
    assert lines[canvas.current] == 0
    qtbot.keyClick(canvas, Qt.Key.Key_End, Qt.KeyboardModifier.ControlModifier)
    assert canvas.current == len(TALK) - 1
    qtbot.keyClick(canvas, Qt.Key.Key_Right)
    assert canvas.current == len(TALK) - 1
    assert canvas.viewport().rect().contains(canvas.box(canvas.current).toRect().center())
    assert len(said) == 11 and said[-1] == canvas.accessibleName()
    qtbot.keyClick(canvas, Qt.Key.Key_Home, Qt.KeyboardModifier.ControlModifier)
    qtbot.keyClick(canvas, Qt.Key.Key_PageDown)
    assert lines[canvas.current] > 5
    canvas.go_to(next(n for n, one in enumerate(TALK) if one.kind == TRAINED))
    assert said[-1] == "“ word0”, token 100, Learned, turn 2, Oswin, window 1"


def test_hovering_tells_piece_id_kind_turn_and_window(widget, monkeypatch: pytest.MonkeyPatch) -> None:
    told: list[str] = []
    monkeypatch.setattr(QToolTip, "showText", lambda place, text, *more: told.append(text))
    shown = [token("<b>x", TRAINED, 1, number=42), token(" you", SPECIAL, NO_TURN), token("Be", CONTEXT, PROMPT_TURN)]
    widget.show_mask(view_of(shown))
    canvas = widget.canvas
    for index in range(3):
        at = canvas.box(index).center().toPoint()
        QApplication.sendEvent(canvas.viewport(), QHelpEvent(QEvent.Type.ToolTip, at, QPoint(1, 1)))
    assert "&lt;b&gt;x" in told[0] and "42" in told[0] and "turn 2, Oswin" in told[0] and "window 1" in told[0]
    assert "turn" not in told[1]
    assert "System prompt" in told[2]
    QApplication.sendEvent(canvas.viewport(), QHelpEvent(QEvent.Type.ToolTip, QPoint(3, 3), QPoint(1, 1)))
    assert told[3] == ""


def test_a_click_gives_a_token_the_keyboard(widget, qtbot) -> None:
    widget.show_mask(view_of(TALK))
    qtbot.mouseClick(widget.canvas.viewport(), Qt.MouseButton.LeftButton, pos=widget.canvas.box(4).center().toPoint())
    assert widget.canvas.current == 4


def test_the_same_tokens_again_stay_where_they_are(widget) -> None:
    long = [one for turn in range(40) for one in exchange(turn)]
    widget.show_mask(view_of(long))
    widget.canvas.go_to(300)
    before = widget.canvas.verticalScrollBar().value()
    widget.show_waiting("The engine works it out.")
    assert widget.canvas.isVisible() and widget.said.text() == "The engine works it out."
    widget.show_mask(view_of(long))
    assert (widget.canvas.current, widget.canvas.verticalScrollBar().value()) == (300, before)
    widget.show_mask(view_of(TALK))
    assert (widget.canvas.current, widget.canvas.verticalScrollBar().value()) == (-1, 0)


def test_a_trouble_stands_alone(widget) -> None:
    widget.show_mask(view_of(TALK, "Something."))
    widget.show_trouble("No base model is there yet.")
    assert widget.said.isVisible() and widget.said.objectName() == "bad"
    assert not any(part.isVisible() for part in (widget.canvas, widget.summary, widget._troubles))
    widget.show_mask(view_of(TALK))
    assert widget.canvas.isVisible() and not widget.said.isVisible()


def test_thousands_of_tokens_are_laid_out_and_painted_quickly(widget, monkeypatch: pytest.MonkeyPatch) -> None:
    many = [one for turn in range(600) for one in exchange(turn, words=16)]
    assert len(many) > 12_000
    painted = []
    real = mask_canvas.paint_token
    monkeypatch.setattr(mask_canvas, "paint_token", lambda *all_of_it: (painted.append(1), real(*all_of_it)))
    began = time.process_time()
    widget.show_mask(view_of(many))
    widget.grab()
    assert time.process_time() - began < 1.0  # 0.08 s alone; the machine is shared
    assert 50 < len(painted) < 1500
    bar = widget.canvas.verticalScrollBar()
    bar.setValue(bar.maximum() // 2)
    painted.clear()
    widget.canvas.grab()
    assert 50 < len(painted) < 1500


@pytest.mark.parametrize("theme", [sheet.DARK, sheet.LIGHT], ids=lambda theme: theme.name)
def test_every_kind_can_be_read_and_told_apart_without_colour(theme: sheet.Theme) -> None:
    for style in STYLES.values():
        grounds = [theme.role(style.ground)] if style.ground else [theme.surface, theme.ground]
        assert all(sheet.contrast(theme.role(style.words), ground) >= 4.5 for ground in grounds)
    lines = [role for style in STYLES.values() for role in (style.outline, style.underline) if role]
    assert all(sheet.contrast(theme.role(role), theme.surface) >= 3 for role in lines)
    forms = {(bool(style.outline), bool(style.underline), style.struck) for style in STYLES.values()}
    assert len(forms) == len(STYLES) == len(KINDS)


def test_the_theme_changes_what_is_painted(widget, qapp) -> None:
    widget.show_mask(view_of([token("x" * 30, TRAINED, 1)]))
    seen = []
    for name in ("dark", "light"):
        apply_theme(qapp, name)
        QApplication.processEvents()
        image: QImage = widget.canvas.viewport().grab().toImage()
        at = widget.canvas.box(0).toRect()
        seen.append(image.pixelColor(at.right() - 12, at.top() + 2))
    assert seen == [QColor(sheet.DARK.good_ground), QColor(sheet.LIGHT.good_ground)]
