"""The window in a pseudo-language: prints, as JSON, every visible text that did not go through ``tr``.

Translated words come in brackets. What people call their things is made of digits here, so any letter outside of
brackets was forgotten. A program of its own, because some words are asked for when a module is imported.
"""

import gettext
import json
import os
import re
import sys
from collections.abc import Iterator
from pathlib import Path
from tempfile import TemporaryDirectory

os.environ.setdefault("QT_QPA_PLATFORM", "offscreen")
os.environ["FAKE_ENGINE_SPEED"] = "0"
os.environ["FAKE_ENGINE_DEVICE"] = "cpu"

OPEN, CLOSE = "⟦", "⟧"
SAME_EVERYWHERE = (
    "Persona Studio", "Ctrl", "Shift", "Alt", "Esc", "Enter", "Return", "Del", "Up", "Down", "Left", "Right", "Ins",
    "F1", "GB", "MB", "KB", "B",
    "QLoRA", "LoRA", "NF4", "PEFT", "CPU", "English", "Apache-2.0", "LlamaForCausalLM", "Imaginary processor",
)  # fmt: skip
"""Names, keys and units; the processor is the fake engine's."""


class Brackets(gettext.NullTranslations):
    """Says everything in brackets."""

    def gettext(self, message: str) -> str:
        return f"{OPEN}{message}{CLOSE}"

    def ngettext(self, msgid1: str, msgid2: str, n: int) -> str:
        return self.gettext(msgid1 if n == 1 else msgid2)


def is_forgotten(text: str, folder: str = "") -> bool:
    """True if a word stands outside of brackets; names, keys, units, markup and paths in ``folder`` are no words."""
    left = re.sub(re.escape(folder) + r"\S*", "", _outside(text)) if folder else _outside(text)
    for name in SAME_EVERYWHERE:
        left = left.replace(name, "")
    return bool(re.search(r"[^\W\d_]{2}", left))


def _outside(text: str) -> str:
    depth, left = 0, ""
    for letter in re.sub(r"<[^>]+>", "", text):
        depth = max(0, depth + (letter == OPEN) - (letter == CLOSE))
        left += letter if depth == 0 and letter != CLOSE else ""
    return left


def main() -> None:
    """Walk through the window, first empty, then with one persona and one base."""
    from studio.texts import use_translation

    use_translation(Brackets())
    from PySide6.QtWidgets import QApplication

    from tests.stage import Stage

    app = QApplication([])
    found: list[dict[str, str]] = []
    seen = 0
    with TemporaryDirectory() as folder:
        stage = Stage(app, Path(folder))
        stage.show()
        for place in _walk(stage):
            stage.spin(0.2)
            for kind, text in _texts(stage):
                seen += 1
                if is_forgotten(text, folder):
                    found.append({"place": place, "kind": kind, "text": text})
        stage.close()
    unique = {(one["kind"], one["text"]): one for one in found}
    print(json.dumps({"seen": seen, "forgotten": list(unique.values())}, ensure_ascii=False))


def _walk(stage) -> Iterator[str]:  # type: ignore[no-untyped-def] # Stage needs the translation to be there first
    window = stage.window
    for name in ("first_start", "personas", "chat", "train", "models", "settings"):
        window.open_page(name)
        yield f"{name}, empty"
    persona = _fill(stage)
    for name in ("personas", "chat", "train", "models"):
        window.open_page(name)
        yield name
    for tab in ("card", "data", "adapters"):
        window.open_persona(persona, tab)
        yield f"persona, {tab}"
    window.open_persona(persona, "data")
    for view in ("findings", "coverage", "versions"):
        window.pages.page("persona").data.show_view(view)
        yield f"persona, data, {view}"
    for name in ("show_palette", "show_shortcuts"):
        getattr(window, name)()
        yield name


def _fill(stage) -> str:  # type: ignore[no-untyped-def]
    from studio.domain.conversation import Conversation, Role, Turn
    from studio.importers import ImportItem, ImportPlan
    from tests.fake_engine_work import write_safetensors

    talks = tuple(
        Conversation(turns=(Turn(role=Role.USER, text=f"1 {n}?"), Turn(role=Role.PERSONA, text=f"2 {n}.")))
        for n in range(30)
    )
    item = ImportItem(
        path=Path("1.txt"), format="plain_script", format_label="1", persona_name="77", card=None, conversations=talks
    )
    report = stage.studio.imports.commit(ImportPlan(items=(item,)))
    base = stage.folder / "55"
    base.mkdir()
    (base / "config.json").write_text("{}", encoding="utf-8")
    write_safetensors(base / "model.safetensors", {"w": (2, 2)})
    stage.finished(stage.studio.models.add(base))
    persona: str = report.personas[0].persona_id
    return persona


def _texts(stage) -> Iterator[tuple[str, str]]:  # type: ignore[no-untyped-def]
    from PySide6.QtWidgets import QApplication, QWidget

    for widget in [top for top in QApplication.topLevelWidgets() if top.isVisible()]:
        for one in [widget, *widget.findChildren(QWidget)]:
            if one.isVisibleTo(widget):
                yield from ((type(one).__name__, text) for text in _said_by(one) if text)


def _said_by(widget) -> Iterator[str]:  # type: ignore[no-untyped-def]
    from PySide6.QtWidgets import QAbstractButton, QComboBox, QLabel, QLineEdit, QPlainTextEdit, QTabBar, QTextEdit

    yield widget.toolTip()
    yield widget.accessibleName()
    if isinstance(widget, QLabel | QAbstractButton):
        yield widget.text()
    if isinstance(widget, QLineEdit | QTextEdit | QPlainTextEdit):
        yield widget.placeholderText()
    if isinstance(widget, QComboBox):
        yield from (widget.itemText(at) for at in range(widget.count()))
    if isinstance(widget, QTabBar):
        yield from (widget.tabText(at) for at in range(widget.count()))


if __name__ == "__main__":
    main()
    sys.stdout.flush()
