"""Manners of writing: told for lines as people write them, and turned into each other without losing a word."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from studio.checks._restyle import to_asterisks, to_both, to_plain, to_quotes
from studio.checks._styles import style_of
from tests.checks.talks import checked, count, numbered, repaired, talk

TOLD = [
    ("Hello there.", ("plain", "", "")),
    ("*smiles* Hello there.", ("asterisks", "", "present")),
    ("*She leans on the rail.* Cold tonight.", ("asterisks", "third", "present")),
    ("*I leaned on the rail.* Cold tonight.", ("asterisks", "first", "past")),
    ('"Cold tonight," she said.', ("quotes", "third", "past")),
    ("\u201cCold tonight,\u201d I say, and pull the rope.", ("quotes", "first", "present")),
    ("\u00bbKalt heute\u00ab, sagte sie. \u201eKomm rein.\u201c", ("quotes", "", "")),
    ('*She grins.* "You came."', ("both", "third", "present")),
    ("I *really* mean it.", ("plain", "", "")),
    ("*You* did this? On purpose?", ("plain", "", "")),
    ("I *need* this, and I *was* there.", ("plain", "", "")),
    ("She *loves* it. That *hurts*.", ("plain", "", "")),
    ("You *really don't want* this.", ("plain", "", "")),
    ("Hello *waves* there.", ("asterisks", "", "present")),
    ("Oh. *blush* Thanks.", ("asterisks", "", "")),
    ('The so-called "captain" never sailed.', ("plain", "", "")),
    ("3 * 4 * 5 is sixty.", ("plain", "", "")),
    ("* bread\n* rope", ("plain", "", "")),
    ("*The door creaks open; a lantern swings in the wind.*", ("asterisks", "", "present")),
]


@pytest.mark.parametrize(("text", "style"), TOLD, ids=[text for text, _ in TOLD])
def test_style_is_told(text: str, style: tuple[str, str, str]) -> None:
    assert tuple(style_of(text)) == style


SAME = "="
TURNED = [
    # (as written, with asterisks, as a novel, speech alone)
    ("*smiles* Hello there.", SAME, '{{char}} smiles. "Hello there."', "Hello there."),
    (
        "*She smiles warmly at you.* Hello. *waves* How are you?",
        SAME,
        'She smiles warmly at you. "Hello." {{char}} waves. "How are you?"',
        "Hello. How are you?",
    ),
    ('"Hello," she said. "Come in."', "Hello, *she said.* Come in.", SAME, "Hello. Come in."),
    ('"Hello," she said, "come in."', "Hello, *she said,* come in.", SAME, "Hello, come in."),
    ("Hello, *she says,* come in.", SAME, '"Hello," she says, "come in."', "Hello, come in."),
    (
        'She looked up. "What do you want?" Her hand tightened on the oar.',
        "*She looked up.* What do you want? *Her hand tightened on the oar.*",
        SAME,
        "What do you want?",
    ),
    (
        "\u201cStay,\u201d she whispered.\n\nThe rain went on. \u201cPlease.\u201d",
        "Stay, *she whispered.*\n\n*The rain went on.* Please.",
        SAME,
        "Stay.\n\nPlease.",
    ),
    (
        '*She grins.* "You came." *She steps aside*',
        "*She grins.* You came. *She steps aside*",
        'She grins. "You came." She steps aside.',
        "You came.",
    ),
    (
        "*Bex leans on the rail.*\n\nNo.\n\n*She spits.*",
        SAME,
        'Bex leans on the rail.\n\n"No."\n\nShe spits.',
        "No.",
    ),
    (
        "*softly smiles*, hello~ *hugs you* :)",
        SAME,
        '{{char}} softly smiles. "hello~" {{char}} hugs you. :)',
        "hello~ :)",
    ),
    ("*I shrug* It's *fine*, really.", SAME, 'I shrug. "It\'s *fine*, really."', "It's *fine*, really."),
    ("*I don\u2019t answer.* Go.", SAME, "I don\u2019t answer. \u201cGo.\u201d", "Go."),
    ("Hi! How was your day?", SAME, '"Hi! How was your day?"', SAME),
    ("hello there *waves*", SAME, '"hello there." {{char}} waves.', "hello there"),
    ("*waves*", SAME, "=", SAME),
    # what cannot be told for sure stays
    ("*eyes widening* What?", SAME, SAME, "What?"),
    ("*smiling softly* Hello.", SAME, SAME, "Hello."),
    ("I can't believe *she would do such a thing*", SAME, SAME, SAME),
    ("*Sighs.* Okay. *Okay.* Let me think.", SAME, SAME, SAME),
    ("Look, *I'm* the captain here.", SAME, '"Look, *I\'m* the captain here."', SAME),
    ("*A long silence.* ...Fine.", SAME, 'A long silence. "...Fine."', "...Fine."),
    ("Well *sighs* I guess so.", SAME, SAME, "Well I guess so."),
    ('She looked away. *I can\'t tell him.* "Fine," she said.', SAME, SAME, SAME),
    ('*thinks: "why me"* okay', SAME, SAME, SAME),
    ('He said "I\'m coming" and then he never came, can you believe it?', SAME, SAME, SAME),
    ("She looks at the sea.", SAME, SAME, SAME),
    ("The far one.", SAME, SAME, SAME),
    ("*She smiles. Hello there.", SAME, SAME, SAME),
    ('"Hello, she said.', SAME, SAME, SAME),
    ("He is 5'10\" tall.", SAME, SAME, SAME),
    ("**waves** *hugs* Hi.", SAME, SAME, SAME),
    ("She waits. *waves* Hello.", SAME, SAME, SAME),
    ("*Grins.*", SAME, SAME, SAME),
]


@pytest.mark.parametrize(("text", "asterisks", "quotes", "plain"), TURNED, ids=[one[0] for one in TURNED])
def test_styles_are_turned_into_each_other(text: str, asterisks: str, quotes: str, plain: str) -> None:
    made = (to_asterisks(text), to_quotes(text), to_plain(text))
    assert made == tuple(text if wanted == SAME else wanted for wanted in (asterisks, quotes, plain))


PIECES = st.sampled_from(
    [*'*"\u201c\u201d(', "\n", "\n\n", " ", "**", ":)", "\u2026", ", ", "- ", "{{char}}", '"Hello,"', "she said."]
    + ["*smiles*", "*She waits.*", "I *really* do.", "No!", "You don't say?", "*eyes wide*", "'tis", "\u3042"]
)


@given(st.lists(PIECES, max_size=12).map(" ".join) | st.lists(PIECES, max_size=12).map("".join))
def test_turning_twice_changes_nothing_more_and_no_letter_is_lost(text: str) -> None:
    def letters(one: str) -> str:
        return "".join(filter(str.isalnum, one.replace("{{char}}", "")))

    for turn, manner in ((to_asterisks, "asterisks"), (to_quotes, "quotes"), (to_plain, "plain")):
        once = turn(text)
        assert turn(once) == once
        assert once == text or style_of(once).manner in (manner, "plain")
        if once != text and manner != "plain":
            assert letters(once).casefold() == letters(text).casefold()


NOVEL = ['"{} boats," she said. "No more."', 'She counted {}. "And you?"', '"Not {}," she muttered.']
ACTED = ["*counts {} boats* No more.", "*She shrugs at {} of them.* And you?"]


def test_the_odd_ones_are_found_and_turned() -> None:
    novel = [talk("Go on.", NOVEL[number % 3].format(number)) for number in range(30)]
    acted = [talk("Go on.", ACTED[number % 2].format(number)) for number in range(12)]
    data = numbered(*novel, *acted)
    report = checked(data)
    assert (report.style.quotes, report.style.asterisks, report.style.manner) == (30, 12, "quotes")
    assert report.style.share("asterisks") == pytest.approx(12 / 42)
    assert {key for key in report.flagged["mixed_styles"]} >= {key for key, _ in data[30:]}
    for name, manner in (
        ("style_to_quotes", "quotes"),
        ("style_to_asterisks", "asterisks"),
        ("style_to_plain", "plain"),
    ):
        new = repaired(name, data)
        mix = checked(new).style
        assert getattr(mix, manner) == 42
        assert [one.turns[0] for _, one in new] == [one.turns[0] for _, one in data]


def test_few_odd_ones_are_no_finding() -> None:
    novel = [talk("Go on.", NOVEL[number % 3].format(number)) for number in range(40)]
    assert count(checked(numbered(*novel, talk("Go on.", "*waves* Bye now."))), "mixed_styles") == 0


BOTH = [
    ("*smiles* Hello there.", '*smiles* "Hello there."'),
    ('"Hello," she said. "Come in."', '"Hello," *she said.* "Come in."'),
    ("Smells, mostly. *She sniffs.* It is rain.", '"Smells, mostly." *She sniffs.* "It is rain."'),
    ('*She grins.* "You came."', '*She grins.* "You came."'),
    ("*The door creaks open.*", "*The door creaks open.*"),
    ("I'll *never* say that. *laughs* Ever.", '"I\'ll *never* say that." *laughs* "Ever."'),
    ("Hold the *waves at the crew* line!", "Hold the *waves at the crew* line!"),
]


@pytest.mark.parametrize(("text", "wanted"), BOTH, ids=[text for text, _ in BOTH])
def test_asterisks_and_quotes_together(text: str, wanted: str) -> None:
    assert to_both(text) == wanted
    assert to_both(wanted) == wanted
