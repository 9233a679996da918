"""Stories: whose the speech is, what is guessed, how it is written in other countries, and what is no story."""

import contextlib
import time
from pathlib import Path

import pytest

from studio.domain.conversation import DOUBTFUL
from studio.domain.errors import StudioError
from studio.importers import IMPORTERS, ImportItem, read_paths
from studio.importers._novel_tags import Subject, told_after, told_before
from studio.importers._novel_text import style_of
from studio.importers._novel_words import ENGLISH, FRENCH, GERMAN, SPANISH, Language, language_of
from studio.importers._source import Source

PROSE = "The room was old and the rain was at the windows, and nobody had lit the lamps that hung in it.\n\n"


def _story(tmp_path: Path, text: str, speaker: str = "Ada") -> ImportItem:
    path = tmp_path / "story.txt"
    path.write_text(text, encoding="utf-8")
    return read_paths([path], format="novel", speaker=speaker).items[0]


def _turns(item: ImportItem) -> list[list[tuple[str, str, bool]]]:
    return [[(turn.speaker, turn.text, DOUBTFUL in turn.marks) for turn in talk.turns] for talk in item.conversations]


@pytest.mark.parametrize(
    ("told", "subject"),
    [
        ("said Ada.", Subject("name", "Ada")),
        ("Ada said, without looking up.", Subject("name", "Ada")),
        ("Ada Brandt quietly said", Subject("name", "Ada Brandt")),
        ("asked Mr. Penn, who had not moved", Subject("name", "Mr. Penn")),
        ("said Jean de la Tour", Subject("name", "Jean de la Tour")),
        ("said the old keeper with a sigh", Subject("described", "the old keeper")),
        ("her mother replied", Subject("described", "her mother")),
        ("she said", Subject("pronoun", "she", "f")),
        ("he finally asked", Subject("pronoun", "he", "m")),
        ("I said", Subject("i", "i")),
        ("Then Ada laughed and asked", Subject("name", "Ada")),
        ("Ada turned to him and said", Subject("name", "Ada")),
        ("Ada went home.", None),
        ("The rain had stopped.", None),
        ("Ada's voice was low.", None),
        ("", None),
        ("said", None),
        ("…—", None),
    ],
)
def test_who_is_said_to_speak_after_speech(told: str, subject: Subject | None) -> None:
    assert told_after(told, ENGLISH) == subject


@pytest.mark.parametrize(
    ("told", "name"),
    [
        ("It rained. Ada turned and said,", "Ada"),
        ("Ada waited:", "Ada"),
        ("It rained. Mr. Penn leaned over and said,", "Mr. Penn"),
        ("Ada turned.", ""),
        ("He knew that Ada would say:", "he"),
        ("the words were", ""),
    ],
)
def test_who_is_said_to_speak_before_speech(told: str, name: str) -> None:
    found = told_before(told, ENGLISH)
    assert (found.words if found else "") == name


@pytest.mark.parametrize(
    ("told", "language", "words"),
    [
        ("sagte Ada leise.", GERMAN, "Ada"),
        ("fragte der alte Mann", GERMAN, "der alte Mann"),
        ("dit-il en riant", FRENCH, "il"),
        ("demanda Ada", FRENCH, "Ada"),
        ("preguntó la vieja", SPANISH, "la vieja"),
        ("dijo Ada", SPANISH, "Ada"),
    ],
)
def test_verbs_of_other_languages(told: str, language: Language, words: str) -> None:
    found = told_after(told, language)
    assert found is not None
    assert found.words.casefold() == words.casefold()


def test_language_is_told_by_its_small_words() -> None:
    assert language_of("Der Hund und die Katze sind nicht auf dem Dach.") is GERMAN
    assert language_of("Le chat est dans la maison et il ne sort pas.") is FRENCH
    assert language_of("El gato no está en la casa de los vecinos.") is SPANISH
    assert language_of("") is ENGLISH


def test_to_and_fro_between_two_is_guessed_and_marked(tmp_path: Path) -> None:
    text = "“One?” said Bo.\n\n“Two,” said Ada.\n\n“Three?”\n\n“Four.”\n\n“Five?” said Bo.\n"
    assert _turns(_story(tmp_path, text)) == [
        [
            ("Bo", "One?", False),
            ("Ada", "Two.", False),
            ("Bo", "Three?", True),
            ("Ada", "Four.", True),
            ("Bo", "Five?", False),
        ]
    ]


