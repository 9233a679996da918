"""What each check finds, what it leaves alone, and what its repairs make of it: one example each way."""

import pytest

from studio.checks import CHECKS, repairs
from studio.domain.conversation import DOUBTFUL, GENERATED, Conversation, Role, Turn
from studio.texts import FINDINGS
from tests.checks.talks import checked, count, numbered, persona, repaired, said, talk, user

Q = "Which bank?"

MENDED = [
    # repair, finding, the persona's words before, after ("" where the turn goes)
    ("template_tokens_delete", "template_tokens", "Fine.<|im_end|>\n<|im_start|>assistant\nMore.", "Fine.\nMore."),
    ("template_tokens_delete", "template_tokens", "So[INST]it is.", "So it is."),
    ("template_tokens_delete", "template_tokens", "<|start_header_id|>assistant<|end_header_id|>\n\nYes.", "Yes."),
    ("template_tokens_delete", "template_tokens", "<|im_<|im_end|>end|>", "<|im_ end|>"),
    ("template_tokens_delete", "template_tokens", "<start_of_turn>model\nRow.<end_of_turn>", "Row."),
    ("think_block_delete", "think_block", "<think>She wants out.</think>\nGo then.", "Go then."),
    ("think_block_delete", "think_block", "She wants out.</think> Go then.", "Go then."),
    ("think_block_delete", "think_block", "Go then. <think>Does she", "Go then."),
    ("think_block_delete", "think_block", "A <think>b <think>c</think> d</think> e", "A  e"),
    ("think_block_delete", "think_block", "<thinking>Nothing else</thinking>", ""),
    ("macros_fill_aliases", "unresolved_macros", "{{name}} greets {{ Player }}.", "{{char}} greets {{user}}."),
    ("macros_remove_comments", "unresolved_macros", "I row {{// slowly}} on.{{trim}}", "I row on."),
    ("macros_pick_first", "unresolved_macros", "A {{random: red , blue}} {{pick::hat::cap}}.", "A red hat."),
    ("ooc_remove", "out_of_character", "I nod. ((brb)) And row.", "I nod. And row."),
    ("ooc_remove", "out_of_character", "I nod. (OOC: brb) And row.\nOOC: back\n[OOC: hm]", "I nod. And row."),
    ("ooc_remove", "out_of_character", "I nod. ((brb\nAnd row.", "I nod.\nAnd row."),
    ("ooc_remove", "out_of_character", "((gone))", ""),
    ("boilerplate_drop", "assistant_boilerplate", "As an AI, I row. The far bank.", "The far bank."),
    ("refusals_drop", "refusals", "Hm. I cannot assist with that. Row on.", "Hm. Row on."),
    ("bleed_cut", "wrong_speaker_bleed", "I nod.\nUser: And then?", "I nod."),
    ("mojibake_fix", "mojibake", "Itâ€™s a cafÃ©.", "It’s a café."),
    ("mojibake_fix", "mojibake", "РџСЂРёРІРµС‚", "Привет"),
    ("personal_data_mask", "personal_data", "It is bex@ferry.example or +49 30 901820.", "It is [email] or [phone]."),
]  # fmt: skip


@pytest.mark.parametrize(("repair", "code", "before", "after"), MENDED)
def test_repairs_of_texts(repair: str, code: str, before: str, after: str) -> None:
    data = numbered(talk(Q, "The far one.", "Sure?", before))
    assert count(checked(data), code) == 1
    new = repaired(repair, data)
    assert said(new) == [[Q, "The far one.", "Sure?", *([after] if after else [])]]
    assert count(checked(new), code) == 0


@pytest.mark.parametrize(
    ("code", "text"),
    [
        ("template_tokens", "a <b> tag, [a note], 3 < 4 | 5 > 2"),
        ("think_block", "I think so."),
        ("unresolved_macros", "{{char}} and <USER>"),
        ("out_of_character", "A fine character (she rows)."),
        ("assistant_boilerplate", "The captain said no."),
        ("refusals", "I can't help you across, the river is high."),
        ("wrong_speaker_bleed", "One rule: pay first."),
        ("mojibake", "“Naïve café” – Ærø, Škoda, Łódź…"),
        ("personal_data", "In 1987, at 10.30, rope 12345, 3.5.2024, room 101."),
        ("one_word_turns", "So, no."),
    ],
)
def test_harmless_words_are_no_finding(code: str, text: str) -> None:
    assert count(checked(numbered(talk(Q, text))), code) == 0


OFF = [
    ("ooc_off", "I nod ((brb)) so."),
    ("boilerplate_off", "As an AI, I row."),
    ("boilerplate_drop", "As an AI, I row."),
    ("boilerplate_drop", "*As an AI, I nod. I row.*"),
    ("refusals_off", "I cannot assist with that."),
    ("one_word_turns_off", "Never."),
]


@pytest.mark.parametrize(("repair", "text"), OFF)
def test_repairs_that_switch_off(repair: str, text: str) -> None:
    ((_, new),) = repaired(repair, numbered(talk(Q, text, "And?", "The far one.")))
    assert [(turn.text, turn.train) for turn in new.persona_turns] == [(text, False), ("The far one.", True)]


