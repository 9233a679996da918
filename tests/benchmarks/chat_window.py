"""How long the window stands still while eight columns stream: ``python -m tests.benchmarks.chat_window``.

The real window (offscreen) on the fake engine, which answers at two paces: a hundred tokens a second in each of eight
columns, as a fast graphics card does, and as fast as it can be read. A training runs beside it. A probe timer of 4 ms
in the window's event loop tells the gaps between its ticks, and how much of a gap the window itself worked: on a busy
machine the rest is others'. Then chats of 2,000 messages are opened, each time until the window has painted them. The
last line is JSON.
"""

import json
import os
import sys
import tempfile
import time
from dataclasses import replace
from pathlib import Path

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")

from PySide6.QtWidgets import QApplication

from studio.gui.app import SWITCH_SECONDS
from tests.benchmarks.window_smoothness import Probe
from tests.screenshot_chat_scenes import LONG, long_chat, page_of, voices
from tests.stage import Stage

WORDS = 500
PACES = {"100 tokens a second": "5", "as fast as can be": "0"}
OPENINGS = 5


class WorkProbe(Probe):
    """Knows the longest stretch of the window's own work between two ticks as well."""

    def __init__(self, app: QApplication) -> None:
        super().__init__(app)
        self.longest_work, self._worked = 0.0, 0.0
        self._timer.timeout.connect(self._work)

    def _work(self) -> None:
        now = time.thread_time()
        self.longest_work = max(self.longest_work, (now - self._worked) * 1000)
        self._worked = now

    def reset(self) -> None:
        """From now on."""
        self.longest_work, self._worked = 0.0, time.thread_time()


def stream(stage: Stage, probe: WorkProbe, name: str, chat_id: str) -> dict[str, float]:
    """Ask all columns of a chat; the longest gap and the longest work until all of it is said, in milliseconds."""
    page = page_of(stage)
    page.open(chat_id)
    stage.until(lambda: page.showing.idle)
    page.presenter.open_chat.set_sampler(replace(page.presenter.open_chat.sampler, max_tokens=WORDS))
    stage.spin(1.0)  # nobody changes a setting and sends within the same tenth of a second
    probe.reset()
    gap = probe.phase(
        name, lambda: page.bottom.composer.send_requested.emit("Tell me all of it."),
        lambda: not page.presenter.replies.busy and page.showing.idle,
    )  # fmt: skip
    return {f"{name}: longest gap, ms": gap, f"{name}: longest own work, ms": probe.longest_work}


def opening(stage: Stage, chat_id: str, other: str) -> tuple[float, float]:
    """Seconds until a chat is painted, coming from another one, and of these the window's own; medians of some."""
    page, found, own = page_of(stage), [], []
    for _ in range(OPENINGS):
        page.open(other)
        stage.spin(0.3)
        began, worked = time.perf_counter(), time.thread_time()
        page.open(chat_id)
        stage.until(lambda: page.showing.idle)
        stage.window.repaint()
        found.append(time.perf_counter() - began)
        own.append(time.thread_time() - worked)
    return sorted(found)[len(found) // 2], sorted(own)[len(own) // 2]


def measure(app: QApplication) -> dict[str, float]:
    """All figures by name."""
    found: dict[str, float] = {}
    for name, pace in PACES.items():
        os.environ |= {"FAKE_ENGINE_SPEED": "0", "FAKE_ENGINE_WORDS": ""}
        with tempfile.TemporaryDirectory() as folder:
            stage = Stage(app, Path(folder))
            stage.window.resize(1280, 800)
            stage.fill()
            stage.show()
            eight = voices(stage)
            chats = {count: long_chat(stage, eight[:count]) for count in (1, 2, 8)} if pace == "0" else {}
            new = stage.studio.chats.create("Short", eight)
            os.environ |= {"FAKE_ENGINE_SPEED": pace, "FAKE_ENGINE_WORDS": str(WORDS)}
            stage.studio.engine.restart()
            stage.spin(1.0)
            probe = WorkProbe(app)
            found |= stream(stage, probe, name, new.id)
            found |= stream(stage, probe, f"{name}, 2nd turn", new.id)
            if chats:
                found |= stream(stage, probe, f"in {LONG} messages", chats[8])
            for count, chat_id in chats.items():
                taken, own = opening(stage, chat_id, new.id)
                found[f"{LONG} messages, {count} columns, seconds to open"] = taken
                found[f"{LONG} messages, {count} columns, seconds of own work"] = own
            stage.close()
    return found


def main() -> None:
    """Print all figures."""
    sys.setswitchinterval(SWITCH_SECONDS)
    app = QApplication([])
    print(json.dumps({name: round(value, 4) for name, value in measure(app).items()}))


if __name__ == "__main__":
    main()
