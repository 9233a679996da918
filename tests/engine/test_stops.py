"""Stop words: nothing of them is ever shown, wherever tokens cut them, and what only looked like one is."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from studio.engine.chat.stops import StopWatch


def _shown(pieces: list[str], stops: list[str]) -> tuple[str, bool]:
    watch = StopWatch(stops)
    shown = "".join(watch.add(piece) for piece in pieces)
    return shown + watch.rest(), watch.stopped


@settings(deadline=None)
@given(st.lists(st.text("abc", max_size=4), max_size=12), st.lists(st.text("abc", min_size=1, max_size=4), max_size=3))
def test_as_if_the_text_had_come_letter_by_letter_and_was_read_at_once(pieces: list[str], stops: list[str]) -> None:
    """Shown is everything before the stop word that is whole first; nothing is shown that must be taken back."""
    text = "".join(pieces)
    ends = {end: stop for end in range(len(text), 0, -1) for stop in stops if text[:end].endswith(stop)}
    letters, stopped = _shown(list(text), stops)
    assert stopped is bool(ends)
    assert letters == (text[: min(ends)] if ends else text)[: len(letters)]
    in_pieces, _ = _shown(pieces, stops)
    assert stopped or in_pieces == text
    assert not any(stop in in_pieces for stop in stops)
    assert text.startswith(in_pieces)


@settings(deadline=None)
@given(st.lists(st.text("ab\nU:", max_size=3), max_size=20))
def test_no_letter_of_a_stop_word_is_ever_shown(pieces: list[str]) -> None:
    watch, shown = StopWatch(["\nU:"]), ""
    for piece in pieces:
        shown += watch.add(piece)
        before, found, _ = "".join(pieces).partition("\nU:")
        assert before.startswith(shown) if found else "".join(pieces).startswith(shown)


@pytest.mark.parametrize(
    ("pieces", "shown", "stopped"),
    [
        (["Well.", "\n", "Us", "er:", " Hi"], "Well.", True),
        (["Well.", "\n", "Us", "ual", "ly"], "Well.\nUsually", False),
        (["Well.", "\n", "Us"], "Well.\nUs", False),
        (["a\nUser: b"], "a", True),
        (["\n\nUser:"], "\n", True),
    ],
)
def test_examples(pieces: list[str], shown: str, stopped: bool) -> None:
    assert _shown(pieces, ["\nUser:", ""]) == (shown, stopped)
