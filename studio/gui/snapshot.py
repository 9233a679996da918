"""A picture of the real window: ``python -m studio.gui.snapshot --library DIR --out PNG [--chat ID]``.

Prints one JSON document: first_paint_seconds (from the start of this process), torch_loaded, screenshot.
"""

from __future__ import annotations

import argparse
import json
import sys
import time
from collections.abc import Sequence
from pathlib import Path

from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication

from studio.gui.app import WindowProgram

WIDTH, HEIGHT = 1440, 900
SETTLING_SECONDS = 1.0
PATIENCE_SECONDS = 60.0
_POLL_MILLISECONDS = 50


class Snapshot:
    """Waits for the paint, the library and the page, in this order; ends the program with an exit code."""

    def __init__(self, program: WindowProgram, app: QApplication, out: Path, chat_id: str) -> None:
        self._program = program
        self._app = app
        self._out = out
        self._chat_id = chat_id
        self._gives_up_at = time.monotonic() + PATIENCE_SECONDS
        self._timer = QTimer(program)
        self._timer.setInterval(_POLL_MILLISECONDS)
        self._timer.timeout.connect(self._look)
        self._timer.start()

    def _look(self) -> None:
        if self._program.window.studio is not None:
            self._timer.stop()
            self._open_page()
        elif time.monotonic() > self._gives_up_at:
            self._timer.stop()
            self._end("the library could not be opened in the window")

    def _open_page(self) -> None:
        if self._chat_id:
            self._program.window.open_chat(chat_id=self._chat_id)
        else:
            self._program.window.open_page("personas")
        QTimer.singleShot(int(SETTLING_SECONDS * 1000), self._grab)

    def _grab(self) -> None:
        self._out.parent.mkdir(parents=True, exist_ok=True)
        if not self._program.window.grab().save(str(self._out), "PNG"):
            self._end(f"{self._out} could not be written")
            return
        document = {
            "first_paint_seconds": round(self._program.first_paint_seconds or 0.0, 3),
            "torch_loaded": "torch" in sys.modules,
            "screenshot": str(self._out),
        }
        print(json.dumps(document), flush=True)
        self._end("")

    def _end(self, trouble: str) -> None:
        if trouble:
            print(trouble, file=sys.stderr, flush=True)
        self._program.window.close()
        self._app.exit(1 if trouble else 0)


def main(words: Sequence[str] | None = None) -> int:
    """Take one picture; returns the exit code."""
    parser = argparse.ArgumentParser(prog="python -m studio.gui.snapshot")
    parser.add_argument("--library", type=Path, required=True)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--chat", default="")
    given = parser.parse_args(words)
    app = QApplication(sys.argv[:1])
    program = WindowProgram(app, given.library)
    program.window.resize(WIDTH, HEIGHT)
    snapshot = Snapshot(program, app, given.out.absolute(), given.chat)  # kept: Qt's timer holds no reference
    program.show()
    code = app.exec()
    del snapshot
    return code


if __name__ == "__main__":
    sys.exit(main())
