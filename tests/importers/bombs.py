"""Files that are small, or look harmless, and would fill a memory or an afternoon if they were believed."""

import subprocess
import sys
import zipfile
from collections.abc import Callable, Iterator
from pathlib import Path

MB = 1024 * 1024


def bombs(folder: Path) -> Iterator[tuple[Path, str]]:
    """Yield (file, the format that it is aimed at); each is written when its turn comes.

    By a process of its own: what the writing takes must not be counted as the reader's.
    """
    for name, (format, _) in _BOMBS.items():
        path = folder / name
        subprocess.run([sys.executable, "-m", "tests.importers.bombs", str(path)], check=True, timeout=300)
        yield path, format


def _aliases(path: Path) -> None:
    """Nine lines of YAML that stand for a billion words."""
    lines = ["name: Grub", "context: words", "greeting: hello", "a0: &a0 [lol, lol, lol, lol, lol, lol, lol, lol, lol]"]
    lines += [f"a{n}: &a{n} [{', '.join([f'*a{n - 1}'] * 9)}]" for n in range(1, 10)]
    path.write_text("\n".join(lines), encoding="utf-8")


def _aliases_of_texts(path: Path) -> None:
    text = "name: Grub\ngreeting: hello\nbig: &t " + "x" * 100_000 + "\n"
    path.write_text(text + "context: [" + ", ".join(["*t"] * 20_000) + "]\n", encoding="utf-8")


def _said(text: bytes, times: int = 1, before: bytes = b"", after: bytes = b"") -> Callable[[Path], None]:
    def write(path: Path) -> None:
        with path.open("wb") as file:
            file.write(before)
            block = text * max(1, min(times, MB // len(text)))
            for _ in range(max(1, times * len(text) // len(block))):
                file.write(block)
            file.write(after)

    return write


def _columns(path: Path) -> None:
    path.write_text(",".join(f"c{n}" for n in range(1_000_000)) + "\n" + "," * 999_999 + "\n", encoding="utf-8")


def _keys(path: Path) -> None:
    with path.open("w", encoding="utf-8") as file:
        file.write('{"name": "A", "description": "B", "first_mes": "C"')
        for number in range(2_000_000):
            file.write(f',"{number}":[]')
        file.write("}")


def _zeros_in_a_zip(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("chat.txt", "w") as file:
        for _ in range(300):
            file.write(bytes(MB))


def _zeros_in_a_card(path: Path) -> None:
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive, archive.open("card.json", "w") as file:
        for _ in range(300):
            file.write(b" " * MB)


def _repeated_table(path: Path) -> None:
    """Parquet keeps a text once and how often it comes; this one comes to forty gigabytes."""
    import pyarrow
    import pyarrow.parquet

    column = pyarrow.DictionaryArray.from_arrays(
        pyarrow.array([0] * 1_000_000, pyarrow.int32()), pyarrow.array(["x" * 40_000])
    )
    table = pyarrow.table({"prompt": column, "reply": column})
    pyarrow.parquet.write_table(table, path)


_CARD = b'{"name": "A", "first_mes": "B", "description": "C", "mes_example": "'
_MES = b'{"name": "A", "is_user": false, "mes": "'
_BOMBS: dict[str, tuple[str, Callable[[Path], None]]] = {
    "aliases.yaml": ("webui_character", _aliases),
    "texts.yaml": ("webui_character", _aliases_of_texts),
    "deep.yaml": ("webui_character", _said(b"[", 100_000, before=b"name: A\ncontext: ")),
    "deep.json": ("character_card", _said(b'{"a":', 1_000_000, before=b'{"name": "A", "first_mes": ')),
    "deep.jsonl": ("sillytavern_chat", _said(b"[", 5_000_000, before=b'{"name": "A", "is_user": 1, "mes": ')),
    "zeros.json": ("chat_dataset", _said(b"0,", 15_000_000, before=b"[", after=b"0]")),
    "lists.json": ("chat_dataset", _said(b"[],", 10_000_000, before=b'{"messages": [', after=b"0]}")),
    "lists_in_a_card.json": ("character_card", _said(b"[],", 10_000_000, before=_CARD + b'", "x": [', after=b"0]}")),
    "keys.json": ("character_card", _keys),
    "wide.json": ("character_card", _said("\U0001f409".encode(), 7_500_000, before=_CARD, after=b'"}')),
    "wide.jsonl": ("sillytavern_chat", _said("\U0001f409".encode(), 8_000_000, before=_MES, after=b'"}')),
    "long.jsonl": ("sillytavern_chat", _said(b"x", 100 * MB, before=_MES, after=b'"}')),
    "long.txt": ("plain_script", _said(b"x", 60 * MB, before=b"ANNA: ")),
    "short_lines.txt": ("plain_script", _said(b"A: b\n", 400_000)),
    "quotes.txt": ("novel", _said("“No,” said Anna. ‘".encode(), 20_000)),
    "open_quotes.txt": ("novel", _said("“".encode(), 5_000_000)),
    "chat.txt": ("whatsapp", _said(b"12/05/2024, 10:14 - Anna: hi\n", 60_000)),
    "one_message.txt": ("whatsapp", _said(b"and on\n", 1_000_000, before=b"12/05/2024, 10:14 - Anna: hi\n")),
    "cues.srt": ("subtitles", _said(b"1\n00:00:01,000 --> 00:00:02,000\nANNA: hi\n\n", 50_000)),
    "columns.csv": ("table", _columns),
    "rows.csv": ("table", _said(b"a,b\n", 50_000, before=b"prompt,reply\n")),
    "quote.csv": ("table", _said(b"a,b\n", 8_000_000, before=b'prompt,reply\n"')),
    "repeated.parquet": ("table", _repeated_table),
    "turns.txt": ("chatml_text", _said(b"<|im_start|>user\nhi<|im_end|>\n", 150_000)),
    "begun.txt": ("chatml_text", _said(b"<|im_start|>", 3_000_000)),
    "nothing.txt": ("plain_script", _said(b"\0", 60 * MB)),
    "spaces.json": ("character_card", _said(b" ", 30 * MB, before=b"{")),
    "backslashes.json": ("character_card", _said(b"\\\\", 12_000_000, before=_CARD, after=b'"}')),
    "zeros.zip": ("plain_script", _zeros_in_a_zip),
    "zeros.charx": ("character_card", _zeros_in_a_card),
}


if __name__ == "__main__":
    _BOMBS[Path(sys.argv[1]).name][1](Path(sys.argv[1]))