def test_guesses_backwards_and_never_whom_the_speech_calls(tmp_path: Path) -> None:
    text = "“One?”\n\n“Two.”\n\n“Three?” said Bo.\n\n“Four,” said Ada.\n\n“Ada, five?”\n\n“Bo, six.”\n"
    turns = _turns(_story(tmp_path, text))[0]
    assert [speaker for speaker, _, _ in turns] == ["Bo", "Ada", "Bo", "Ada", "Bo", "Ada"]
    text = "“One?” said Bo.\n\n“Two,” said Ada.\n\n“Is that so, Bo?”\n"
    assert _turns(_story(tmp_path, text))[0][2] == ("", "Is that so, Bo?", True)


def test_pronouns_are_told_apart_where_the_story_tells_them_apart(tmp_path: Path) -> None:
    known = (
        "“A,” said Ada, folding her hands.\n\n“B,” said Bo, rubbing his eyes.\n\n"
        "“C,” said Ada, and hid her face.\n\n“D,” said Bo, and found his hat.\n\n"
    )
    turns = _turns(_story(tmp_path, f"{known}“E,” he said.\n\n“F,” she said.\n"))[0]
    assert turns[-1] == ("Ada", "F.", False)
    assert turns[-2][2] is False and "E." in turns[-2][1] and turns[-2][0] == "Bo"


def test_who_acts_beside_speech_speaks(tmp_path: Path) -> None:
    text = "“One,” said Ada.\n\n“Two,” said Bo.\n\nAda shook her head. “Three.”\n\nMiss Cole rose. “Four.”\n"
    turns = _turns(_story(tmp_path, text))[0]
    assert turns[2] == ("Ada", "Three.", False)
    assert turns[3] == ("Miss Cole", "Miss Cole: Four.", False)


def test_interrupted_speech_is_put_together(tmp_path: Path) -> None:
    text = (
        "“Well,” said Ada, “come in. And,” she added, “shut it.”\n\n“I,” said Bo. “No.”\n\n"
        "“It is long,” said Ada. “First it is long.\n\n“Then it is longer,” she said.\n"
    )
    assert [text for _, text, _ in _turns(_story(tmp_path, text))[0]] == [
        "Well, come in. And, shut it.",
        "I. No.",
        "It is long. First it is long.\nThen it is longer.",
    ]


def test_two_speakers_in_one_paragraph(tmp_path: Path) -> None:
    text = "“Yes,” said Bo. “No,” said Ada. “Never.”\n\n“So,” said Bo.\n"
    assert [(speaker, text) for speaker, text, _ in _turns(_story(tmp_path, text))[0]] == [
        ("Bo", "Yes."),
        ("Ada", "No. Never."),
        ("Bo", "So."),
    ]


def test_names_of_one_character_are_one(tmp_path: Path) -> None:
    text = (
        "“A,” said Ada.\n\n“B,” said Bo Lind.\n\n“C,” said Ada Lind.\n\n“D,” said Ada.\n\n"
        "“E,” said Mrs. Lind.\n\n“F,” said Ada.\n"
    )
    assert set(_story(tmp_path, text).speakers) == {"Ada", "Bo Lind", "Mrs. Lind"}


def test_what_is_told_is_kept_only_where_nobody_spoke_before(tmp_path: Path) -> None:
    text = (
        "A knock came.\n\n“Who is it?” said Ada.\n\nThe door opened.\n\n“Me,” said Bo.\n\n"
        "It closed.\n\n“So,” said Ada.\n"
    )
    assert [text for _, text, _ in _turns(_story(tmp_path, text))[0]] == ["A knock came.", "Who is it?", "Me.", "So."]
    text = "“One,” said Ada.\n\nThe lamp went out.\n\n“Two,” said Ada.\n"
    assert [text for _, text, _ in _turns(_story(tmp_path, text))[0]] == ["One.", "The lamp went out.", "Two."]


def test_chapters_and_silence_part_talks(tmp_path: Path) -> None:
    spoken = "“One?” said Bo.\n\n“Two,” said Ada.\n\n"
    text = f"CHAPTER ONE\n\n{spoken}{PROSE * 14}{spoken}* * *\n\n{spoken}II\n\n“Alone,” said Bo.\n\n3\n\n{spoken}"
    item = _story(tmp_path, text)
    assert [talk.title for talk in item.conversations] == ["CHAPTER ONE", "CHAPTER ONE", "CHAPTER ONE", "3"]
    assert {note.code: note.count for note in item.findings}["scenes_left_out"] == 1


@pytest.mark.parametrize(
    ("style", "opening", "closing"),
    [
        ("“", "“", "”"),
        ('"', '"', '"'),
        ("«", "«", "»"),
        ("»", "»", "«"),
        ("„", "„", "“"),
        ("‘", "‘", "’"),
        ("'", "'", "'"),
    ],
)
def test_marks_of_many_countries(style: str, opening: str, closing: str, tmp_path: Path) -> None:
    text = (
        "(One, don't you?) said Bo.\n\n(Two,) said Ada, (isn't it.)\n\n"
        "He called it {the thing} and left.\n\n(Three,) said Bo.\n"
    )
    for mark, char in (("(", opening), (")", closing), ("{", opening), ("}", closing)):
        text = text.replace(mark, char)
    assert style_of(text) == style
    assert [text for _, text, _ in _turns(_story(tmp_path, text))[0]] == [
        "One, don't you?",
        "Two, isn't it.",
        "Three.",
    ]


