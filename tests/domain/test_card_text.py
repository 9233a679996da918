"""What is made of a card: the full prompt, the short form, facts; and what is made of a base's reply."""

from studio.domain.card_text import PROMPT_WORDS, facts, full_prompt, short_form
from studio.domain.conversation import GENERATED, Role
from studio.domain.draft_writing import conversation_of, tidied, with_another_reply
from studio.domain.drafts import Draft
from studio.domain.persona import Persona

WREN = Persona(
    id="persona-1",
    name="Wren",
    description=(
        "Wren mends clocks in a cellar under the fish market. {{char}} is deaf in one ear. She dislikes haste!"
    ),
    greeting="*She looks up.* Closed.",
    card={
        "data": {
            "personality": "dry, patient, exact",
            "mes_example": "<START>\n{{user}}: Hi.\n{{char}}: Mind the gears.",
        }
    },
)
BRACKETS = Persona(
    id="persona-2",
    name="Oss",
    description='[Character("Oss")\nSpecies("giant" + "old")\nLikes("rain" + "slow songs")]',
)


def test_the_full_prompt_holds_everything_with_names_filled_in() -> None:
    said = full_prompt(WREN, "Alex")
    for part in ("Wren mends clocks", "Wren is deaf", "dry, patient, exact", "Alex: Hi.", "Wren: Mind the gears."):
        assert part in said
    assert "{{" not in said and "<START>" not in said


def test_a_card_without_examples_shows_its_greeting_instead() -> None:
    bare = Persona(id="p", name="Wren", description="A clock mender.", greeting="Closed.")
    assert "Closed." in full_prompt(bare, "Alex")


def test_the_short_form_is_short_and_begins_with_the_name() -> None:
    long = Persona(id="p", name="Wren", description=" ".join(["She walks far."] * 60))
    assert short_form(WREN).startswith("You are Wren. Wren mends clocks")
    assert len(short_form(long).split()) <= PROMPT_WORDS + 3
    assert short_form(BRACKETS) == "You are Oss."


def test_facts_are_sentences_or_attributes_and_none_comes_twice() -> None:
    assert facts(WREN) == ["Wren mends clocks in a cellar under the fish market.", "Wren is deaf in one ear."]
    assert "Species: giant, old" in facts(BRACKETS) and "Likes: rain, slow songs" in facts(BRACKETS)
    twice = Persona(id="p", name="W", description="She is very old. She is very old.")
    assert facts(twice) == ["She is very old."]


def test_a_reply_loses_its_label_and_the_lines_of_others() -> None:
    assert tidied("Wren: Mind the gears.", "Wren", "Alex", whole=True) == "Mind the gears."
    assert tidied("Mind the gears.\nAlex: Why?\nWren: Because.", "Wren", "Alex", whole=True) == "Mind the gears."
    assert tidied("*She nods.* Go on. And then the", "Wren", "Alex", whole=False) == "*She nods.* Go on."
    assert tidied("no end at all", "Wren", "Alex", whole=False) == "no end at all"


def test_an_accepted_draft_is_marked_and_keeps_what_was_passed_over() -> None:
    first = Draft(id="d", persona_id="p", kind="out_of_world", prompt="A car?", reply="A cart.", original="A cart.")
    second = with_another_reply(first, "No horse?", seed=7)
    made = conversation_of(second)
    asked, answered = made.turns
    assert (asked.role, asked.text, asked.marks) == (Role.USER, "A car?", ())
    assert (answered.text, answered.marks, answered.alternatives) == ("No horse?", (GENERATED,), ("A cart.",))
    assert made.tags == ("from the card", "out of world")
