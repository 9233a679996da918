"""Colours can be read in both themes, and changing the theme changes what is on the screen."""

import pytest
from PySide6.QtGui import QColor, QPalette
from PySide6.QtWidgets import QApplication, QPushButton

from studio.gui.theme import tokens
from studio.gui.theme.icons import set_icon
from studio.gui.theme.stylesheet import palette
from studio.gui.theme.switcher import apply_theme, switcher

THEMES = [tokens.DARK, tokens.LIGHT]


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("role", ["text", "muted", "good", "warn", "bad", "accent"])
def test_words_can_be_read_on_every_ground(theme: tokens.Theme, role: str) -> None:
    ratios = {ground: tokens.contrast(theme.role(role), ground) for ground in theme.grounds}
    assert min(ratios.values()) >= 4.5, ratios


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_words_can_be_read_on_tinted_grounds(theme: tokens.Theme) -> None:
    pairs = [(theme.on_accent, theme.accent), (theme.text, theme.accent_ground), (theme.ground, theme.text)]
    pairs += [(theme.role(role), theme.role(f"{role}_ground")) for role in ("good", "warn", "bad")]
    pairs += [(theme.text, theme.role(f"{role}_ground")) for role in ("good", "warn", "bad")]
    assert min(tokens.contrast(*pair) for pair in pairs) >= 4.5


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
@pytest.mark.parametrize("colour", [*tokens.PERSONA_COLOURS, "#000000", "#ffffff", "#ffff00"])
def test_a_persona_colour_becomes_readable(theme: tokens.Theme, colour: str, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(tokens, "_current", theme)
    assert tokens.contrast(tokens.readable(colour, theme.surface), theme.surface) >= 4.5


def test_contrast_is_the_one_of_wcag() -> None:
    assert tokens.contrast("#000000", "#ffffff") == pytest.approx(21.0)
    assert tokens.contrast("#777777", "#ffffff") == pytest.approx(4.48, abs=0.01)


@pytest.mark.parametrize("theme", THEMES, ids=lambda theme: theme.name)
def test_the_palette_holds_the_tokens(theme: tokens.Theme) -> None:
    made = palette(theme)
    assert made.color(QPalette.ColorRole.Window) == QColor(theme.ground)
    assert made.color(QPalette.ColorRole.PlaceholderText) == QColor(theme.muted)


def test_switching_tints_icons_again_and_tells(qapp: QApplication) -> None:
    apply_theme(qapp, "dark")
    button = QPushButton()
    set_icon(button, "mdi6.fire", "text")
    before, told = button.icon().cacheKey(), []
    switcher().theme_changed.connect(told.append)
    apply_theme(qapp, "light")
    switcher().theme_changed.disconnect(told.append)
    assert told == [tokens.LIGHT]
    assert tokens.current() is tokens.LIGHT
    assert button.icon().cacheKey() != before
    assert tokens.LIGHT.ground in qapp.styleSheet()
