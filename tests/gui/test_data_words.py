"""The Data tab without Qt: filters in words, differences, the scale, choosing turns, entries, previews."""

from dataclasses import replace

import pytest

from studio.checks import CheckReport, Coverage, CoverageItem, DataMeter, StyleMix
from studio.domain.checks import Finding, Place, Severity
from studio.domain.conversation import DOUBTFUL, GENERATED, Conversation, Role, Turn
from studio.domain.data_changes import ChangePreview
from studio.domain.data_filter import Facets, Filter
from studio.gui.pages.persona.data.change_words import count_words, place_of
from studio.gui.pages.persona.data.figures import charts, gauge_of
from studio.gui.pages.persona.data.filter_words import chips, choices
from studio.gui.pages.persona.data.findings import PlaceWalk, remark
from studio.gui.pages.persona.data.keys import shortcut_groups
from studio.gui.pages.persona.data.presenter import DataPresenter
from studio.gui.pages.persona.data.turn_acts import by_key, possible, turn_acts
from studio.gui.pages.persona.data.turn_selection import TurnSelection
from studio.gui.pages.persona.data.version_words import diff_lines, diff_words, turn_changes
from studio.gui.widgets.scale_meter import position
from studio.gui.widgets.word_diff import ADDED, REMOVED, SAME, condensed, diff, to_html
from studio.services.change_feed import ChangeFeed
from tests.gui.conftest import talk
from tests.gui.stand_in_data import Data

# -- differences --------------------------------------------------------------------------------------------------


def sides(before: str, after: str) -> tuple[str, str]:
    """What the pieces say each side was."""
    pieces = diff(before, after)
    old = "".join(one.text for one in pieces if one.kind != ADDED)
    new = "".join(one.text for one in pieces if one.kind != REMOVED)
    return old, new


@pytest.mark.parametrize(
    ("before", "after"),
    [
        ("the pot is on the fire", "the kettle is on the fire"),
        ("", "new words"),
        ("old words", ""),
        ("a  b\n\nc", "a b\nc"),
        ("*He stirs.* “Sit.”", "He stirs. “Sit, child.”"),
        ("word " * 6000, "word " * 5999 + "end"),
    ],
)
def test_a_difference_loses_nothing_of_either_side(before: str, after: str) -> None:
    assert sides(before, after) == (before, after)


def test_words_that_changed_together_are_one_change() -> None:
    pieces = diff("he said good morning to you", "he said farewell then to you")
    assert [one.kind for one in pieces] == [SAME, REMOVED, ADDED, SAME]
    assert [one.text for one in pieces[1:3]] == ["good morning", "farewell then"]


def test_long_stretches_that_stayed_are_shortened_and_changes_never() -> None:
    before = "start " * 60 + "old" + " end" * 60
    shown = condensed(diff(before, before.replace("old", "new")))
    words = "".join(one.text for one in shown)
    assert "old" in words and "new" in words and len(words) < 220
    assert words.startswith(" … ") and words.endswith(" … ")


def test_html_of_a_difference_is_never_read_as_html_and_not_told_by_colour_alone() -> None:
    said = to_html(diff("<b>a</b>", "<i>a</i>"), removed="#111111", removed_ground="#222222", added="#333333",
                   added_ground="#444444")  # fmt: skip
    assert "<b>" not in said and "&lt;" in said
    assert "line-through" in said and "underline" in said


# -- the filter ---------------------------------------------------------------------------------------------------


def test_each_condition_is_a_chip_that_can_be_taken_away() -> None:
    where = Filter(
        text="soup", speaker="Wren", side="heldout", mark=DOUBTFUL, most_turns=4, least_words=10, order="newest"
    )
    shown = chips(where)
    assert [one.words for one in shown] == [
        "speaker: Wren", "held out", "speaker guessed", "up to 4 turns", "10 words and more"
    ]  # fmt: skip
    assert shown[0].without == replace(where, speaker="")
    assert shown[3].without == replace(where, most_turns=0)
    assert chips(Filter(text="soup")) == []


