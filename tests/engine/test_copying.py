"""The share of copied words, against counting it word by word."""

import random
from pathlib import Path

import pytest

from studio.engine.training.copying import RUN, CopyIndex, words_of
from tests.engine.rig import talk, write_data

WORDS = words_of("the ferry leaves at dawn and comes back when bell rope fog lamp tide friend says no more than must")


def counted(text: str, lines: list[str]) -> float:
    """Without numbers or tensors."""
    words, known = words_of(text), set()
    for line in lines:
        spoken = words_of(line)
        known |= {tuple(spoken[at : at + RUN]) for at in range(len(spoken) - RUN + 1)}
    copied = {
        at + shift for at in range(len(words) - RUN + 1) if tuple(words[at : at + RUN]) in known for shift in range(RUN)
    }
    return len(copied) / len(words) if words else 0.0


def test_as_counted_word_by_word() -> None:
    chance = random.Random(7)
    shares = []
    for _ in range(60):
        lines = [" ".join(chance.choices(WORDS, k=chance.randint(0, 40))) for _ in range(chance.randint(0, 12))]
        pieces = [" ".join(chance.choices(WORDS, k=6))]
        for line in chance.sample(lines, min(2, len(lines))):
            pieces += [line.upper()[: chance.randint(10, 150)], chance.choice(WORDS)]
        text = ", ".join(pieces)
        shares.append(counted(text, lines))
        assert CopyIndex(lines).copied(text) == pytest.approx(shares[-1])
    assert sum(0 < share < 1 for share in shares) > 20, "the texts prove little"


def test_a_run_of_words_does_not_go_from_one_line_into_the_next() -> None:
    index = CopyIndex(["one two three four five six seven eight", "nine ten eleven twelve thirteen fourteen fifteen x"])
    assert index.copied("five six seven eight nine ten eleven twelve") == 0
    assert index.copied("One, two; three: four? FIVE - six \u201cseven\u201d eight!") == 1
    assert index.copied("") == index.copied("one two three") == CopyIndex().copied("one " * 20) == 0


def test_signs_of_scripts_without_spaces_are_words() -> None:
    index = CopyIndex(["渡し船は夜明けに出る、友よ。"])
    assert index.copied("渡し船は夜明けに出る") == 1
    assert index.copied("船はもう出ない、朝まで待て") == 0


def test_only_what_is_taught_counts(tmp_path: Path) -> None:
    said = [f"{word} is the first of many words that are said here" for word in ("asked", "taught", "hidden", "kept")]
    data = write_data(
        tmp_path / "data",
        [talk("a", said[0], said[1]), talk("b", "?", said[2], untrained=(1,)), talk("c", "?", said[3], heldout=True)],
    )
    reading = CopyIndex.reading(data)
    while True:
        try:
            next(reading)
        except StopIteration as end:
            index = end.value
            break
    assert [index.copied(text) == 1 for text in said] == [False, True, False, False]