def test_speech_behind_dashes(tmp_path: Path) -> None:
    text = "— Bonjour, dit Ada.\n\n— Vous êtes en retard.\n\n— Non, répondit Bo. Je suis en avance.\n\n— Ah, dit Ada.\n"
    found = _turns(_story(tmp_path, text))[0]
    assert [(speaker, said) for speaker, said, _ in found][:2] == [
        ("Ada", "Bonjour."),
        ("Bo", "Vous êtes en retard.\nNon."),
    ]


@pytest.mark.parametrize(
    "wrapped",
    [
        "“One is a very long line that goes on for as long as it can until the\nend of it,” said Bo, who had more to "
        "say of lines and their\nends than there was any room for.\n\n“Two,” said Ada.\n",
        "  “One is a very long line that goes on for as long as it can until the\nend of it,” said Bo, who had more to "
        "say of lines and their\nends than there was any room for.\n  “Two,” said Ada.\n",
        "“One is a very long line that goes on for as long as it can until the end of it,” said Bo, who had more to "
        "say of lines and their ends than there was any room for.\n“Two,” said Ada.\n",
    ],
    ids=["empty lines", "indented", "a line each"],
)
def test_paragraphs_of_three_kinds(wrapped: str, tmp_path: Path) -> None:
    assert [text for _, text, _ in _turns(_story(tmp_path, wrapped))[0]] == [
        "One is a very long line that goes on for as long as it can until the end of it.",
        "Two.",
    ]


def test_licence_of_a_library_is_left_out(tmp_path: Path) -> None:
    text = (
        "“No,” said Lawyer.\n\n*** START OF THE PROJECT GUTENBERG EBOOK X ***\n\n“One?” said Bo.\n\n"
        "“Two,” said Ada.\n\n"
        "*** END OF THE PROJECT GUTENBERG EBOOK X ***\n\n“No,” said Lawyer.\n"
    )
    assert set(_story(tmp_path, text).speakers) == {"Ada", "Bo"}


def test_story_in_which_nobody_is_named(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="novel_without_speakers"):
        _story(tmp_path, "“One?”\n\n“Two.”\n")


@pytest.mark.parametrize(
    ("text", "format"),
    [
        ("ANNA: “One,” said she.\nBERT: “Two,” said he.\nANNA: “Three,” said Bo.\n", "plain_script"),
        ("“One,” said Ada.\n\n“Two,” said Bo.\n\n“Three.”\n", "novel"),
        ("03/05/2024, 22:14 - Ana: “One,” said Ada.\n“Two,” said Bo.\n“Three.”\n", "whatsapp"),
        ("1\n00:00:01,000 --> 00:00:02,000\nADA: “One,” said Ada.\n“Two,” said Bo.\n“Three.”\n", "subtitles"),
    ],
)
def test_stories_and_scripts_do_not_steal_each_other_s_files(text: str, format: str, tmp_path: Path) -> None:
    path = tmp_path / "any.txt"
    path.write_text(text, encoding="utf-8")
    sure = {name: entry.sniff(Source(path)) for name, entry in IMPORTERS.all().items()}
    assert max(sure, key=lambda name: sure[name]) == format


@pytest.mark.parametrize(
    "text", ['a,b\n"One","“Two,” said Ada."\n' * 4, "He liked “this” and “that”.\n\n" * 5, "Notes.\n" * 9]
)
def test_other_texts_are_no_stories(text: str, tmp_path: Path) -> None:
    path = tmp_path / "any.txt"
    path.write_text(text, encoding="utf-8")
    assert not IMPORTERS.all()["novel"].sniff(Source(path))


@pytest.mark.parametrize(
    "piece",
    [
        "“",
        "“a” ",
        '"',
        "“a,” said Ada ",
        "— a ",
        "‘a’ ",
        "Ada. ",
        "said ",
        "“a,” said Ada.\n\n",
        "\n",
        "a, ",
        "Mr. ",
        "A",
    ],
    ids=repr,
)
def test_hostile_stories_take_linear_time(piece: str, tmp_path: Path) -> None:
    size = 1024 * 1024
    text = "“One?” said Bo.\n\n“Two,” said Ada.\n\n" + piece * (size // len(piece))
    started = time.process_time()
    with contextlib.suppress(StudioError):
        _story(tmp_path, text)
    assert time.process_time() - started < 12
