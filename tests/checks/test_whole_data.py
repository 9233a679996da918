"""What only shows over all data: copies, leaks, openings, greetings, languages, lengths; and the repairs for it."""

import random

import pytest

from studio.checks import CheckReport, Context, repair_each, run_checks
from studio.domain.conversation import Conversation, Role, Turn
from studio.domain.dataset import is_held_out
from tests.checks.talks import Data, checked, count, numbered, persona, repaired, said, talk, user

_LIST = """
rope bank river lantern ferry night bread coin storm captain letter market stone winter summer garden window table
brother kitchen harbour island morning thunder basket candle mirror village forest meadow anchor barrel
"""
_WORDS = _LIST.split()


def _line(number: int, words: int = 14) -> str:
    drawn = random.Random(number)
    return " ".join(drawn.choice(_WORDS) for _ in range(words)).capitalize() + "."


def _talks(count: int, start: int = 0, replies: int = 3) -> list[Conversation]:
    first = [start + 10 * number for number in range(count)]
    return [talk(*(_line(1000 * at + turn) for turn in range(2 * replies))) for at in first]


def _with_last(conversation: Conversation, text: str) -> Conversation:
    last = len(conversation.turns) - 1
    return conversation.with_turn(last, persona(text))


def test_different_talks_are_no_copies() -> None:
    assert count(checked(numbered(*_talks(60))), "near_duplicates") == 0


def test_near_copies_of_conversations() -> None:
    talks = _talks(20)
    longer = _with_last(talks[3], talks[3].turns[-1].text + " And so on.")
    data = numbered(*talks, longer, talks[5])
    report = checked(data)
    assert set(report.flagged["near_duplicates"]) == {"c3", "c20", "c5", "c21"}
    new = repaired("near_duplicates_keep_best", data)
    assert [key for key, _ in new] == [f"c{number}" for number in range(21) if number != 3]
    assert count(checked(new), "near_duplicates") == 0


def test_near_copies_of_turns() -> None:
    line = "I was never on the far bank that night, and you may ask the captain about it if you like."
    lines = [line, line + " Go.", line + " Ask him."]
    talks = [_with_last(one, said) for one, said in zip(_talks(3, start=900), lines, strict=True)]
    data = numbered(*_talks(8), *talks)
    assert count(checked(data), "near_duplicates") == 3
    new = repaired("near_duplicates_keep_best", data)
    assert [one.turns[-1].train for _, one in new[8:]] == [True, False, False]
    assert [turn for _, one in new for turn in one.turns[:-1]] == [turn for _, one in data for turn in one.turns[:-1]]
    assert count(checked(new), "near_duplicates") == 0


def test_equal_lines_are_not_near_but_equal() -> None:
    line = "I was never on the far bank that night, and you may ask the captain."
    data = numbered(*(talk(f"Question {number}?", line) for number in range(4)))
    report = checked(data)
    assert (count(report, "near_duplicates"), count(report, "duplicate_turns")) == (0, 4)
    new = repaired("duplicate_turns_keep_two", data)
    assert [one.turns[1].train for _, one in new] == [True, True, False, False]
    assert count(checked(new), "duplicate_turns") == 0


@pytest.mark.parametrize("words", [2, 3, 4, 6])
def test_openings_of_any_length(words: int) -> None:
    opening = ["Well", "now", "my", "dear", "old", "friend"][:words]
    varied = [talk("Go on.", _line(number, 8)) for number in range(60)]
    same = [talk("Go on.", " ".join(opening) + " " + _line(100 + number, 8)) for number in range(40)]
    data = numbered(*varied, *same)
    assert count(checked(data), "same_opening") == 40
    new = repaired("same_opening_thin_out", data)
    off = [one.turns[1].train for _, one in new].count(False)
    assert 0 < off < 40
    assert said(new) == said(data)
    assert count(checked(new), "same_opening") == 0


def test_marks_and_case_do_not_hide_an_opening() -> None:
    texts = ["*She looks at {}*", "She looks at {}.", '"She looks at {}"', "she looks AT {}"]
    varied = [talk("Go on.", _line(number, 8)) for number in range(12)]
    same = [talk("Go on.", one.format(_WORDS[number])) for number, one in enumerate(texts)]
    assert count(checked(numbered(*varied, *same)), "same_opening") == 4


def test_where_all_begin_alike_nothing_is_switched_off() -> None:
    data = numbered(*(talk("Go on.", "Well now my " + _line(number, 8)) for number in range(30)))
    assert count(checked(data), "same_opening") == 30
    assert repaired("same_opening_thin_out", data) == data


GREETING = "{{char}} looks up from the rope. You are late, {{user}}."


def _greeted(number: int, greeting: str) -> Conversation:
    turns = (persona(greeting), user(_line(number)), persona(_line(number + 500)))
    return Conversation(turns=turns)


