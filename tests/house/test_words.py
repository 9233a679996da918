"""Words: every trouble has its sentence, every sentence gets what it names, and translators find all of them."""

import ast
import string

from studio.texts import FINDINGS, SENTENCES
from tests.house.studio_source import all_strings, calls, words
from tests.house.template import messages, template


def _named(sentence: str) -> set[str]:
    return {name for _, name, _, _ in string.Formatter().parse(sentence) if name}


def _raised() -> dict[str, list[tuple[str, ast.Call]]]:
    found: dict[str, list[tuple[str, ast.Call]]] = {}
    for place, call in calls("StudioError"):
        code = words(call.args[0]) if call.args else None
        if code is not None:
            found.setdefault(code, []).append((f"{place}:{call.lineno}", call))
    return found


def test_every_error_has_a_sentence() -> None:
    assert len(_raised()) > 50, "the search itself is broken"
    assert not {code: [place for place, _ in at] for code, at in _raised().items() if code not in SENTENCES}


def test_every_sentence_gets_what_it_names() -> None:
    lacking = [
        f"{place}: '{code}' lacks {sorted(missing)}"
        for code, at in _raised().items()
        for place, call in at
        if (missing := _named(SENTENCES.get(code, "")) - {keyword.arg for keyword in call.keywords})
        and not any(keyword.arg is None for keyword in call.keywords)
    ]
    assert not lacking


def test_no_sentence_is_left_over() -> None:
    said_at = all_strings().items()
    elsewhere = {said for said, places in said_at if any(not place.startswith("studio/texts/") for place in places)}
    left_over = set(SENTENCES) - elsewhere
    assert not left_over


def test_every_finding_is_explained() -> None:
    codes = {
        said: f"{place}:{call.lineno}"
        for place, call in calls("Finding")
        for keyword in call.keywords
        if keyword.arg == "code" and (said := words(keyword.value))
    }
    assert not {code: place for code, place in codes.items() if code not in FINDINGS}


def test_words_with_braces_are_given_what_they_name() -> None:
    """``tr`` fills in only when it is given values, and then all of them."""
    wrong = []
    for name, at in (("tr", 1), ("tr_plural", 2)):
        for place, call in calls(name):
            given = {keyword.arg for keyword in call.keywords}
            if None in given or not (given or name == "tr_plural"):
                continue
            for argument in call.args[:at]:
                said = words(argument)
                missing = _named(said) - given - ({"count"} if name == "tr_plural" else set()) if said else set()
                wrong += [f"{place}:{call.lineno}: {said!r} lacks {sorted(missing)}"] if missing else []
    assert not wrong


def test_words_are_never_put_together_before_they_are_translated() -> None:
    """An f-string in ``tr`` can be in no catalogue."""
    made = [
        f"{place}:{call.lineno}"
        for place, call in [*calls("tr"), *calls("tr_plural")]
        if any(isinstance(argument, ast.JoinedStr | ast.BinOp) for argument in call.args[:2])
    ]
    assert not made


def test_the_template_holds_words_of_every_kind() -> None:
    found = {one for one, _ in messages()}
    wanted = {
        SENTENCES["disk_full"],
        FINDINGS["few_turns"][0],
        "Rank",  # an option
        "The base in 4-bit NF4: fits a consumer card.",  # a method
        "One pass, to hear in minutes whether the data has a voice.",  # a preset
        "wrong usage: an unknown command or option",  # a table
    }
    missing = wanted - found
    assert not missing
    assert template().count("msgid_plural") >= 3
