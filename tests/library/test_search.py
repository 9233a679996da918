"""Searching as one types, with any characters at all."""

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from studio.domain.persona import Persona
from studio.library.library import Library
from tests.library.examples import PERSONA, fill, said

ODD = [
    '"',
    "'",
    "*",
    "AND",
    "NOT",
    "NEAR(a b)",
    'say"so',
    'x" OR "y',
    "a:b",
    "(",
    "^x",
    "-",
    "--",
    "%",
    "_",
    "\\",
    "{a b}:c",
    "a\0b",
    "\n",
    "💔",
    "🏳️‍🌈",
]


def found(library: Library, text: str) -> int:
    count = library.conversations.count(PERSONA.id, text)
    assert len(library.conversations.page(PERSONA.id, text)) == count
    return count


@pytest.mark.parametrize(
    ("text", "count"),
    [("dragon", 1), ("DRAG", 1), ("drag win", 1), ("dragon sea", 0), ("ragon", 0), ("sings", 1), ("hums", 0)]
    + [("gate", 1), ("night", 1), ("…", 1), ("!", 1), ("wind… and", 1), ("  ", 2), ("", 2), ("'", 0), ("Nobody", 0)],
)
def test_every_word_as_the_beginning_of_a_word(library: Library, text: str, count: int) -> None:
    fill(library)
    assert found(library, text) == count


@pytest.mark.parametrize("text", ODD)
def test_odd_characters_find_what_holds_them(library: Library, text: str) -> None:
    library.personas.add(PERSONA)
    library.conversations.add_many(PERSONA.id, [said("plain", "word"), said("see", f"he said {text} then")])
    if text.strip():
        assert found(library, text) == 1
        assert library.conversations.search_personas(text) == {PERSONA.id}


@pytest.mark.parametrize("text", ["海", "中海", "見る", "がみ", "🙂", "cafe", "CAFÉ", "ไม่"])
def test_scripts_without_spaces_accents_and_pictures(library: Library, text: str) -> None:
    library.personas.add(PERSONA)
    library.conversations.add_many(
        PERSONA.id, [said("x", "夜中海がみえる、海を見る。"), said("y", "Le café 🙂🙃 ไม่เป็นไร")]
    )
    assert found(library, text) == 1


@settings(max_examples=60, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(st.text(st.characters(exclude_categories=["Cs"]), max_size=12))
def test_any_text_is_a_search(library: Library, text: str) -> None:
    library.conversations.search_personas(text)
    found(library, text)


def test_personas_by_name_tag_and_dialogue(library: Library) -> None:
    fill(library)
    library.personas.add(Persona(id="persona-2", name="Dragonfly", tags=("space",)))
    search = library.conversations.search_personas
    assert search("dragon") == {PERSONA.id, "persona-2"}
    assert search("ËLSW burn") == {PERSONA.id}
    assert search("spa") == {"persona-2"}
    assert search("dragon space") == {"persona-2"}
    assert search("dragon burn") == set()
    assert search("") == {PERSONA.id, "persona-2"}
    assert search('"') == set()


def test_a_search_stays_with_its_persona(library: Library) -> None:
    fill(library)
    library.personas.add(Persona(id="persona-2", name="Other"))
    library.conversations.add_many("persona-2", [said("dragons", "everywhere")])
    assert found(library, "dragons") == 1
    assert found(library, "persona00000001") == 0
