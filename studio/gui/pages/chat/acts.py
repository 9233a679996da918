"""What the menu of the open chat asks for, done: another title, a blend as a new column, the comparison as a file."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QFileDialog

from studio.domain.chat import Contestant
from studio.domain.errors import StudioError
from studio.gui.pages.chat.columns.comparison_picture import write_picture
from studio.gui.pages.chat.presenter import Presenter
from studio.gui.widgets.line_dialog import ask_line
from studio.texts import tr

if TYPE_CHECKING:
    from studio.gui.navigator import Navigator
    from studio.gui.pages.chat.columns.acts import ColumnActs
    from studio.gui.pages.chat.columns.board import Board
    from studio.gui.pages.chat.talk.screen import Try
    from studio.services.studio import Studio

_ENDINGS = {"markdown": ".md", "json": ".json", "picture": ".png"}


class ChatActs:
    """``delete`` is the page's own."""

    def __init__(
        self, studio: Studio, navigator: Navigator, presenter: Presenter, board: Board, columns: ColumnActs,
        guarded: Try, delete: Callable[[], None],
    ) -> None:  # fmt: skip
        self._studio, self._navigator, self._presenter = studio, navigator, presenter
        self._board, self._columns, self._guarded, self._delete = board, columns, guarded, delete

    def act(self, word: str) -> None:
        """Do what the menu asked for."""
        if word in _ENDINGS:
            self._ask_file(word)
        else:
            acts = {"rename": self._rename, "blend": self._blend, "delete": self._delete}
            self._guarded(acts[word])

    def export(self, kind: str, out: Path) -> None:
        """Write the comparison as ``markdown``, ``json`` or ``picture``, and say how it went."""
        self._guarded(lambda: self._write(kind, out))

    def _write(self, kind: str, out: Path) -> None:
        if kind == "picture":
            write_picture(self._board, self._presenter.title, out)
        else:
            out.unlink(missing_ok=True)  # the file dialog has asked already
            self._studio.chat_exports.write(self._presenter.chat_id, kind, out)
        self._navigator.toast(tr("Written: {path}", path=out))

    def _ask_file(self, kind: str) -> None:
        if self._presenter.hides_names and kind != "picture":
            self._navigator.show_error(StudioError("comparison_blind"))
            return
        ending = _ENDINGS[kind]
        name, _ = QFileDialog.getSaveFileName(
            self._board, tr("Where to?"), f"{_file_name(self._presenter.title)}{ending}", f"*{ending}"
        )
        if name:
            self.export(kind, Path(name).with_suffix(ending))

    def _rename(self) -> None:
        def rename(title: str) -> None:
            self._guarded(lambda: self._presenter.rename(title))

        ask_line(self._board, tr("Rename this chat"), tr("Title"), self._presenter.title, rename)

    def _blend(self) -> None:
        first = next((one for one in self._presenter.contestants() if one.parts), Contestant())
        self._columns.blend(first, self._presenter.add_column)


def _file_name(title: str) -> str:
    kept = "".join(letter if letter.isalnum() or letter in " -_" else " " for letter in title)
    return " ".join(kept.split())[:60] or "chat"
