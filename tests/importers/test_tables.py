"""Tables: headings guessed or asked, every way of writing cells down, and files that are no tables."""

import csv
import io
import time
import tracemalloc
from pathlib import Path
from typing import Any

import pytest

from studio.domain.errors import StudioError
from studio.importers import ImportItem, read_paths
from studio.importers._source import Source
from studio.importers.table import ENTRY
from studio.texts import sentence

pyarrow = pytest.importorskip("pyarrow")
parquet = pytest.importorskip("pyarrow.parquet")


def _read(tmp_path: Path, data: str | bytes, name: str = "table.csv", **options: Any) -> ImportItem:
    path = tmp_path / name
    path.write_bytes(data.encode() if isinstance(data, str) else data)
    return read_paths([path], **({"persona": "Nyx"} | options)).items[0]


def _turns(item: ImportItem) -> list[list[tuple[str, str]]]:
    return [[(turn.role.value, turn.text) for turn in talk.turns] for talk in item.conversations]


def _trouble(tmp_path: Path, data: str | bytes, name: str = "table.csv", **options: Any) -> StudioError:
    with pytest.raises(StudioError) as caught:
        _read(tmp_path, data, name, **options)
    assert sentence(caught.value)
    return caught.value


def _parquet(rows: list[dict[str, Any]], **how: Any) -> bytes:
    file = io.BytesIO()
    parquet.write_table(pyarrow.Table.from_pylist(rows), file, **how)
    return file.getvalue()


EXCHANGE = [[("user", "Is it deep?"), ("assistant", "Chapter nine is.")]]


@pytest.mark.parametrize(
    "table",
    [
        "prompt,response\nIs it deep?,Chapter nine is.\n",
        "Question;Answer\r\nIs it deep?;Chapter nine is.\r\n",
        "sep=|\nquestion|answer\nIs it deep?|Chapter nine is.\n",
        "instruction\tinput\toutput\nIs it deep?\t\tChapter nine is.\n",
        "User Message,Bot Response,Score\nIs it deep?,Chapter nine is.,3\n",
        "User,Nyx\nIs it deep?,Chapter nine is.\n",
        "speaker,line\nMarrow,Is it deep?\nNyx,Chapter nine is.\n",
        "user,message\nMarrow,Is it deep?\nNyx,Chapter nine is.\n",
        "role,content\nuser,Is it deep?\nassistant,Chapter nine is.\n",
        '"from","value"\n"human","Is it deep?"\n"gpt","Chapter nine is."\n',
        "id,messages\n1,\"[{\"\"role\"\": \"\"user\"\", \"\"content\"\": \"\"Is it deep?\"\"}, "
        "{\"\"role\"\": \"\"assistant\"\", \"\"content\"\": \"\"Chapter nine is.\"\"}]\"\n",
        "id,messages\n1,\"[{'role': 'user', 'content': 'Is it deep?'}, "
        "{'role': 'assistant', 'content': 'Chapter nine is.'}]\"\n",
    ],
    ids=lambda table: table.split("\n")[0][:24],
)  # fmt: skip
def test_headings_are_understood(table: str, tmp_path: Path) -> None:
    assert _turns(_read(tmp_path, table)) == EXCHANGE


def test_type_is_told_from_content(tmp_path: Path) -> None:
    assert _read(tmp_path, "prompt,response\nIs it deep?,Chapter nine is.\n", name="export.txt").format == "table"


@pytest.mark.parametrize("head", ["alpha,beta", "prompt,score", "response,score", "text,label", "title,body"])
def test_unknown_headings_are_asked_about(head: str, tmp_path: Path) -> None:
    trouble = _trouble(tmp_path, f"{head}\nIs it deep?,Chapter nine is.\n")
    assert trouble.code == "columns_needed"
    assert trouble.details["columns"] == tuple(head.split(","))


def test_answer_about_the_columns(tmp_path: Path) -> None:
    table = "alpha,beta\nIs it deep?,Chapter nine is.\n"
    item = _read(tmp_path, table, columns={"user": "ALPHA", "persona": "beta"})
    assert _turns(item) == EXCHANGE
    assert (item.columns, dict(item.mapping)) == (("alpha", "beta"), {"user": "alpha", "persona": "beta"})


def test_what_was_not_asked_about_stays_as_it_was_guessed(tmp_path: Path) -> None:
    """The dialog asks about few roles; an answer to one must not lose the others."""
    table = "chat,role,speaker,text,train,tags,note\n1,user,Marrow,Hm?,yes,a,N1\n1,assistant,Nyx,Hm.,no,a,N1\n"
    answers = {"conversation": "chat", "speaker": "speaker", "text": "text", "title": "note"}
    talk = _read(tmp_path, table, columns=answers).conversations[0]
    assert [(turn.role.value, turn.train) for turn in talk.turns] == [("user", True), ("assistant", False)]
    assert (talk.title, talk.tags) == ("N1", ("a",))
    pairs = _read(tmp_path, table, columns={"user": "role", "persona": "text"})
    assert _turns(pairs)[0] == [("user", "user"), ("assistant", "Hm?")]


