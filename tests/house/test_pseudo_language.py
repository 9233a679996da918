"""Nothing in the window was forgotten by the translators' tools: in a pseudo-language every word is in brackets."""

import json
import subprocess
import sys

import pytest

from tests.house.pseudo_window import is_forgotten
from tests.house.studio_source import ROOT


@pytest.mark.parametrize("text", ["Train", "⟦Train⟧ now", "<b>Rank</b>", "⟦a⟧ and ⟦b⟧"])
def test_a_forgotten_word_is_noticed(text: str) -> None:
    assert is_forgotten(text)


@pytest.mark.parametrize("text", ["⟦Train⟧", "⟦step ⟦3⟧ of 4⟧", "Ctrl+K", "12 GB", "<b>⟦Rank⟧</b>", "/here/lib/x", ""])
def test_names_units_paths_and_translated_words_pass(text: str) -> None:
    assert not is_forgotten(text, "/here")


def test_every_word_of_the_window_is_translated() -> None:
    done = subprocess.run(
        [sys.executable, "-m", "tests.house.pseudo_window"],
        cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=240,
    )  # fmt: skip
    assert done.returncode == 0, done.stderr[-3000:]
    told = json.loads(done.stdout.splitlines()[-1])
    assert told["seen"] > 300, "the walk saw too little to prove anything"
    assert not told["forgotten"]
