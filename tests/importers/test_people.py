"""Chats between people: the dates of many countries, who speaks, what is left out, where a talk ends."""

import json
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from studio.domain.errors import StudioError
from studio.importers import IMPORTERS, ImportItem, read_paths
from studio.importers._dates import DAY_FIRST, MONTH_FIRST, UNCLEAR, Stamp, order_of, read_stamp
from studio.importers._sessions import split_at_pauses
from studio.importers._source import Source

HEADERS = {
    "android, England": "03/05/2024, 22:14 - ",
    "android, United States": "5/3/24, 10:14\u202fPM - ",
    "android, Canada": "2024-05-03, 10:14 p.m. - ",
    "android, South Africa": "2024/05/03, 10:14 pm - ",
    "android, Germany": "03.05.24, 22:14 - ",
    "android, Netherlands": "03-05-2024 22:14 - ",
    "android, Brazil": "03/05/2024 22:14 - ",
    "android, Mexico": "3/5/2024 10:14\u00a0p.\u00a0m. - ",
    "android, France": "03/05/2024 à 22:14 - ",
    "android, Finland": "3.5.2024 klo 22.14 - ",
    "android, Denmark": "03.05.2024 22.14 - ",
    "android, Bulgaria": "3.05.2024 г., 22:14 ч. - ",
    "android, Hungary": "2024. 05. 03. 22:14 - ",
    "android, Korea": "2024년 5월 3일 오후 10:14, ",
    "android, Vietnam": "22:14, 03/05/2024 - ",
    "android, Egypt": "٣\u200f/٥\u200f/٢٠٢٤، ١٠:١٤ م - ",
    "android, Quebec": "2024-05-03 22 h 14 - ",
    "before 2015": "03/05/2024 22:14:33: ",
    "iPhone, United States": "[5/3/24, 10:14:33\u202fPM] ",
    "iPhone, England": "[03/05/2024, 22:14:33] ",
    "iPhone, Germany": "[03.05.24, 22:14:33] ",
    "iPhone, China": "[2024/5/3 下午10:14:33] ",
    "iPhone, Sweden": "[2024-05-03, 22:14:33] ",
    "iPhone, Turkey": "[3.05.2024 22:14:33] ",
    "iPhone, Greece": "[3/5/24, 10:14:33 μ.μ.] ",
}


def _read(path: Path, text: str, **options: Any) -> ImportItem:
    path.write_text(text, encoding="utf-8")
    return read_paths([path], hide_names=False, hide_details=False, **options).items[0]


def _said(item: ImportItem) -> list[list[str]]:
    return [[turn.text for turn in talk.turns] for talk in item.conversations]


@pytest.mark.parametrize("header", HEADERS.values(), ids=HEADERS)
def test_whatsapp_dates_of_many_countries(header: str, tmp_path: Path) -> None:
    sender = "Ana :" if "년" in header else "Ana:"
    text = f"{header}{sender} One: two.\nthree\n{header}{sender.replace('Ana', 'Bo')} Four.\n"
    item = _read(tmp_path / "chat.txt", text, speaker="Bo", day_first=not header.startswith(("5/", "[5/")))
    assert (item.format, item.speakers) == ("whatsapp", ("Ana", "Bo"))
    assert _said(item) == [["One: two.\nthree", "Four."]]
    assert item.conversations[0].title == "2024-05-03 22:14"


def _stamps(*dates: str) -> list[Stamp]:
    return [stamp for date in dates if isinstance(stamp := read_stamp(f"{date} 10:00"), Stamp)]


@pytest.mark.parametrize(
    ("dates", "order"),
    [
        (["03/05/24", "13/05/24"], DAY_FIRST),
        (["03/05/24", "05/13/24"], MONTH_FIRST),
        (["03.05.24", "04.05.24"], DAY_FIRST),
        (["11/05/24", "12/05/24", "01/06/24"], DAY_FIRST),
        (["05/11/24", "05/12/24", "06/01/24"], MONTH_FIRST),
        (["03/05/24", "04/05/24"], UNCLEAR),
        (["05/05/24"], UNCLEAR),
        (["2024/05/03", "2024/05/04"], ""),
        ([], ""),
    ],
)
def test_order_of_day_and_month(dates: list[str], order: str) -> None:
    assert order_of(_stamps(*dates)) == order


