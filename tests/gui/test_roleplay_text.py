"""Roleplay text: nothing is swallowed, nothing acts as a tag."""

import html
import re

from hypothesis import given, settings
from hypothesis import strategies as st

from studio.gui.widgets.roleplay_text import plain, styled


def shown(text: str, **more: bool) -> str:
    return styled(text, muted="#888888", code_ground="#222222", **more)


def words_of(made: str) -> str:
    """The text that the HTML shows."""
    return html.unescape(re.sub(r"<br>|</p>", "\n", re.sub(r"<(?!br>|/p>)[^>]*>", "", made))).replace("\xa0", " ")


def test_action_is_italic_and_muted() -> None:
    assert '<span style="font-style:italic; color:#888888;">waves</span> hello' in shown("*waves* hello")


def test_tags_are_text() -> None:
    made = shown("a <START> b <img src=x onerror=alert(1)> c")
    assert "&lt;START&gt;" in made and "<img" not in made


def test_single_newlines_stay() -> None:
    assert "one<br>two" in shown("one\ntwo")


def test_numbers_and_stars_at_the_start_of_lines_are_kept() -> None:
    assert "1. He" in words_of(shown("1. He left.\n2. She did too."))
    assert "•" in shown("* a thing")


def test_action_over_a_blank_line_is_italic_in_both_paragraphs() -> None:
    made = shown("*walks\n\non*")
    assert made.count("font-style:italic") == 2
    assert made.count("<p ") == 2


def test_products_are_no_actions() -> None:
    assert "italic" not in shown("5*3 and 4*2, or a * b")


def test_an_open_action_is_shown_while_it_streams() -> None:
    assert "italic" in shown("*she looks", unfinished=True)
    assert "italic" not in shown("*she looks")


def test_bold_code_and_fences() -> None:
    assert "<b>loud</b>" in shown("**loud**")
    assert "&lt;b&gt;" in shown("`<b>`") and "<b>" not in shown("`<b>`")
    assert "*not italic*" in words_of(shown("```\n*not italic*\n```"))


def test_plain_is_for_the_ear() -> None:
    assert plain("*waves* **hi**") == "waves hi"


@settings(max_examples=120, deadline=None)
@given(st.text(alphabet="ab <>&\"'*_`~#\n-1.", max_size=60))
def test_no_letter_is_lost(text: str) -> None:
    kept = re.sub(r"[^ab1<>&]", "", words_of(shown(text)))
    assert kept == re.sub(r"[^ab1<>&]", "", text)