def test_a_greeting_is_learned_once() -> None:
    filled = GREETING.replace("{{char}}", "Bex").replace("{{user}}", "Ines")
    data = numbered(_greeted(1, GREETING), _greeted(2, filled), _greeted(3, filled), *_talks(9))
    report = checked(data, greetings=(GREETING,), user_name="Ines")
    assert count(report, "greeting_repeated") == 3
    new = repaired("greeting_learn_once", data, greetings=(GREETING,), user_name="Ines")
    assert [one.turns[0].train for _, one in new[:3]] == [True, False, False]
    assert count(checked(new, greetings=(GREETING,), user_name="Ines"), "greeting_repeated") == 0
    assert count(checked(data), "greeting_repeated") == 0, "not most of them, and nobody said it is a greeting"
    assert count(checked(data[:4]), "greeting_repeated") == 0
    assert (
        count(checked(numbered(*(_greeted(number, filled) for number in range(3)), *_talks(2))), "greeting_repeated")
        == 3
    )


def _on_both_sides(count: int) -> tuple[list[Conversation], list[Conversation]]:
    learned: list[Conversation] = []
    held: list[Conversation] = []
    for one in _talks(40 * count, start=7):
        (held if is_held_out(one, 0.1) else learned).append(one)
    return learned[: 10 * count], held[:count]


def test_leaks_across_the_split() -> None:
    learned, held = _on_both_sides(3)
    copy = held[0].with_turn(0, user(held[0].turns[0].text + " Tell me."))
    number = 0
    while is_held_out(copy, 0.1):
        copy = held[0].with_turn(0, user(held[0].turns[0].text + f" Tell me {number}."))
        number += 1
    pair = learned[0].turns[2:4]
    shared = Conversation(turns=(*held[1].turns, *pair))
    assert is_held_out(shared, 0.1)
    data = numbered(*learned, copy, held[0], shared, held[2])
    report = checked(data)
    whole, part = f"c{len(learned) + 1}", f"c{len(learned) + 2}"
    assert set(report.flagged["split_leak"]) == {whole, part}
    new = repaired("split_leak_close", data)
    assert whole not in dict(new)
    assert [turn.train for turn in dict(new)[part].turns].count(False) == 1
    assert not dict(new)[part].turns[-1].train
    assert count(checked(new), "split_leak") == 0
    assert new[: len(learned)] == data[: len(learned)]


ENGLISH = (
    "I have been on this river for twenty years, and nobody has ever asked me that before, you know. It is what it is."
)
GERMAN = (
    "Ich bin seit zwanzig Jahren auf diesem Fluss, und das hat mich noch niemand gefragt. So ist es eben, mein Freund."
)
FRENCH = "Je suis sur ce fleuve depuis vingt ans, et personne ne me l'a jamais demandé. C'est comme ça, mon ami."


def test_another_language_is_found() -> None:
    data = numbered(
        *(talk(f"{number}?", f"{ENGLISH} {number}") for number in range(6)), talk("Und?", GERMAN), talk("Et?", FRENCH)
    )
    report = checked(data)
    assert report.flagged["language_drift"] == ("c6", "c7")
    assert count(report, "language_drift") == 2
    assert [one.turns[1].train for _, one in repaired("language_off", data)] == [True] * 6 + [False] * 2
    assert [key for key, _ in repaired("language_remove", data)] == [f"c{number}" for number in range(6)]
    assert count(checked(repaired("language_off", data)), "language_drift") == 0


def test_german_data_is_no_drift_and_has_no_english_moods() -> None:
    report = checked(numbered(*(talk(f"{number}?", f"{GERMAN} {number}") for number in range(6))))
    assert count(report, "language_drift") == 0
    assert not report.coverage.readable and not report.coverage.moods


def test_long_conversations_are_split() -> None:
    system = Turn(role=Role.SYSTEM, text="You are Bex.")
    long = Conversation(turns=(system, *(turn for one in _talks(4) for turn in one.turns)), title="The crossing")
    data = numbered(talk("Hm?", "The far one."), long)
    assert count(checked(data), "rows_too_long") == 0
    counted = {"long_rows": {"c1": 5000}, "window": 2048}
    assert checked(data, **counted).flagged["rows_too_long"] == ("c1",)
    new = repaired("rows_split", data, **counted)
    parts = [one for _, one in new[1:]]
    assert [part.title for part in parts] == ["The crossing (1/3)", "The crossing (2/3)", "The crossing (3/3)"]
    assert [turn for part in parts for turn in part.turns if turn.role is not Role.SYSTEM] == list(long.turns[1:])
    assert all(part.turns[0] == system and part.turns[1].role is Role.USER for part in parts)
    assert all(part.turns[-1].role is Role.PERSONA for part in parts)


def test_one_huge_turn_cannot_be_split() -> None:
    data = numbered(talk("Hm?", "Row on. " * 900))
    assert repaired("rows_split", data, long_rows={"c0": 9000}, window=2048) == data


def test_a_repair_passes_over_what_is_no_longer_what_was_checked() -> None:
    data = numbered(*(talk(f"{number}?", "Mind the gap there.") for number in range(4)))
    context = Context(persona_name="Bex")
    report = run_checks(lambda: iter(data), context)
    edited: Data = [*data[:3], ("c3", talk("3?", "Mind the step there."))]
    assert [key for key, _, _ in repair_each("duplicate_turns_keep_two", data, report, context)] == ["c2", "c3"]
    assert [key for key, _, _ in repair_each("duplicate_turns_keep_two", edited, report, context)] == ["c2"]
    assert list(repair_each("duplicate_turns_keep_two", data, None, context)) == []
    assert list(repair_each("duplicate_turns_keep_two", data, CheckReport(), context)) == []
