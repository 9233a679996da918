"""Subtitles: names, voices, dashes and tags; sounds and credits; what was meant to be slow or broken."""

import contextlib
import time
from pathlib import Path

import pytest

from studio.domain.conversation import DOUBTFUL
from studio.domain.errors import StudioError
from studio.importers import ImportItem, read_paths
from studio.importers._caption_lines import Said, said_in


def _srt(*cues: tuple[float, str]) -> str:
    shown = []
    for number, (at, text) in enumerate(cues, 1):
        stamps = [
            f"{int(t) // 3600:02}:{int(t) // 60 % 60:02}:{int(t) % 60:02},{int(t * 1000) % 1000:03}"
            for t in (at, at + 1)
        ]
        shown.append(f"{number}\n{stamps[0]} --> {stamps[1]}\n{text}\n")
    return "\n".join(shown)


def _read(tmp_path: Path, text: str, speaker: str = "Ada") -> ImportItem:
    path = tmp_path / "film.srt"
    path.write_text(text, encoding="utf-8")
    return read_paths([path], speaker=speaker).items[0]


def _turns(item: ImportItem) -> list[tuple[str, str, bool]]:
    return [(turn.speaker, turn.text, DOUBTFUL in turn.marks) for talk in item.conversations for turn in talk.turns]


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("ADA: One,\ntwo.", [Said(words="One, two.", speaker="ADA")]),
        ("<i>Ada (softly): One.</i>", [Said(words="One.", speaker="Ada")]),
        ("- One.\n- Two.", [Said(words="One.", anew=True), Said(words="Two.", anew=True)]),
        (
            "-ADA: One.\n-BO: Two.",
            [Said(words="One.", speaker="ADA", anew=True), Said(words="Two.", speaker="BO", anew=True)],
        ),
        (">> ADA: One.", [Said(words="One.", speaker="ADA", anew=True)]),
        ("[ADA] One.", [Said(words="One.", speaker="ADA")]),
        ("[SIGHS] One.", [Said(words="One.")]),
        ("(door slams)", []),
        ("♪ la la ♪", []),
        ("One (laughs) two.", [Said(words="One two.")]),
        ("<v Ada>One.</v>", [Said(words="One.", speaker="Ada")]),
        ("<v.loud Ada>One.\n<v Bo>Two &lt;3", [Said(words="One.", speaker="Ada"), Said(words="Two <3", speaker="Bo")]),
        ("<00:00:01.000>One <c.x>two</c>.", [Said(words="One two.")]),
        (r"{\an8}{\i1}One.", [Said(words="One.")]),
        ("Subtitles by Somebody", []),
        ("It is 12:30: noon.", [Said(words="It is 12:30: noon.")]),
        ("ADA:\nOne.", [Said(words="One.", speaker="ADA")]),
        ("", []),
    ],
)
def test_one_subtitle(text: str, said: list[Said]) -> None:
    assert list(said_in(text)) == said


def test_line_without_a_name_goes_on_within_a_sentence(tmp_path: Path) -> None:
    cues = ((1, "ADA: One and"), (2, "two."), (3, "BO: Three."), (4, "ADA: Four."), (5, "Five?"))
    assert _turns(_read(tmp_path, _srt(*cues))) == [
        ("ADA", "One and two.", False),
        ("BO", "Three.", False),
        ("ADA", "Four. Five?", True),
    ]


def test_where_names_are_rare_nobody_is_guessed(tmp_path: Path) -> None:
    cues = ((1, "One."), (2, "Two."), (3, "ADA: Three."), (4, "Four."), (5, "Five."))
    assert _turns(_read(tmp_path, _srt(*cues))) == [
        ("", "One.\nTwo.", True),
        ("ADA", "Three.", False),
        ("", "Four.\nFive.", True),
    ]


def test_scenes_are_parted_by_pauses_and_cues_sorted(tmp_path: Path) -> None:
    item = _read(tmp_path, _srt((100, "ADA: Three."), (1, "BO: One."), (2, "ADA: Two."), (130, "BO: Four.")))
    assert [(talk.title, len(talk.turns)) for talk in item.conversations] == [("00:00:01", 2), ("00:01:40", 1)]
    assert {note.code: note.count for note in item.findings if note.code == "scenes_left_out"} == {"scenes_left_out": 1}


def test_notes_and_names_of_cues_are_no_words(tmp_path: Path) -> None:
    text = (
        "WEBVTT\n\nNOTE\nnot me\n\nfirst\n00:01.000 --> 00:02.000\n<v Ada>One.\n\nNOTE not me\n\n"
        "99\n00:02.500 --> 00:03.000\n<v Bo>Two.\n\nend\n00:04.000 --> 00:05.000\n<v Ada>Three.\n"
    )
    assert [said for _, said, _ in _turns(_read(tmp_path, text))] == ["One.", "Two.", "Three."]


def test_subtitles_without_names_say_what_is_missing(tmp_path: Path) -> None:
    with pytest.raises(StudioError, match="subtitles_without_speakers"):
        _read(tmp_path, _srt((1, "One."), (2, "- Two.")))


@pytest.mark.parametrize(
    "text",
    [
        "WEBVTT\n\n:00:01.000 --> :00:02.000\n<v Ada>One.\n\n00:03.000 --> 00:04.000\n<v Ada>Two.\n",
        "Dialogue: 0,0:00:01.00,x,Default,Ada,0,0,0,,One.\n",
        "Dialogue: 0,0:00:01.00,0:00:02.00,Default,Ada,zero,0,0,,Two.\n",
        "Dialogue: 0,0:00:01.00\nDialogue: 0,0:00:02.00,0:00:03.00\n",
        "[Events]\nDialogue: 0,0:00:01.00,0:00:02.00,Default\n",
    ],
)
def test_broken_times_and_fields_are_one_sentence(text: str, tmp_path: Path) -> None:
    path = tmp_path / "film.ass"
    path.write_text(text, encoding="utf-8")
    with contextlib.suppress(StudioError):
        assert read_paths([path], format="subtitles", speaker="Ada").items


@pytest.mark.parametrize(
    "piece", ["{", "{\\", "<", "<v ", "(", "[", "\n", " \n", "1\n", "♪", "- ", ">> ", "&lt;", "A: ", "\\N"], ids=repr
)
def test_hostile_subtitles_take_linear_time(piece: str, tmp_path: Path) -> None:
    text = _srt((1, "ADA: One."), (2, piece * (1024 * 1024 // len(piece)) + "x"), (3, "ADA: Two."))
    started = time.process_time()
    _read(tmp_path, text)
    assert time.process_time() - started < 12
