"""What is personal is gone, what is not stays: exact results, planted addresses, and text made to be slow."""

import random
import re
import string
import time
from pathlib import Path

import phonenumbers
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from studio.domain.conversation import Conversation, Role, Turn
from studio.importers import read_paths
from studio.importers._privacy import protect
from studio.importers._privacy_words import DETERMINERS, NEUTRAL_NAMES, PHONE_REGIONS
from studio.importers._private_details import DetailMask

BEN = "Ben Okafor"
SAMPLES = Path(__file__).resolve().parents[2] / "sample_data" / "importers"


def _talk(*lines: tuple[str, str], title: str = "") -> Conversation:
    turns = (
        Turn(role=Role.PERSONA if speaker == BEN else Role.USER, text=text, speaker=speaker) for speaker, text in lines
    )
    return Conversation(turns=tuple(turns), title=title)


def _hidden(*talks: Conversation, names: bool = True, details: bool = True) -> list[list[tuple[str, str]]]:
    speakers = list(dict.fromkeys(turn.speaker for talk in talks for turn in talk.turns if turn.speaker))
    found, _ = protect(talks, speakers, BEN, names=names, details=details)
    return [[(turn.speaker, turn.text) for turn in talk.turns] for talk in found]


def test_one_other_is_the_user_and_the_persona_is_char() -> None:
    talk = _talk(("Anna-Lena Berg", "hey ben, ANNA here"), (BEN, "Anna-Lena! Okafor speaking. Berg's cat, Annas cat."))
    assert _hidden(talk) == [
        [
            ("{{user}}", "hey {{char}}, {{user}} here"),
            ("{{char}}", "{{user}}! {{char}} speaking. {{user}}'s cat, Annas cat."),
        ]
    ]


def test_names_stay_without_the_wish() -> None:
    talk = _talk(("Anna Berg", "hey Ben, mail me: a.berg@example.org"), (BEN, "Anna?"))
    assert _hidden(talk, names=False) == [[("Anna Berg", "hey Ben, mail me: [email]"), (BEN, "Anna?")]]
    assert _hidden(talk, details=False)[0][0] == ("{{user}}", "hey {{char}}, mail me: a.{{user}}@example.org")
    assert protect([talk], [], BEN, names=False, details=False) == ((talk,), ())


def test_several_others_have_invented_names_over_the_whole_file() -> None:
    group = _talk(
        ("", "Anna Berg: who is Cy?\nCy ☂: me"), (BEN, "Cy is Anna's."), ("Anna Berg", "Anna Berg: so Ben says")
    )
    pair = _talk(("Cy ☂", "is Anna there?"), (BEN, "Hello Cy."))
    found = _hidden(group, pair)
    assert found[0] == [
        ("", "Robin: who is Kim?\nKim: me"),
        ("{{char}}", "Kim is Robin's."),
        ("Robin", "Robin: so {{char}} says"),
    ]
    assert found[1] == [("{{user}}", "is Robin there?"), ("{{char}}", "Hello {{user}}.")]


def test_invented_names_are_nobody_s_and_never_end() -> None:
    others = [f"Robin Number{number} Kim" for number in range(2 * len(NEUTRAL_NAMES))]
    talk = _talk(*((name, "Hm.") for name in others), (BEN, "So."))
    names = [speaker for speaker, _ in _hidden(talk)[0]]
    assert len(set(names)) == len(names)
    assert names[0] == NEUTRAL_NAMES[2]


@pytest.mark.parametrize(
    ("said", "hidden"),
    [
        ("Will you come?", "Will you come?"),
        ("will you come, Will?", "will you come, {{user}}?"),
        ("Will, come here.", "{{user}}, come here."),
        ("I asked Will for May.", "I asked {{user}} for May."),
        ("@will look", "@{{user}} look"),
        ("where there is a will", "where there is a will"),
        ("Mr. Stone", "Mr. {{user}}"),
        ("Willow and Stonehenge", "Willow and Stonehenge"),
        ("WILL STONE", "{{user}}"),
        ("{{user}} and {{char}}", "{{user}} and {{char}}"),
    ],
)
def test_names_that_are_words(said: str, hidden: str) -> None:
    assert _hidden(_talk(("Will Stone", "Hm."), (BEN, said)))[0][1][1] == hidden


def test_nickname_that_is_used_as_a_word_is_one() -> None:
    talk = _talk(("moon", "look, a moon"), (BEN, "the moon is up, moon. Thank you, Moon."), ("moon", "@moon"))
    assert [text for _, text in _hidden(talk)[0]] == [
        "look, a moon",
        "the moon is up, moon. Thank you, {{user}}.",
        "@{{user}}",
    ]


def test_shared_surname_stays_and_whole_names_go() -> None:
    talk = _talk(("Anna Okafor", "the Okafor house, Ben Okafor"), (BEN, "Anna Okafor!"))
    assert [text for _, text in _hidden(talk)[0]] == ["the Okafor house, {{char}}", "{{user}}!"]