def test_the_menu_offers_what_there_is_with_counts_and_marks_what_holds() -> None:
    names = tuple((f"Name {n}", 100 - n) for n in range(40))
    facets = Facets(speakers=names, tags=(("slow", 3),), findings=(("empty_turns", 2),), marks=((GENERATED, 5),))
    found = {one.name: one for one in choices(Filter(tag="slow"), facets)}
    assert set(found) == {"finding", "speaker", "tag", "mark", "side", "length"}
    assert [one.words for one in found["tag"].choices] == ["slow  (3)"] and found["tag"].choices[0].chosen
    assert found["finding"].choices[0].where == Filter(tag="slow", finding="empty_turns")
    assert len(found["speaker"].choices) == 24 and found["speaker"].more[0] == "Name 24"
    assert found["mark"].choices[0].words.startswith("generated")


# -- amounts, findings, coverage ------------------------------------------------------------------------------------


def test_the_scale_puts_its_marks_in_order_and_keeps_inside() -> None:
    marks = (50, 300, 2000)
    places = [position(value, marks) for value in (0, 1, 50, 300, 2000, 10**9)]
    assert places == sorted(places) and places[0] == 0 and places[-1] == 1
    assert 0 < places[2] < places[3] < places[4] < 1


@pytest.mark.parametrize(("verdict", "role"), [("too_little", "bad"), ("voice_only", "warn"), ("good", "good")])
def test_the_verdict_is_said_in_words_and_as_a_sentence(verdict: str, role: str) -> None:
    report = CheckReport(
        meter=DataMeter(verdict=verdict, persona_turns=120, repeated=20, words=900),
        style=StyleMix(turns=100, asterisks=70, quotes=0, both=10, plain=20, first_person=10, third_person=30),
    )
    gauge = gauge_of(report)
    assert gauge.role == role and gauge.verdict and "100" in gauge.sentence
    assert gauge.amount == 100 and gauge.marks == (50, 300, 2000)
    assert [one.turns for one in gauge.manners] == [70, 20, 10]
    assert gauge.telling == "third person 75%"


def test_the_map_says_in_words_what_is_missing() -> None:
    coverage = Coverage(moods=(CoverageItem(name="joy", count=1, expected=5), CoverageItem(name="anger", count=9)))
    chart = charts(CheckReport(coverage=coverage))[0]
    assert chart.missing == "Too little of: Joy (1 of 5)"
    assert len(charts(CheckReport(coverage=coverage))) == 1
    full = Coverage(moods=(CoverageItem(name="joy", count=5, expected=5),))
    assert charts(CheckReport(coverage=full))[0].missing == "Nothing is missing."


def finding(places: int = 3) -> Finding:
    return Finding(
        code="empty_turns", severity=Severity.WARN, count=1200, repairs=("no_such_repair",),
        places=tuple(Place(conversation=f"c{n}", turn=n) for n in range(places)),
    )  # fmt: skip


def test_a_remark_says_what_how_many_how_grave_and_why() -> None:
    shown = remark(finding(), {})
    assert shown.title == "Empty turns · 1,200" and shown.severity == "Worth a look" and shown.why
    assert shown.mendings == ()
    assert remark(replace(finding(), code="from_a_later_program"), {}).title.startswith("from_a_later_program")


def test_the_walk_goes_round_in_both_directions_and_from_where_one_clicks() -> None:
    walk, shown = PlaceWalk(), remark(finding(), {})

    def turns(*steps: int) -> list[int]:
        return [found[0].turn for by in steps if (found := walk.step(shown, by))]

    assert turns(1, 1, 1, 1, -1, -1) == [0, 1, 2, 0, 2, 1]
    walk.stand_before(shown, 2)
    assert turns(1) == [2]
    walk.forget()
    assert turns(-1) == [2]
    assert walk.step(remark(finding(0), {})) is None


# -- turns --------------------------------------------------------------------------------------------------------


def test_turns_are_chosen_as_rows_of_a_list_are() -> None:
    chosen = TurnSelection()
    assert chosen.chosen == ()
    chosen.choose(2)
    chosen.extend(4)
    assert chosen.chosen == (2, 3, 4) and chosen.stretch == (2, 4) and chosen.current == 4
    chosen.extend(1)
    assert chosen.chosen == (1, 2)
    chosen.toggle(6)
    assert chosen.chosen == (1, 2, 6) and chosen.stretch is None
    chosen.toggle(1)
    assert chosen.chosen == (2, 6)
    chosen.fit(4)
    assert chosen.chosen == (2,) and chosen.current == 1
    chosen.choose(9)
    chosen.fit(4)
    assert chosen.chosen == (3,) and chosen.current == 3


