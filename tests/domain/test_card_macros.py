"""Placeholders of cards beyond names."""

from datetime import datetime

import pytest

from studio.domain.card_macros import Macros, fill
from studio.domain.persona import Persona

MIRA = Persona(
    id="p", name="Mira", description="{{char}} keeps the lamp.", greeting="Halt!",
    card={"data": {"personality": "dry", "scenario": "A storm."}},
)  # fmt: skip
MACROS = Macros(
    char="Mira", user="Ann", persona=MIRA, last="Well?", last_user="Why?", last_char="Well?", chance="7", chat="chat-1",
    at=datetime(2026, 3, 5, 21, 4),
)  # fmt: skip


@pytest.mark.parametrize(
    ("text", "filled"),
    [
        ("{{char}} and <USER>, {{ Bot }}", "Mira and Ann, Mira"),
        ("{{description}} {{Personality}}", "Mira keeps the lamp. dry"),
        ("{{scenario}}{{// not for you}}{{comment: nor this}}!", "A storm.!"),
        ("{{lastUserMessage}} {{lastCharMessage}} {{lastMessage}}", "Why? Well? Well?"),
        ("{{reverse:abc}}{{newline}}x", "cba\nx"),
        ("one\n\n{{trim}}\n\ntwo", "onetwo"),
        ("{{isodate}} {{time}} {{date}}", "2026-03-05 21:04 5 March 2026"),
        ("{{random:same,same}} {{pick::same::same}} {{roll:1}}", "same same 1"),
        ("{{reverse:{{user}}}}", "nnA"),
        ("{{unheard_of:1}} {{unheard_of}} {{", "{{unheard_of:1}} {{unheard_of}} {{"),
        ("nothing to do", "nothing to do"),
    ],
)
def test_filled_in(text: str, filled: str) -> None:
    assert fill(text, MACROS) == filled


def test_dice_stay_in_their_bounds() -> None:
    rolled = [int(fill("{{roll:2d6+1}}", Macros(char="", user="", chance=str(seed)))) for seed in range(200)]
    assert min(rolled) >= 3 and max(rolled) <= 13 and len(set(rolled)) > 6
    assert fill("{{roll:nonsense}} {{roll:0}}", MACROS) == "{{roll:nonsense}} {{roll:0}}"


def test_chance_is_the_seed_s_and_a_pick_the_chat_s() -> None:
    text = "{{random:a,b,c,d,e,f,g,h}} {{random:a,b,c,d,e,f,g,h}}|{{pick:a,b,c,d,e,f,g,h}}"

    def drawn(chance: str, chat: str) -> list[str]:
        return fill(text, Macros(char="", user="", chance=chance, chat=chat)).split("|")

    assert drawn("1", "c") == drawn("1", "c")
    assert len({drawn(str(seed), "c")[0] for seed in range(20)}) > 5
    assert len({drawn(str(seed), "c")[1] for seed in range(20)}) == 1
    assert len({drawn("1", f"c{chat}")[1] for chat in range(20)}) > 2


def test_a_card_that_holds_itself_comes_to_an_end() -> None:
    loop = Persona(id="p", name="Loop", description="{{description}} {{description}}")
    assert len(fill("{{description}}", Macros(char="Loop", user="U", persona=loop))) < 2000