@pytest.mark.parametrize(
    ("name", "said", "hidden"),
    [
        ("田中太郎", "田中太郎さん、おはよう", "{{user}}さん、おはよう"),
        ("지은", "지은아 뭐해", "{{user}}아 뭐해"),
        ("Анна Петрова", "привет, анна!", "привет, {{user}}!"),
        ("प्रिया", "नमस्ते प्रिया", "नमस्ते {{user}}"),
        ("xX_Ana_Xx", "gg xx_ana_xx", "gg {{user}}"),
        ("You", "you know You", "you know You"),
        ("Jo", "jo, Jo, joke", "jo, {{user}}, joke"),
        ("+44 20 7946 0018", "I am +44 20 7946 0018", "I am [phone]"),
        ("Dr. Mara van der Velde", "van, der, Velde, mara", "van, der, {{user}}, {{user}}"),
    ],
)
def test_names_of_many_kinds(name: str, said: str, hidden: str) -> None:
    assert _hidden(_talk((name, "Hm."), (BEN, said)))[0][1] == ("{{char}}", hidden)


def test_alternatives_and_titles_are_looked_through_and_all_is_told() -> None:
    turn = Turn(role=Role.PERSONA, text="Anna?", speaker=BEN, alternatives=("Anna at a@example.org?",))
    talk = Conversation(turns=(Turn(role=Role.USER, text="Hm", speaker="Anna"), turn), title="Anna, 2024-05-03 10:14")
    (found,), notes = protect([talk], ["Anna", BEN], BEN, names=True, details=True)
    assert found.title == "{{user}}, 2024-05-03 10:14"
    assert found.turns[1].alternatives == ("{{user}} at [email]?",)
    assert {note.code: note.count for note in notes} == {"names_hidden": 2, "details_hidden": 1}


@pytest.mark.parametrize(
    ("said", "hidden"),
    [
        ("mail anna.b+x@mail.example.co.uk.", "mail [email]."),
        ("ana (at) example (dot) org", "[email]"),
        ("tel:0151 234 5678, or (415) 555-2671!", "tel:[phone], or [phone]!"),
        ("+49 (0)30 901820 and 0049 30 901820", "[phone] and [phone]"),
        ("612 345 678 / 555-2671", "[phone] / [phone]"),
        ("DE89 3704 0044 0532 0130 00 danke", "[number] danke"),
        ("GB33BUKB20201555555555", "[number]"),
        ("card 4111-1111-1111-1111", "card [number]"),
        ("078-05-1120", "[number]"),
        ("192.168.0.1 and 2001:db8::1", "[ip] and [ip]"),
        ("https://www.instagram.com/anna.b/, t.me/anna", "[link], [link]"),
        ("www.youtube.com/@anna https://discord.gg/x1", "[link] [link]"),
        ("insta: @anna.b, anna#1234", "[handle], [handle]"),
        ("12 Elm Street, Springfield, IL 62704", "[address]"),
        ("Flat at 221b baker street", "Flat at [address]"),
        ("Lange Straße 12a, 10115 Berlin", "[address]"),
        ("12 bis rue des Lilas, 75011 Paris", "[address]"),
        ("Calle de Alcalá 45, 28014 Madrid", "[address]"),
        ("Via Roma, 5", "[address]"),
        ("Keizersgracht 12, 1015 CN Amsterdam", "[address]"),
        ("ul. Marszałkowska 12/3", "[address]"),
        ("ул. Ленина, д. 5", "[address]"),
        ("SW1A 2AA", "[address]"),
        ("53.34981, -6.26031", "[address]"),
    ],
)
def test_details_are_hidden(said: str, hidden: str) -> None:
    assert DetailMask().masked(said) == hidden


@pytest.mark.parametrize(
    "said",
    [
        "at 10:14:33 on 2024-05-03 18:03 or 03/05/2024, 5.3.24",
        "1.234.567 people, 100 000 of them, 12,50 for 3-4 days",
        "v1.2.3, ratio 16:9, 1990-2000, 20240503",
        "5 minutes down the road, a 10 minute drive, a 2 way street",
        "see https://example.org/path?q=1 and youtube.com/watch?v=dQw4w9WgXcQ",
        "I met him at (what) a place; look @ this; me@home",
        "12 angry men, 7 wonders, Parkplatz 12, via Zoom 3 times",
        "std::vector, a::b, 4x4, 3pm, 100%",
        "$1234567890, #5",
        "Route 66, Chapter 12, page 345, 42",
    ],
)
def test_other_figures_and_places_stay(said: str) -> None:
    assert DetailMask().masked(said) == said


def _mail(chance: random.Random) -> str:
    name = "".join(chance.choice(string.ascii_lowercase) for _ in range(chance.randint(3, 12)))
    tail, host, top = chance.choice(["", ".x", "+tag"]), chance.choice(["mail", "a-b"]), chance.choice(["org", "de"])
    return f"{name}{tail}@{host}.example.{top}"


