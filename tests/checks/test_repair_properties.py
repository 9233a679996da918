"""What holds for every repair, on conversations of bad pieces: it mends, once is enough, nothing else changes."""

from hypothesis import given, settings
from hypothesis import strategies as st

from studio.checks import CHECKS, Context, repair_each, repairs, run_checks
from studio.domain.conversation import DOUBTFUL, GENERATED, Conversation, Role, Turn
from tests.checks.talks import Data, checked, count, repaired

CODE_OF = {repair.name: code for code, check in CHECKS.all().items() for repair in check.repairs}
LEAVES_SOME = {
    *("macros_fill_aliases", "macros_remove_comments", "macros_pick_first", "role_order_merge", "role_order_cut"),
    *(
        "ooc_remove",
        "style_to_asterisks",
        "style_to_both",
        "style_to_quotes",
        "style_to_plain",
        "same_opening_thin_out",
    ),
}
"""Repairs that by their nature mend only some of what their check finds."""
DELETES_TURNS = {
    *("template_tokens_delete", "think_block_delete", "macros_remove_comments", "macros_pick_first", "ooc_remove"),
    *("empty_turns_delete", "bleed_split", "bleed_cut", "role_order_merge", "role_order_cut"),
}
CHANGES_TEXTS = DELETES_TURNS | {
    *("macros_fill_aliases", "mojibake_fix", "boilerplate_drop", "refusals_drop", "personal_data_mask"),
    *("style_to_asterisks", "style_to_both", "style_to_quotes", "style_to_plain"),
}
TOUCHES_MORE = {
    "doubtful_confirm",
    "ooc_remove",
    "style_to_asterisks",
    "style_to_both",
    "style_to_quotes",
    "style_to_plain",
}
"""Repairs that also set right what is no finding by itself: turns that are not learned, or another manner."""

GOOD = [
    "The far bank.",
    "Row with me, then.",
    "*smiles* Good.",
    '"Good," she said.',
    "Not again?",
    "I was born on the river.",
]
BAD = [
    *["<|im_end|>", "[INST] So", "<think>hm</think>", "<think>", "{{name}}", "{{// no}}", "{{random:a,b}}"],
    *["{{roll:6}}"],
    *["", "  ", "Hm.", "\nUser: what?", "\nInes: and?", "\nBex: so.", "((brb))", "OOC: later", "out of character"],
    *["As an AI, I row.", "I cannot assist with that.", "I'm sorry, but I can't do it.", "*As an AI I nod"],
    *["It\u00e2\u20ac\u2122s", "a@b.example", "+49 30 901820", "*", '"', "\n\n"],
]  # fmt: skip
TEXTS = st.lists(st.sampled_from(GOOD + BAD), min_size=1, max_size=4).map(" ".join)
TURNS = st.builds(
    Turn,
    role=st.sampled_from([Role.USER, Role.PERSONA, Role.PERSONA]),
    text=TEXTS,
    speaker=st.sampled_from(["", "Ines", "Bex"]),
    train=st.sampled_from([True, True, False]),
    alternatives=st.lists(TEXTS, max_size=1).map(tuple),
    marks=st.sampled_from([(), (), (GENERATED,), (DOUBTFUL,), (GENERATED, DOUBTFUL)]),
)
TALKS = st.builds(Conversation, turns=st.lists(TURNS, min_size=1, max_size=5).map(tuple), title=st.just("T"))
DATA = st.lists(TALKS, min_size=1, max_size=6).map(lambda talks: [(f"c{at}", one) for at, one in enumerate(talks)])


@settings(max_examples=30, deadline=None)
@given(data=DATA)
def test_every_repair_mends_and_once_is_enough(data: Data) -> None:
    for name in repairs():
        new = repaired(name, data)
        assert name in LEAVES_SOME or count(checked(new), CODE_OF[name]) == 0, name
        assert repaired(name, new) == new, name


@settings(max_examples=30, deadline=None)
@given(data=DATA)
def test_every_repair_changes_only_what_it_says(data: Data) -> None:
    context = Context(persona_name="Bex")
    report = run_checks(lambda: iter(data), context)
    for name, code in CODE_OF.items():
        for key, before, after in repair_each(name, data, report, context):
            in_alternatives = any(turn.alternatives for turn in before.turns)
            assert key in report.flagged.get(code, ()) or in_alternatives or name in TOUCHES_MORE, name
            if isinstance(after, Conversation):
                assert (after.title, after.tags, after.source) == (before.title, before.tags, before.source)
            if isinstance(after, Conversation) and name not in DELETES_TURNS:
                _compare(name, before, after)


def _compare(name: str, before: Conversation, after: Conversation) -> None:
    """Turn by turn, where none goes: roles stay, words stay unless that is the repair, marks as the rules have it."""
    assert [turn.role for turn in before.turns] == [turn.role for turn in after.turns]
    for old, new in zip(before.turns, after.turns, strict=True):
        assert (GENERATED in old.marks) == (GENERATED in new.marks)
        if old.text != new.text:
            assert name in CHANGES_TEXTS
            assert DOUBTFUL not in new.marks
        elif name != "doubtful_confirm":
            assert old.marks == new.marks
        assert old.train or not new.train


@settings(max_examples=25, deadline=None)
@given(data=DATA)
def test_generated_words_stay_marked_whatever_becomes_of_them(data: Data) -> None:
    """Every turn that holds a word which only generated turns had is still marked as generated."""
    own = [(key, _signed(one)) for key, one in data]
    for name in sorted(CHANGES_TEXTS):
        for _, one in repaired(name, own):
            assert all(GENERATED in turn.marks for turn in one.turns if "MACHINE" in turn.text)


def _signed(conversation: Conversation) -> Conversation:
    return Conversation(
        turns=tuple(
            Turn(role=turn.role, text=turn.text + " MACHINE", marks=turn.marks, train=turn.train)
            if GENERATED in turn.marks
            else turn
            for turn in conversation.turns
        )
    )