@pytest.mark.parametrize(("day_first", "order"), [(True, DAY_FIRST), (False, MONTH_FIRST)])
def test_user_decides_only_what_the_file_does_not(day_first: bool, order: str) -> None:
    assert order_of(_stamps("03/05/24"), day_first) == order
    assert order_of(_stamps("13/05/24"), day_first) == DAY_FIRST
    assert order_of(_stamps("05/13/24"), day_first) == MONTH_FIRST


@pytest.mark.parametrize(
    ("text", "hour"),
    [
        ("3/5/24 12:10 AM", 0),
        ("3/5/24 12:10 PM", 12),
        ("3/5/24 1:10 p. m.", 13),
        ("3/5/24 午後1:10", 13),
        ("3/5/24 13:10", 13),
    ],
)
def test_halves_of_the_day(text: str, hour: int) -> None:
    stamp = read_stamp(text)
    assert isinstance(stamp, Stamp)
    assert stamp.hour == hour


def test_days_that_do_not_exist_and_centuries() -> None:
    stamp = read_stamp("31/02/24 10:00")
    assert isinstance(stamp, Stamp) and stamp.moment(DAY_FIRST) is None
    stamp = read_stamp("01/02/99 10:00")
    assert isinstance(stamp, Stamp) and stamp.moment(DAY_FIRST) == datetime(1999, 2, 1, 10)
    assert read_stamp("03-May-24 10:14 PM") == datetime(2024, 5, 3, 22, 14)
    assert read_stamp("2024-05-03T10:14:33.0000000+00:00") == datetime(2024, 5, 3, 10, 14, 33)
    assert read_stamp("yesterday") is None


def test_pauses_part_talks_and_steps_back_do_not() -> None:
    times = [0.0, 5.0, None, 7.0, 3.0, 20.0, 31.0]
    parts = list(split_at_pauses(times, seconds=lambda time: time, pause=10))
    assert parts == [[0.0, 5.0, None, 7.0, 3.0], [20.0], [31.0]]
    together = split_at_pauses(times, seconds=lambda time: time, pause=10, goes_on=lambda item, talk: item == 20.0)
    assert [len(part) for part in together] == [6, 1]


@pytest.mark.parametrize(
    ("words", "left"),
    [
        ("<Media omitted>", ""),
        ("<Médias omis>", ""),
        ("<省略多媒體檔案>", ""),
        ("IMG-20240503-WA0001.jpg (file attached)", ""),
        ("IMG-20240503-WA0001.jpg (file attached)\nlook", "look"),
        ("location: https://maps.google.com/?q=1,2", ""),
        ("This message was deleted", ""),
        ("Du hast diese Nachricht gelöscht.", ""),
        ("well <This message was edited>", "well"),
        ("well \u200e<irgendwas bearbeitet>", "well"),
        ("\u200eimage omitted", ""),
        ("\u200eنص محذوف", ""),
        ("I <3 you", "I <3 you"),
        ("<sigh>", "<sigh>"),
        ("my location: the attic", "my location: the attic"),
        ("a > b", "a > b"),
        ("this message was deleted by the sea", "this message was deleted by the sea"),
    ],
)
def test_what_whatsapp_itself_wrote_is_left_out(words: str, left: str, tmp_path: Path) -> None:
    text = f"03/05/2024, 22:14 - Ana: Hm.\n03/05/2024, 22:15 - Bo: {words}\n03/05/2024, 22:16 - Ana: So.\n"
    found = _said(_read(tmp_path / "chat.txt", text, speaker="Ana"))
    assert found == ([["Hm.", left, "So."]] if left else [["Hm.\nSo."]])