def _phone(chance: random.Random) -> str:
    number = phonenumbers.example_number_for_type(chance.choice(PHONE_REGIONS), phonenumbers.PhoneNumberType.MOBILE)
    form = chance.choice([phonenumbers.PhoneNumberFormat.INTERNATIONAL, phonenumbers.PhoneNumberFormat.E164])
    return phonenumbers.format_number(number, form)


def _national(chance: random.Random) -> str:
    number = phonenumbers.example_number_for_type(chance.choice(PHONE_REGIONS), phonenumbers.PhoneNumberType.MOBILE)
    return phonenumbers.format_number(number, phonenumbers.PhoneNumberFormat.NATIONAL)


def _street(chance: random.Random) -> str:
    name = "".join(chance.choice(string.ascii_lowercase) for _ in range(7))
    return chance.choice(["{0} {1} Street", "{1}straße {0}", "{0} rue de {1}", "Calle {1} {0}"]).format(
        chance.randint(1, 400), name.title()
    )


@settings(max_examples=300, deadline=None)
@given(
    words=st.lists(st.text(st.characters(exclude_categories=["Cs", "N"]), max_size=12), max_size=8),
    seed=st.integers(0, 10**9),
)
def test_planted_details_are_never_left(words: list[str], seed: int) -> None:
    """Whatever stands around them. A word that touches a detail may change what it is, so each has room."""
    chance = random.Random(seed)
    planted = [make(chance) for make in (_mail, _phone, _national, _street)]
    parts = [*words, *planted]
    chance.shuffle(parts)
    left = DetailMask().masked(" \n ".join(parts))
    assert not [detail for detail in planted if detail in left]
    assert "@" not in left or any("@" in word for word in words)


@settings(max_examples=200, deadline=None)
@given(
    given_name=st.sampled_from(["Oluwaseun", "Ingrid", "Matteo", "Zsófia", "Tariq", "Weronika"]),
    surname=st.sampled_from(["Adeyemi", "Solberg", "Bianchi", "Kovács", "Haddad", "Nowak"]),
    around=st.lists(st.text(st.characters(categories=["L", "P", "Z"]), max_size=10), min_size=2, max_size=6),
    seed=st.integers(0, 10**9),
)
def test_planted_names_are_never_left(given_name: str, surname: str, around: list[str], seed: int) -> None:
    """Whatever stands around them but an article: "a moon" makes a word of a name, see ``_private_names``."""
    assume(not DETERMINERS & {word.casefold() for word in re.findall(r"\w+", " ".join(around))})
    chance = random.Random(seed)
    forms = [given_name, surname, f"{given_name} {surname}", given_name.upper(), surname.lower()]
    said = " ".join(part for word in around for part in (word, chance.choice(forms)))
    ((_, (_, text)),) = _hidden(_talk((f"{given_name} {surname}", said), (BEN, said)))
    left = {word.casefold() for word in text.split()}
    assert not left & {given_name.casefold(), surname.casefold()}


_HOSTILE = [
    "1 (",
    "12 34 56 78 a ",
    "9",
    "a.a",
    "a@a@",
    "@a.a",
    "12 Aa Bb Cc Dd ",
    "12 AAAAAAAAAAAAAAAAAAAAAAAAAAAA-",
    "https://",
    "t.me/",
    ":::",
    "DE12 3456 7890 ",
    "Anna ",
    "Anna Berg Anna ",
    "x: ",
    "x\n",
    "a (at) ",
    "9 St, A ",
]


def _seconds(text: str) -> float:
    talk = _talk(("Anna Berg", text), (BEN, "So."))
    started = time.process_time()
    protect([talk], ["Anna Berg", BEN], BEN, names=True, details=True)
    return time.process_time() - started


@pytest.mark.parametrize("piece", _HOSTILE, ids=lambda piece: repr(piece[:12]))
def test_nothing_takes_more_than_its_share_of_time(piece: str) -> None:
    """A pattern that looks at what is left from every place takes minutes for this much."""
    assert _seconds(piece * (256 * 1024 // len(piece))) < 4


def test_five_megabytes_of_everything() -> None:
    share = 5 * 1024 * 1024 // len(_HOSTILE)
    assert _seconds("\n".join(piece * (share // len(piece)) for piece in _HOSTILE)) < 60


def test_the_name_in_the_file_s_name_is_hidden_too() -> None:
    path = SAMPLES / "whatsapp" / "WhatsApp Chat mit Jonte.txt"
    open_, hidden = (
        read_paths([path], speaker="Fenja Brook", hide_names=hide, hide_details=False).items[0]
        for hide in (False, True)
    )
    assert {talk.source for talk in open_.conversations} == {path.name}
    assert not any("Jonte" in talk.source or "Jonte" in talk.title for talk in hidden.conversations)