def test_answers_that_do_not_fit(tmp_path: Path) -> None:
    table = "alpha,beta\nIs it deep?,Chapter nine is.\n"
    assert _trouble(tmp_path, table, columns={"persona": "gamma"}).code == "column_unknown"
    assert _trouble(tmp_path, table, columns={"hero": "beta"}).code == "column_role_unknown"
    assert _trouble(tmp_path, table, columns={"user": "alpha"}).code == "columns_needed"


def test_table_without_headings_is_asked_about_by_number(tmp_path: Path) -> None:
    table = "Is it deep? I only have short boots.,Chapter nine is.\nAnd ten?,We do not speak of the eels.\n"
    assert _trouble(tmp_path, table).details["columns"] == ("1", "2")
    assert len(_read(tmp_path, table, columns={"user": "1", "persona": "2"}).conversations) == 2


def test_doubled_and_empty_headings_are_told_apart(tmp_path: Path) -> None:
    trouble = _trouble(tmp_path, "alpha,,beta\na,b,c\n")
    assert trouble.details["columns"] == ("alpha", "2", "beta")


def test_speakers_are_asked_about(tmp_path: Path) -> None:
    trouble = _trouble(tmp_path, "speaker,line\nA,One.\nB,Two.\nA,Three.\n", persona="")
    assert (trouble.code, trouble.details["names"]) == ("speaker_needed", ("A", "B"))


@pytest.mark.parametrize(
    ("cell", "words"),
    [
        ('"one ""two"", three"', 'one "two", three'),
        ('"one \\"two\\", three"', 'one "two", three'),
        ('"line\nline, line"', "line\nline, line"),
        ('half an inch (0.5")', 'half an inch (0.5")'),
        ("'quoted'", "'quoted'"),
        ("  kept  within  ", "kept  within"),
        ('"ends in a \\"', "ends in a \\"),
    ],
)
def test_cells(cell: str, words: str, tmp_path: Path) -> None:
    item = _read(tmp_path, f"prompt,response\nIs it deep?,{cell}\n")
    assert _turns(item)[0][1] == ("assistant", words)


def test_tabs_without_quoting(tmp_path: Path) -> None:
    item = _read(tmp_path, 'speaker\tline\nNyx\t"Books first," she says.\nMarrow\t"And air?\n')
    assert _turns(item) == [[("assistant", '"Books first," she says.'), ("user", '"And air?')]]


def test_unmarked_commas_in_the_last_column_of_words(tmp_path: Path) -> None:
    item = _read(tmp_path, "speaker,line\nMarrow,Well, well, well\nNyx,Quite\n")
    assert _turns(item) == [[("user", "Well, well, well"), ("assistant", "Quite")]]


def test_rows_with_too_many_cells_are_left_out_and_told(tmp_path: Path) -> None:
    rows = "Is it deep?,Chapter nine is.\n" * 10
    item = _read(tmp_path, f"prompt,response\n{rows}One, two,three\nFour,\n")
    assert len(item.conversations) == 10
    assert {finding.code: finding.count for finding in item.findings}["rows_left_out"] == 2


def test_post_longer_than_the_csv_module_allows(tmp_path: Path) -> None:
    long = "word " * 60_000
    item = _read(tmp_path, f'prompt,response\nGo on,"{long}"\n')
    assert len(item.conversations[0].turns[1].text) == len(long.strip())


def test_quotation_mark_that_is_never_closed_names_the_line(tmp_path: Path) -> None:
    rows = "".join(f'a {number},"b {number}"\n' for number in range(9000))
    trouble = _trouble(tmp_path, f'prompt,response\n{rows}c,"d\ne,f\n')
    assert (trouble.code, trouble.details["line"]) == ("dataset_invalid", 9001)


def test_wide_encodings(tmp_path: Path) -> None:
    table = "question\tanswer\r\nIs it deep?\tChapter nine is.\r\n".encode("utf-16")
    assert _turns(_read(tmp_path, table, name="from_excel.txt")) == EXCHANGE


def test_system_context_and_rejected_beside_the_pair(tmp_path: Path) -> None:
    table = "system,instruction,input,output,rejected\nNyx is wet.,Describe:,the stairs,They drip.,They are stairs.\n"
    item = _read(tmp_path, table)
    assert _turns(item) == [
        [("system", "Nyx is wet."), ("user", "Describe:\n\nthe stairs"), ("assistant", "They drip.")]
    ]
    assert item.conversations[0].turns[2].alternatives == ("They are stairs.",)


def test_discord_tables_are_left_to_their_own_importer(tmp_path: Path) -> None:
    path = tmp_path / "discord.csv"
    path.write_text('AuthorID,Author,Date,Content,Attachments,Reactions\n"1","a","2024","Hi","",""\n', encoding="utf-8")
    assert ENTRY.sniff(Source(path)) == 0.0