def test_system_lines_and_pasted_headers_are_no_senders(tmp_path: Path) -> None:
    text = (
        '03/05/2024, 22:14 - Ana changed the group name from "A: b" to "C"\n'
        "03/05/2024, 22:15 - Ana: she wrote:\n[5/3/24, 10:14:33 PM] Zed: hello\n03/05/2024, 22:16 - Bo: Zed?\n"
    )
    item = _read(tmp_path / "chat.txt", text, speaker="Bo")
    assert item.speakers == ("Ana", "Bo")
    assert _said(item) == [["she wrote:\n[5/3/24, 10:14:33 PM] Zed: hello", "Zed?"]]


@pytest.mark.parametrize("text", ["12:30 - noon\nAna: hi\n", "2024-05-03 is a day\n", "03/05/2024, 22:14\n"])
def test_other_texts_are_not_whatsapp(text: str, tmp_path: Path) -> None:
    path = tmp_path / "chat.txt"
    path.write_text(text, encoding="utf-8")
    assert not IMPORTERS.all()["whatsapp"].sniff(Source(path))


def test_chat_of_two_asks_who_is_the_persona(tmp_path: Path) -> None:
    text = "03/05/2024, 22:14 - Ana: Hm.\n03/05/2024, 22:15 - Bo: Ho.\n"
    with pytest.raises(StudioError, match="speaker_needed") as caught:
        _read(tmp_path / "chat.txt", text)
    assert caught.value.details["names"] == ("Ana", "Bo")
    assert _read(tmp_path / "chat.txt", text, persona="Bo Lindgren").speaker == "Bo"


def _discord(*messages: dict[str, Any]) -> str:
    filled = [{"id": str(number), "type": "Default", **message} for number, message in enumerate(messages)]
    return json.dumps({"guild": {}, "channel": {"name": "hall"}, "messages": filled})


def _by(name: str, words: str, at: str = "10:00", key: str = "", **more: Any) -> dict[str, Any]:
    author = {"id": key or name, "name": name, "discriminator": "0000", "isBot": False}
    return {"author": author, "content": words, "timestamp": f"2024-05-03T{at}:00+00:00", **more}


def test_discord_markup_becomes_words(tmp_path: Path) -> None:
    said = "<@!7> <@8> <@&9> <#10> <a:wave:11> <t:1714730000:R> <3"
    text = _discord(_by("Ana", said, mentions=[{"id": "8", "name": "cy", "nickname": "Cy"}]), _by("Bo", "Hm.", key="7"))
    found = _said(_read(tmp_path / "a.json", text, speaker="Ana"))
    assert found == [["@Bo @Cy @role #channel :wave: 2024-05-03 09:53 <3", "Hm."]]


def test_discord_namesakes_are_told_apart(tmp_path: Path) -> None:
    text = _discord(_by("Ana", "One.", key="1"), _by("Ana", "Two.", key="2"), _by("Ana", "Three.", key="1"))
    item = _read(tmp_path / "a.json", text, speaker="Ana 2")
    assert item.speakers == ("Ana", "Ana 2")
    assert _said(item) == [["One.", "Two.", "Three."]]


def test_discord_bot_is_the_persona_when_asked_for(tmp_path: Path) -> None:
    bot = _by("Grub", "I am a bot.")
    bot["author"] |= {"isBot": True, "discriminator": "1234"}
    text = _discord(_by("Ana", "Who are you?"), bot)
    assert _said(_read(tmp_path / "a.json", text, speaker="grub")) == [["Who are you?", "I am a bot."]]
    with pytest.raises(StudioError, match="speaker_unknown"):
        _read(tmp_path / "a.json", text, speaker="Zed")


def test_answers_across_a_pause_and_from_far_back(tmp_path: Path) -> None:
    chatter = [_by("Cy", f"Word {number}.", f"10:{number:02}") for number in range(1, 20)]
    near = _by("Bo", "Near.", "20:00", reference={"messageId": "19"})
    far = _by("Bo", "Far.", "20:01", reference={"messageId": "0"})
    text = _discord(_by("Ana", "A question?"), *chatter, near, _by("Cy", "Hm.", "20:00"), far)
    found = _said(_read(tmp_path / "a.json", text, speaker="Bo"))
    assert len(found) == 1
    assert found[0][1:] == ["Near.", "Cy: Hm.\nAna: A question?", "Far."]


