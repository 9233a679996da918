"""Each finding where it belongs and nowhere else, at the speed that a window needs."""

import time

import pytest

from studio.checks import check_conversations
from studio.domain.checks import Finding, Severity
from studio.domain.conversation import Conversation, Role, Turn
from studio.domain.macros import find_macros, resolve, unknown_macros
from studio.texts import FINDINGS


def _talk(*texts: str, train: bool = True) -> Conversation:
    roles = (Role.USER, Role.PERSONA)
    turns = [Turn(role=roles[index % 2], text=text, train=train) for index, text in enumerate(texts)]
    return Conversation(turns=tuple(turns))


def _found(*talks: Conversation) -> dict[str, Finding]:
    findings = check_conversations([(str(index), talk) for index, talk in enumerate(talks)], "Bex")
    assert {finding.code for finding in findings} <= set(FINDINGS)
    return {finding.code: finding for finding in findings if finding.code != "few_turns"}


@pytest.mark.parametrize(
    ("reply", "code", "severity"),
    [
        ("Well, {{random:a,b}} then.", "unresolved_macros", Severity.WARN),
        ("Fine.<|im_end|> And more.", "template_tokens", Severity.BLOCK),
        ("So [INST] it is.", "template_tokens", Severity.BLOCK),
        ("Good night <end_of_turn> to you.", "template_tokens", Severity.BLOCK),
        ("All done </s> now here.", "template_tokens", Severity.BLOCK),
        ("<think>hm</think> Yes indeed.", "think_block", Severity.BLOCK),
        ("  \n", "empty_turns", Severity.WARN),
        ("Never.", "one_word_turns", Severity.NOTE),
        ("I nod.\nUser: And then?", "wrong_speaker_bleed", Severity.WARN),
        ("I nod.\n{{user}}: And then?", "wrong_speaker_bleed", Severity.WARN),
        ("I nod. ((gotta go, brb))", "out_of_character", Severity.WARN),
        ("OOC: shall we stop?", "out_of_character", Severity.WARN),
        ("As an AI language model, I row.", "assistant_boilerplate", Severity.WARN),
        ("I cannot assist with that.", "refusals", Severity.WARN),
    ],
)
def test_one_bad_reply_is_one_finding(reply: str, code: str, severity: Severity) -> None:
    found = _found(_talk("Which bank?", "The far one."), _talk("Which bank?", reply))
    assert set(found) == {code}
    assert (found[code].severity, found[code].count) == (severity, 1)
    assert (found[code].places[0].conversation, found[code].places[0].turn) == ("1", 1)


@pytest.mark.parametrize(
    "reply",
    [
        "{{char}} waves at {{User}}.",
        "I cannot swim, Ines.",
        "a <b> tag, [a note]",
        "The user: a fool.",
        "A book, a lamp: two.",
    ],
)
def test_harmless_replies_are_left_alone(reply: str) -> None:
    assert _found(_talk("Which bank?", reply)) == {}


def test_name_of_the_other_side_inside_a_reply() -> None:
    turns = (
        Turn(role=Role.USER, text="Which bank?", speaker="Ines"),
        Turn(role=Role.PERSONA, text="The far one.\nInes: And back?", speaker="Bex"),
    )
    assert set(_found(Conversation(turns=turns))) == {"wrong_speaker_bleed"}


def test_turns_that_are_not_learned_are_not_blamed_for_style() -> None:
    assert _found(_talk("Which bank?", "As an AI, I cannot assist with ((that)).", train=False)) == {}


def test_silence_blocks_only_when_it_is_everywhere() -> None:
    silent = Conversation(turns=(Turn(role=Role.USER, text="Hello there?"),))
    assert _found(silent)["no_persona_turns"].severity is Severity.BLOCK
    found = _found(silent, _talk("Which bank?", "The far one."))
    assert (found["no_persona_turns"].severity, found["no_persona_turns"].count) == (Severity.WARN, 1)
    assert _found()["no_persona_turns"].severity is Severity.BLOCK


def test_duplicates_count_from_the_third() -> None:
    talks = [_talk(f"Question {number}?", "Mind the  gap.") for number in range(2)]
    assert _found(*talks) == {}
    assert _found(*talks, _talk("Really?", "mind the gap."))["duplicate_turns"].count == 3


def test_same_opening_over_a_fifth() -> None:
    varied = [_talk("Go on.", f"{number} boats were out there.") for number in range(16)]
    same = [_talk("Go on.", f"Well, my dear, {number} of them.") for number in range(4)]
    assert _found(*varied, *same) == {}
    assert _found(*varied[:-1], *same)["same_opening"].count == 4


@pytest.mark.parametrize(("turns", "severity"), [(49, Severity.WARN), (50, Severity.NOTE), (300, None)])
def test_amount_of_data(turns: int, severity: Severity | None) -> None:
    talks = [(str(number), _talk("Go on.", f"{number} boats were out.")) for number in range(turns)]
    found = {finding.code: finding for finding in check_conversations(talks)}
    assert (found["few_turns"].severity if "few_turns" in found else None) == severity


def test_gravest_first_and_places_are_limited() -> None:
    talks = [_talk("Go on.", f"Line {number}<|im_end|> ((x))") for number in range(80)]
    findings = list(_found(*talks).values())
    assert [finding.severity for finding in findings][:2] == [Severity.BLOCK, Severity.WARN]
    assert (findings[0].count, len(findings[0].places)) == (80, 50)


def test_a_hundred_thousand_conversations_take_seconds() -> None:
    text = "I look at the water for a long while, and the water looks back. *She shrugs.* {} then, and no further."
    talks = [(str(number), _talk("And then?", text.format(number))) for number in range(100_000)]
    started = time.monotonic()
    check_conversations(talks, "Bex")
    assert time.monotonic() - started < 30


def test_macros() -> None:
    text = "{{char}} asks {{ USER }}, <bot> tells <User>; {{random:a}} {{"
    assert resolve(text, char="Bex", user="In\\1es") == "Bex asks In\\1es, Bex tells In\\1es; {{random:a}} {{"
    assert find_macros(text) == ["{{char}}", "{{ USER }}", "<bot>", "<User>", "{{random:a}}"]
    assert unknown_macros(text) == ["{{random:a}}"]
