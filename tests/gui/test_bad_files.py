"""What cannot be used is told in one sentence, in the window, and the library stays as it was."""

import struct
from collections.abc import Callable
from pathlib import Path

import pytest
from pytestqt.qtbot import QtBot

from studio.gui.pages.models.page import Page as ModelsPage
from studio.gui.pages.personas.import_dialog import ImportDialog
from studio.services.studio import Studio
from tests.gui.conftest import Here, add_persona

PNG = b"\x89PNG\r\n\x1a\n"
TALK = b'{"conversations": [{"from": "human", "value": "Hi?"}, {"from": "gpt", "value": "Eleven."}]}\n'
HUGE = 200 * 2**20


def _broken_png(path: Path) -> None:
    path.write_bytes(PNG + struct.pack(">I", 13) + b"IHDR\0\0")


def _cut_jsonl(path: Path) -> None:
    path.write_bytes(TALK * 3 + TALK[:40])


def _huge_text_chunk(path: Path) -> None:
    """The chunk is declared and lies on the disk as a hole."""
    with path.open("wb") as file:
        file.write(PNG + struct.pack(">I", HUGE) + b"tEXtccv3\0")
        file.truncate(HUGE + 32)


def _no_format(path: Path) -> None:
    path.write_bytes(bytes(range(256)) * 16)


@pytest.mark.parametrize(
    ("name", "make", "said"),
    [
        ("card.png", _broken_png, "not a whole PNG file"),
        ("talk.jsonl", _cut_jsonl, "line 4: not valid JSON"),
        ("huge.png", _huge_text_chunk, "200 MB; the limit is"),
        ("odd.xyz", _no_format, "no format that the studio knows"),
    ],
)
def test_a_file_that_cannot_be_read(
    qtbot: QtBot, studio: Studio, here: Here, tmp_path: Path, name: str, make: Callable[[Path], None], said: str
) -> None:
    before = add_persona(studio, "Oswin")
    make(tmp_path / name)
    dialog = ImportDialog(studio, here)
    qtbot.addWidget(dialog)
    dialog.show()
    dialog.read([tmp_path / name])
    rows = dialog.presenter
    qtbot.waitUntil(lambda: said in " ".join([*(row.trouble for row in rows.rows), *here.errors]), timeout=20_000)
    assert [one.persona for one in studio.personas.list()] == [before]


def test_a_base_with_pickled_weights(qtbot: QtBot, studio: Studio, here: Here, tmp_path: Path) -> None:
    folder = tmp_path / "base"
    folder.mkdir()
    (folder / "config.json").write_text("{}", encoding="utf-8")
    (folder / "pytorch_model.bin").write_bytes(b"x")
    page = ModelsPage(studio, here)
    qtbot.addWidget(page)
    page.show()
    page.open()
    page.presenter.add(folder)
    qtbot.waitUntil(lambda: "pickled weights" in page.presenter.trouble, timeout=20_000)
    assert studio.models.list() == []