@pytest.mark.parametrize(
    "text",
    [
        "Anna: Hello, there.\nBert: Yes, well.\n",
        "05/03/2025, 10:14 - Anna: Hello\n05/03/2025, 10:15 - Bert: Yes\n",
        "It was late, and nobody spoke.\nRain fell, as it does.\n",
        '{"prompt": "a", "response": "b"}\n',
        "<html><body>a, b</body></html>",
    ],
)
def test_other_text_is_no_table(text: str, tmp_path: Path) -> None:
    path = tmp_path / "some.txt"
    path.write_text(text, encoding="utf-8")
    assert ENTRY.sniff(Source(path)) == 0.0


MESSAGES = [{"role": "user", "content": "Is it deep?"}, {"role": "assistant", "content": "Chapter nine is."}]


@pytest.mark.parametrize("codec", ["none", "snappy", "gzip", "zstd"])
def test_parquet_with_messages(codec: str, tmp_path: Path) -> None:
    rows = [{"messages": MESSAGES, "embedding": [0.5] * 8, "picture": b"\x89PNG"}] * 50
    item = _read(tmp_path, _parquet(rows, compression=codec, row_group_size=7), name="any.bin")
    assert _turns(item) == EXCHANGE * 50
    assert item.columns == ("messages",)


@pytest.mark.parametrize("new", ["new_file", "new_stream"])
def test_arrow_with_pairs(new: str, tmp_path: Path) -> None:
    table = pyarrow.Table.from_pylist([{"prompt": "Is it deep?", "response": "Chapter nine is.", "score": None}] * 40)
    file = io.BytesIO()
    with getattr(pyarrow.ipc, new)(file, table.schema) as writer:
        writer.write_table(table)
    assert _turns(_read(tmp_path, file.getvalue())) == EXCHANGE * 40


def test_parquet_with_preference_as_message_lists(tmp_path: Path) -> None:
    bad = [MESSAGES[0], {"role": "assistant", "content": "Yes."}]
    item = _read(tmp_path, _parquet([{"prompt": "Is it deep?", "chosen": MESSAGES, "rejected": bad}]))
    assert _turns(item) == EXCHANGE
    assert item.conversations[0].turns[1].alternatives == ("Yes.",)


def test_parquet_whose_columns_say_nothing(tmp_path: Path) -> None:
    trouble = _trouble(tmp_path, _parquet([{"alpha": "a", "beta": 1.5, "gamma": "c"}]))
    assert (trouble.code, trouble.details["columns"]) == ("columns_needed", ("alpha", "gamma"))


@pytest.mark.parametrize("count", [0, 4, 12, 200])
def test_cut_parquet_is_a_sentence(count: int, tmp_path: Path) -> None:
    assert _trouble(tmp_path, _parquet([{"messages": MESSAGES}] * 40)[: count or 4]).code == "table_broken"


@pytest.mark.parametrize("typed", [True, False])
def test_packed_cells_that_unfold_beyond_measure_are_refused(
    typed: bool, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """A dictionary holds the long text once; the rows would be gigabytes."""
    monkeypatch.setattr("studio.importers._arrow_tables._TEXT_LIMIT_MB", 64)
    once = pyarrow.array(["x" * (6 << 20)])
    many = pyarrow.DictionaryArray.from_arrays(pyarrow.array([0] * 2000, pyarrow.int8()), once)
    file = io.BytesIO()
    table = pyarrow.table({"prompt": many, "response": ["y"] * 2000})
    parquet.write_table(table, file, compression="zstd", store_schema=typed)
    assert len(file.getvalue()) < 1 << 20
    tracemalloc.start()
    try:
        assert _trouble(tmp_path, file.getvalue()).code == "file_too_large"
        assert tracemalloc.get_traced_memory()[1] < 200 << 20
    finally:
        tracemalloc.stop()


def test_nothing_is_left_behind(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    home = tmp_path / "home"
    home.mkdir()
    for name in ("HOME", "HF_HOME", "XDG_CACHE_HOME", "TMPDIR"):
        monkeypatch.setenv(name, str(home))
    (tmp_path / "data").mkdir()
    assert _turns(_read(tmp_path / "data", _parquet([{"messages": MESSAGES}]))) == EXCHANGE
    assert not list(home.rglob("*"))


def test_many_rows_in_little_time(tmp_path: Path) -> None:
    file = io.StringIO()
    writer = csv.writer(file)
    writer.writerow(["thread", "speaker", "line"])
    writer.writerows(
        [str(number // 10), ("Nyx", "Marrow")[number % 2], f'He said "{number}",\nthen left.']
        for number in range(40_000)
    )
    started = time.monotonic()
    item = _read(tmp_path, file.getvalue())
    assert len(item.conversations) == 4000
    assert time.monotonic() - started < 10
