"""The report as a whole: it can be kept, stopped and watched, and is read for once; amounts and coverage are told."""

import msgspec
import pytest

from studio.checks import CHECKS, CheckReport, Context, DataMeter, check_conversations, run_checks, turn_findings
from studio.domain.checks import Severity
from studio.domain.conversation import Conversation, Turn
from studio.domain.errors import StudioError
from tests.checks.talks import Data, checked, count, numbered, persona, talk, user


def _mixed() -> Data:
    talks = [talk("Go on.", f"{number} of them were there.") for number in range(30)]
    bad = talk("Go on.", "Fine <|im_end|> ((brb))", "", "Never.")
    return numbered(*talks, *(talk("Hm?", "Mind the gap there.") for _ in range(5)), bad)


def test_a_report_survives_json() -> None:
    report = checked(_mixed())
    assert report.surplus and report.prints and report.turns_flagged
    assert msgspec.json.decode(msgspec.json.encode(report), type=CheckReport) == report


def test_gravest_first_and_with_repairs() -> None:
    findings = checked(_mixed()).findings
    order = [(Severity.BLOCK, Severity.WARN, Severity.NOTE).index(finding.severity) for finding in findings]
    assert order == sorted(order)
    assert findings[0].code == "template_tokens"
    assert all(finding.repairs == tuple(one.name for one in CHECKS.get(finding.code).repairs) for finding in findings)


def test_every_conversation_is_flagged_though_places_are_limited() -> None:
    data = numbered(*(talk("Go on.", f"{number} <|im_end|>") for number in range(80)))
    report = checked(data)
    assert len(report.flagged["template_tokens"]) == 80
    assert len(next(one for one in report.findings if one.code == "template_tokens").places) == 50


def test_data_is_read_once_and_progress_is_told() -> None:
    asked: list[int] = []
    told: list[int] = []
    data = numbered(*(talk("Go on.", f"{number} boats") for number in range(250)))

    def read() -> Data:
        asked.append(1)
        return data

    run_checks(read, Context(), progress=told.append)
    assert (len(asked), told) == (1, [0, 100, 200])


def test_a_run_can_be_cancelled_at_any_time() -> None:
    for after in (0, 1, 4):
        answers = iter([False] * after + [True] * 100)
        with pytest.raises(StudioError) as error:
            run_checks(lambda: _mixed() * 10, Context(), cancelled=answers.__next__)
        assert error.value.code == "cancelled"


def test_excerpts_of_what_shows_over_all_data() -> None:
    data = _mixed()
    plain = next(one for one in checked(data).findings if one.code == "duplicate_turns")
    assert plain.places[0].excerpt == ""
    report = run_checks(lambda: iter(data), Context(), look_up=dict(data).get)
    shown = next(one for one in report.findings if one.code == "duplicate_turns")
    assert shown.places[0].excerpt == "Mind the gap there."


def test_findings_of_one_conversation_by_turn() -> None:
    data = _mixed()
    report = checked(data)
    bad = data[-1][1]
    found = turn_findings("c35", bad, Context(persona_name="Bex"), report)
    assert found == {
        1: ("template_tokens", "out_of_character"),
        2: ("empty_turns",),
        3: ("one_word_turns",),
    }
    assert turn_findings("c30", data[30][1], Context(), report) == {1: ("duplicate_turns",)}
    edited = data[30][1].with_turn(1, persona("Mind the step."))
    assert turn_findings("c30", edited, Context(), report) == {}


def test_at_once_looks_only_for_what_is_quickly_seen() -> None:
    codes = {
        finding.code for finding in check_conversations(numbered(talk("a@b.example", "Hm"), talk("<s>", "*x* Yes so.")))
    }
    assert codes == {"few_turns", "template_tokens", "one_word_turns"}


@pytest.mark.parametrize(
    ("turns", "repeated", "verdict"),
    [(0, 0, "too_little"), (49, 0, "too_little"), (50, 0, "voice_only"), (299, 0, "voice_only"), (300, 0, "good")]
    + [(340, 60, "voice_only"), (2600, 0, "good"), (2600, 200, "trim")],
)
def test_the_meter_is_honest(turns: int, repeated: int, verdict: str) -> None:
    texts = [f"I counted {number} of them." for number in range(turns - repeated)] + ["I counted 0 of them."] * repeated
    talks = [Conversation(turns=tuple(turn for text in texts for turn in (user("Go on."), persona(text))))]
    meter = checked(numbered(*talks)).meter
    assert (meter.verdict, meter.persona_turns, meter.different) == (verdict, turns, turns - repeated)
    assert str(meter.different) in meter.sentence or not turns


def test_switched_off_turns_do_not_count() -> None:
    meter = checked(numbered(Conversation(turns=(user("Go."), persona("I row.", train=False))))).meter
    assert meter == DataMeter()


def test_coverage_tells_what_there_is_and_what_is_missing() -> None:
    talks = [
        talk("What did you have for breakfast?", f"Bread and tea, and I was happy with it for {at} days.")
        for at in range(40)
    ]
    talks += [
        talk("Are you sad?", f"I cried for {at} nights, and nobody was there to see me in my sorrow.")
        for at in range(5)
    ]
    long = Conversation(turns=tuple(turn for one in talks[:12] for turn in one.turns))
    coverage = checked(numbered(*talks, long)).coverage
    moods = {item.name: item.count for item in coverage.moods}
    assert (moods["joy"], moods["sadness"], moods["anger"]) == (52, 5, 0)
    topics = {item.name: item.count for item in coverage.topics}
    assert topics["everyday"] == 52 and topics["emotional"] == 5
    assert {item.name: item.count for item in coverage.turn_counts} == {
        "turns_2": 45,
        "turns_6": 0,
        "turns_20": 0,
        "turns_more": 1,
    }
    missing = {item.name for item in coverage.missing}
    assert {"anger", "world", "turns_6"} <= missing and not {"joy", "sadness", "everyday"} & missing
    assert all(item.label for part in (coverage.moods, coverage.topics, coverage.lengths) for item in part)


def test_a_system_prompt_alone_is_no_talk() -> None:
    report = checked(numbered(Conversation(turns=())))
    assert (report.conversations, report.persona_turns, count(report, "no_persona_turns")) == (1, 0, 1)


def test_other_scripts_have_words_too() -> None:
    report = checked(numbered(talk("おはよう", "川の向こうへ行きます。"), talk("Hm?", "好")))
    assert report.flagged["one_word_turns"] == ("c1",)


def test_alternatives_do_not_count() -> None:
    turn: Turn = persona("I row.", alternatives=("<|im_end|>",))
    assert count(checked(numbered(Conversation(turns=(user("Go."), turn)))), "template_tokens") == 0
