"""Every word of the window goes through ``tr``: what a pseudo-language leaves unmarked was forgotten."""

import gettext
import re
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6.QtWidgets import QAbstractButton, QLabel, QLineEdit, QWidget
from pytestqt.qtbot import QtBot

from studio import texts
from studio.gui.main_window import MainWindow
from studio.gui.window.window_state import WindowState
from studio.services.studio import Studio
from tests.gui.conftest import add_persona

PAGES = ("personas", "persona", "chat", "train", "models", "first_start")
# Names of things, units and keys: not words of a language.
NAMES = re.compile(
    r"^(Persona Studio|QLoRA|LoRA|DoRA|GGUF|CPU|Apache.*|NF4|Oswin|Wren|Talk \d+|talks\.jsonl|[/\\].*"
    r"|Tik|Mira Vane|Brother Oswin)$"
)


class Pseudo(gettext.NullTranslations):
    def gettext(self, message: str) -> str:
        return f"⟦{message}⟧"

    def ngettext(self, one: str, many: str, count: int) -> str:
        return f"⟦{one if count == 1 else many}⟧"


@pytest.fixture
def pseudo_language() -> Iterator[None]:
    before = texts._translation
    texts.use_translation(Pseudo())
    yield
    texts.use_translation(before)


def words(widget: QWidget) -> list[str]:
    if isinstance(widget, (QLabel, QAbstractButton)):
        return [widget.text(), widget.toolTip(), widget.accessibleName()]
    if isinstance(widget, QLineEdit):
        return [widget.placeholderText(), widget.accessibleName()]
    return [widget.accessibleName()]


def forgotten(window: QWidget) -> set[str]:
    found = {text for widget in window.findChildren(QWidget) for text in words(widget)}
    plain = {re.sub(r"<[^>]*>", "", text).strip() for text in found}
    return {one for one in plain if re.search(r"[A-Za-z]{3}", one) and "⟦" not in one and not NAMES.match(one)}


@pytest.mark.parametrize("page", PAGES)
@pytest.mark.usefixtures("pseudo_language")
def test_no_word_was_forgotten(qtbot: QtBot, studio: Studio, page: str, tmp_path: Path) -> None:
    window = MainWindow(WindowState(studio.library))
    qtbot.addWidget(window)
    window.show()
    window.attach(studio)
    window.open_page(page)
    missing = forgotten(window)
    persona = add_persona(studio, "Oswin", conversations=3)
    for tab in ("card", "data", "adapters") if page == "persona" else ():
        window.open_persona(persona.id, tab)
        missing |= forgotten(window)
    said = {turn.text for stored in studio.data.conversations(persona.id) for turn in stored.conversation.turns}
    assert {one for one in missing if not any(one in text or text in one for text in said)} == set()


def test_a_forgotten_word_is_found(qtbot: QtBot) -> None:
    window = QWidget()
    qtbot.addWidget(window)
    QLabel("Nobody translated this", window)
    QLabel("⟦Somebody did⟧", window)
    assert forgotten(window) == {"Nobody translated this"}