def test_only_what_makes_sense_is_offered_for_a_turn() -> None:
    persona = Turn(role=Role.PERSONA, text="a", alternatives=("b",), marks=(DOUBTFUL,))
    first = possible(persona, 0, 3)
    assert {"train", "later", "drop_alternative", "confirm", "merge_next"} <= first
    assert not {"merge_previous", "up", "divide"} & first
    last = possible(Turn(role=Role.USER, text="a"), 2, 3)
    assert {"merge_previous", "up", "divide"} <= last
    assert not {"train", "later", "confirm", "merge_next", "down"} & last


def test_no_key_means_two_things() -> None:
    keys = [key for act in turn_acts() for key in act.keys]
    assert len(keys) == len(set(keys)) == len(by_key())
    groups = shortcut_groups()
    assert len(groups) == 3 and all(lines for _, lines in groups)
    tab = {key for _, key in groups[0][1]}
    assert not tab & {key for _, lines in groups[1:] for _, key in lines}, (
        "a key of the tab would hide one of its parts"
    )


# -- entries, previews, versions ------------------------------------------------------------------------------------


def studio_of(*talks: Conversation) -> tuple[DataPresenter, Data]:
    from types import SimpleNamespace

    data = Data("p", list(talks), ChangeFeed())
    presenter = DataPresenter(SimpleNamespace(data=data))  # type: ignore[arg-type]
    presenter.show("p")
    return presenter, data


def test_an_entry_has_a_badge_for_everything_worth_knowing() -> None:
    one = talk(1).with_turn(
        1, Turn(role=Role.PERSONA, text="Ja.", alternatives=("No.",), marks=(GENERATED,), train=False)
    )
    one = one.with_turn(3, Turn(role=Role.PERSONA, text="So.", train=False))
    presenter, data = studio_of(replace(one, tags=("slow",)))
    presenter.take_report(CheckReport(flagged={"one_word_turns": ("c0",), "empty_turns": ("c9",)}), fresh=True)
    entry = presenter.entries(0, 10)[0]
    assert entry.badges == ("generated", "1 alternative", "not trained", "slow")
    assert entry.findings == ("Turns of a single word",)
    assert "Turns of a single word" in entry.hint and "generated" in entry.spoken


def test_what_undo_and_redo_would_do_is_read_from_the_journal() -> None:
    presenter, data = studio_of(talk(1), talk(2), talk(3))
    data.delete_conversations(["c0"])
    data.retag(["c1"], add=("slow",))
    assert (presenter.undoable().undo, presenter.undoable().redo) == ("tagged", "")
    data.undo_last("p")
    assert (presenter.undoable().undo, presenter.undoable().redo) == ("1 deleted", "tagged")
    data.undo_last("p")
    assert (presenter.undoable().undo, presenter.undoable().redo) == ("", "1 deleted")


def test_a_preview_says_how_much_is_shown_of_it() -> None:
    assert count_words(ChangePreview()) == "Nothing would change."
    assert count_words(ChangePreview(conversations=1, places=1)) == "1 place in 1 conversation; the first 0 are shown"
    assert place_of("conv-1/12") == ("conv-1", 12)


def test_versions_differ_in_words() -> None:
    _, data = studio_of(talk(1), talk(2), talk(3))
    data.snapshot_job("p", 0.1)
    data.edit_turn("c0", 1, text="Something else entirely.")
    data.delete_conversations(["c2"])
    found = data.compare("v1")
    assert diff_words(found) == "0 added · 1 removed · 1 changed"
    lines = diff_lines(found)
    assert [line.kind for line in lines] == ["changed", "removed"]
    change = turn_changes(lines[0].entry)[0]
    assert "Answer 1.0" in change.before and "Something else" in change.after
    assert diff_words(data.compare("v1", "v1")) == "Both are the same."