def test_empty_turns_go_and_their_neighbours_join() -> None:
    data = numbered(talk(Q, "  \n", "Hello?", "The far one."), talk(Q, ""), talk("", "\n"))
    assert count(checked(data), "empty_turns") == 4
    assert said(repaired("empty_turns_delete", data)) == [["Which bank?\nHello?", "The far one."], [Q]]


def test_two_people_are_not_joined() -> None:
    turns = (user("One?", speaker="Ines"), persona(""), user("Two?", speaker="Tom"), persona("Three."))
    (one,) = said(repaired("empty_turns_delete", numbered(Conversation(turns=turns))))
    assert one == ["One?", "Two?", "Three."]


def test_bleeding_turns_are_split() -> None:
    turns = (
        user(Q, speaker="Ines"),
        persona("The far.\nInes: And back?\nBex: No.\nInes: Oh."),
        user("Sure?", speaker="Ines"),
    )
    ((_, new),) = repaired("bleed_split", numbered(Conversation(turns=turns)))
    assert [(turn.role, turn.text) for turn in new.turns] == [
        (Role.USER, Q),
        (Role.PERSONA, "The far."),
        (Role.USER, "And back?"),
        (Role.PERSONA, "No."),
        (Role.USER, "Oh.\nSure?"),
    ]
    assert {turn.speaker for turn in new.turns if turn.role is Role.USER} == {"Ines"}
    assert count(checked([("c0", new)]), "wrong_speaker_bleed") == 0


def test_other_personas_bleed_too() -> None:
    data = numbered(talk(Q, "The far.\nTom: I'll row."))
    assert count(checked(data), "wrong_speaker_bleed") == 0
    assert count(checked(data, other_personas=("Tom",)), "wrong_speaker_bleed") == 1


def test_order_of_turns() -> None:
    turns = (
        user(Q),
        persona("The far.", alternatives=("The near.",)),
        persona("Row!", alternatives=("Go!",)),
        user("And?"),
        user("Hm?"),
    )
    data = numbered(Conversation(turns=turns))
    assert count(checked(data), "role_order") == 2
    ((_, merged),) = repaired("role_order_merge", data)
    assert [turn.text for turn in merged.turns] == [Q, "The far.\nRow!", "And?\nHm?"]
    assert merged.turns[1].alternatives == ("The far.\nGo!",)
    ((_, cut),) = repaired("role_order_cut", [("c0", merged)])
    assert [turn.text for turn in cut.turns] == [Q, "The far.\nRow!"]
    assert count(checked([("c0", cut)]), "role_order") == 0


def test_a_greeting_first_is_in_order() -> None:
    assert (
        count(checked(numbered(Conversation(turns=(persona("Hello."), user("Hi."), persona("So."))))), "role_order")
        == 0
    )


def test_doubtful_speakers() -> None:
    turns = (user(Q, marks=(DOUBTFUL,)), persona("The far.", marks=(GENERATED, DOUBTFUL)))
    data = numbered(Conversation(turns=turns))
    assert (count(checked(data), "doubtful_speakers"), count(checked(data), "generated_share")) == (1, 1)
    ((_, sure),) = repaired("doubtful_confirm", data)
    assert [turn.marks for turn in sure.turns] == [(), (GENERATED,)]
    ((_, off),) = repaired("doubtful_off", data)
    assert count(checked([("c0", off)]), "doubtful_speakers") == 0


def test_silent_conversations_are_removed() -> None:
    data = numbered(Conversation(turns=(user("Hello?"),)), talk(Q, "The far."))
    assert [key for key, _ in repaired("no_persona_turns_remove", data)] == ["c1"]


def test_generated_turns_are_switched_off() -> None:
    data = numbered(Conversation(turns=(user(Q), persona("A.", marks=(GENERATED,)), user(Q), persona("B."))))
    ((_, new),) = repaired("generated_off", data)
    assert [turn.train for turn in new.persona_turns] == [False, True]


def test_alternatives_are_mended_too() -> None:
    turns = (user(Q), persona("The far one.", alternatives=("<think>x</think>", "The <|im_end|> near.")))
    data = numbered(Conversation(turns=turns))
    assert repaired("template_tokens_delete", data)[0][1].turns[1].alternatives[1] == "The  near."
    assert repaired("think_block_delete", data)[0][1].turns[1].alternatives == ("The <|im_end|> near.",)


def test_users_turns_are_only_touched_where_it_is_meant() -> None:
    turns = (user("((brb)) As an AI *waves* <think>x</think> a@b.example"), persona("So it is."))
    data = numbered(Conversation(turns=turns))
    touching = {name for name in repairs() if repaired(name, data) != data}
    assert touching == {"personal_data_mask"}


def test_system_turns_are_no_turn_of_anybody() -> None:
    turns = (Turn(role=Role.SYSTEM, text="You are Bex."), user(Q), persona("The far one."))
    assert count(checked(numbered(Conversation(turns=turns))), "role_order") == 0


def test_every_check_has_its_words_and_every_repair_its_label() -> None:
    assert len(CHECKS.all()) == 24
    for code, check in CHECKS.all().items():
        title, why = FINDINGS[code]
        assert title and why.endswith((".", "!"))
        assert code in ("few_turns",) or check.repairs
    names = [repair.name for check in CHECKS.all().values() for repair in check.repairs]
    assert len(names) == len(set(names)) == len(repairs())
    assert all(repair.label and repair.summary.endswith(".") for repair in repairs().values())
