"""The window is painted before the library is open, in a process that never sees torch."""

import json
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = """
import json, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from studio.gui.app import WindowProgram

def heavy():
    return sorted({"torch", "transformers", "numpy", "pandas", "sqlite3", "datasets"} & set(sys.modules))

app = QApplication([])
program = WindowProgram(app, Path(sys.argv[1]), [sys.executable, "-m", "tests.fake_engine"])
seen = {}
program.window.painted.disconnect()
def painted():
    seen["at_first_paint"] = heavy()
    seen["studio_then"] = program.window.studio is not None
    program._painted()
    seen["seconds"] = program.first_paint_seconds
    seen["page"] = program.window.pages.current_name
    seen["torch"] = [name for name in ("torch", "transformers", "peft") if name in sys.modules]
    for page in ("personas", "persona", "chat", "train", "models", "settings"):
        program.window.open_page(page)
    seen["torch_after_all_pages"] = [name for name in ("torch", "transformers", "peft") if name in sys.modules]
    seen["bugs"] = program.bugs.reports
    QTimer.singleShot(50, program.window.close)
    QTimer.singleShot(400, app.quit)
program.window.painted.connect(painted)
program.show()
app.exec()
print(json.dumps(seen))
"""


def test_first_paint(tmp_path: Path) -> None:
    ran = subprocess.run(
        [sys.executable, "-c", PROGRAM, str(tmp_path / "library")],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    seen = json.loads(ran.stdout.splitlines()[-1])
    assert seen["at_first_paint"] == []
    assert not seen["studio_then"]
    assert seen["seconds"] > 0.05  # how long it took is for tests/benchmarks/first_paint.py to say
    assert seen["page"] == "first_start"
    assert seen["torch"] == seen["torch_after_all_pages"] == []
    assert seen["bugs"] == []


REOPENING = """
import json, sys
from pathlib import Path
from PySide6.QtCore import QTimer
from PySide6.QtWidgets import QApplication
from studio import paths
from studio.gui.app import WindowProgram

paths._note = lambda: Path(sys.argv[2]) / "note.txt"
app = QApplication([])
program = WindowProgram(app, Path(sys.argv[1]), [sys.executable, "-m", "tests.fake_engine"])
seen = []

def look():
    if program.window.studio is None:
        return
    seen.append(str(program.window.studio.library))
    if len(seen) == 1:
        program.window.reopen(Path(sys.argv[2]))
    else:
        timer.stop()
        seen.append(str(paths.default_library()))
        program.window.close()

timer = QTimer()
timer.timeout.connect(look)
timer.start(20)
program.show()
app.exec()
print(json.dumps(seen))
"""


def test_another_library_is_opened_and_remembered(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.delenv("PERSONA_STUDIO_LIBRARY")
    first, second = tmp_path / "first", tmp_path / "second"
    ran = subprocess.run(
        [sys.executable, "-c", REOPENING, str(first), str(second)],
        capture_output=True, text=True, timeout=120, check=False,
    )  # fmt: skip
    assert ran.returncode == 0, ran.stderr
    assert json.loads(ran.stdout.splitlines()[-1]) == [str(first), str(second), str(second)]