def test_discord_file_that_is_cut_off_names_the_line(tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(json.dumps(json.loads(_discord(*[_by("Ana", "Hm.")] * 9)), indent=1)[:-90], encoding="utf-8")
    with pytest.raises(StudioError) as caught:
        read_paths([path], speaker="Ana")
    assert caught.value.code == "json_broken"
    assert caught.value.details["line"] > 80


def test_large_export_is_read_in_pieces(tmp_path: Path) -> None:
    """Over many piece borders nothing is lost, numbers and escapes included."""
    words = [f'Number {number} "quoted" \\ über \n line {"x" * (number % 97)}.' for number in range(9000)]
    text = _discord(*[_by("Ana" if number % 2 else "Bo", said) for number, said in enumerate(words)])
    assert len(text) > 4 * 256 * 1024
    assert [line for talk in _said(_read(tmp_path / "a.json", text, speaker="Ana")) for line in talk] == words


def test_discord_csv_dates_that_are_unclear(tmp_path: Path) -> None:
    rows = ['"1","Ana","05/03/2023 10:02 PM","Hm?","",""', '"2","Bo","05/03/2023 10:03 PM","So.","",""']
    text = "\n".join(["AuthorID,Author,Date,Content,Attachments,Reactions", *rows])
    assert _read(tmp_path / "a.csv", text, speaker="Bo").date_order == UNCLEAR
    item = _read(tmp_path / "a.csv", text, speaker="Bo", day_first=False)
    assert (item.date_order, item.conversations[0].title) == (MONTH_FIRST, "a, 2023-05-03 22:02")


def _telegram(*messages: dict[str, Any]) -> str:
    filled = [
        {"id": number, "type": "message", "date": "2024-05-03T10:00:00", "from_id": message.get("from"), **message}
        for number, message in enumerate(messages)
    ]
    return json.dumps({"name": "Hall", "type": "private_group", "id": 1, "messages": filled})


def test_telegram_text_in_pieces_and_odd_senders(tmp_path: Path) -> None:
    text = _telegram(
        {"from": "Ana", "text": ["Look: ", {"type": "link", "text": "https://example.org"}, 7, {"type": "bold"}, "!"]},
        {"from": "Bo", "text": "passed on", "forwarded_from": None},
        {"from": None, "from_id": "user9", "text": "gone"},
        {"from": None, "from_id": "user10", "text": "gone too"},
        {"from": "Bo", "from_id": 5, "text": "old ids"},
        {"from": "Bo", "from_id": 5, "text": {"no": "text"}},
    )
    item = _read(tmp_path / "result.json", text, speaker="Bo")
    assert set(item.speakers) == {"Ana", "Deleted account", "Deleted account 2", "Bo"}
    assert _said(item) == [
        ["Ana: Look: https://example.org!\nDeleted account: gone\nDeleted account 2: gone too", "old ids"]
    ]


@pytest.mark.parametrize(
    "text",
    [
        '{"guild": {}, "channel": {}, "messages": [7]}',
        '{"guild": {}, "channel": {}, "messages": [{"author": 7, "content": [], "mentions": {}, "reference": 1}]}',
        '{"guild": {}, "channel": {}, "messages": {}}',
        '{"name": 7, "type": "personal_chat", "messages": [null], "from_id": 1}',
        '{"chats": {"about": "", "list": {"x": 1}}}',
        '{"chats": {"about": "", "list": [{"messages": [{"type": "message", "text": [1], "from_id": [1]}]}]}}',
    ],
)
def test_messengers_with_wrong_kinds_of_values(text: str, tmp_path: Path) -> None:
    path = tmp_path / "a.json"
    path.write_text(text, encoding="utf-8")
    with pytest.raises(StudioError, match="dataset_invalid|nothing_to_import|format_unknown|speaker_needed"):
        read_paths([path], persona="Grub")
