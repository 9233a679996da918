"""The token sheet: every colour, size and distance of the window, once, for the dark and the light theme."""

from dataclasses import dataclass

# 8-px grid: distances are multiples of 4.
TIGHT, SMALL, MEDIUM, LARGE, HUGE = 4, 8, 12, 16, 24
PAGE_MARGINS = (28, 24, 28, 20)
CARD_MARGINS = (16, 16, 16, 14)

# The type scale, in pixels.
FONT_SMALL, FONT_BODY, FONT_HEADING, FONT_TITLE, FONT_DISPLAY = 12, 13, 15, 20, 28

RADIUS_CARD, RADIUS_CONTROL, RADIUS_CHIP = 12, 9, 9
RAIL_WIDTH = 82
ICON, ICON_RAIL = 16, 22
PORTRAIT_SMALL, PORTRAIT_HEADER, PORTRAIT_CARD = 26, 44, 64

# Colours given in turn to personas without one of their own.
PERSONA_COLOURS = (
    "#f2937b", "#7fb3ff", "#6fd0a8", "#c79bff", "#f0c05b", "#ff8fb8", "#79d2e6", "#b6cf6a",
)  # fmt: skip


@dataclass(frozen=True, kw_only=True)
class Theme:
    """Colours as ``#rrggbb``. Words are written in any role but ``faint`` and ``line``, which are decoration only.

    Grounds, from back to front: ``rail``, ``ground``, ``surface`` (cards), ``raised`` (controls, bubbles), ``hover``.
    """

    name: str
    dark: bool
    ground: str
    rail: str
    surface: str
    raised: str
    hover: str
    line: str
    text: str
    muted: str
    faint: str
    accent: str
    on_accent: str
    accent_ground: str
    good: str
    good_ground: str
    warn: str
    warn_ground: str
    bad: str
    bad_ground: str

    @property
    def grounds(self) -> tuple[str, ...]:
        """Everything that words may stand on (tinted grounds carry their own role and ``text`` only)."""
        return (self.ground, self.rail, self.surface, self.raised, self.hover)

    def role(self, name_or_colour: str) -> str:
        """Return the colour of a role such as ``muted``; a ``#rrggbb`` is returned as it is."""
        return name_or_colour if name_or_colour.startswith("#") else str(getattr(self, name_or_colour))


DARK = Theme(
    name="dark", dark=True,
    ground="#121419", rail="#0e1014", surface="#191c22", raised="#20242c", hover="#282d37", line="#2b303a",
    text="#e9ebef", muted="#98a1af", faint="#69717f",
    accent="#8ea6ff", on_accent="#0f1320", accent_ground="#232a44",
    good="#5cc9a0", good_ground="#17362b", warn="#f0b45b", warn_ground="#3a2e18", bad="#f07878", bad_ground="#3d1f22",
)  # fmt: skip
LIGHT = Theme(
    name="light", dark=False,
    ground="#f6f5f2", rail="#eeece7", surface="#ffffff", raised="#faf9f6", hover="#efede8", line="#e1ded6",
    text="#1d2026", muted="#5a616d", faint="#8c929c",
    accent="#3f5bd6", on_accent="#ffffff", accent_ground="#e6eaff",
    good="#17724d", good_ground="#d9f2e6", warn="#855407", warn_ground="#fbeed6", bad="#b32f2f", bad_ground="#fbe3e1",
)  # fmt: skip

_current = DARK


def current() -> Theme:
    """Return the theme that is shown now. Ask when painting; do not keep it."""
    return _current


def use(theme: Theme) -> None:
    """Make ``theme`` the current one. Only ``switcher.apply_theme`` calls this, because it also repaints."""
    global _current
    _current = theme


def contrast(first: str, second: str) -> float:
    """Return the WCAG contrast ratio of two ``#rrggbb`` colours (1 to 21)."""
    darker, lighter = sorted((_luminance(first), _luminance(second)))
    return (lighter + 0.05) / (darker + 0.05)


def readable(colour: str, ground: str, least: float = 4.5) -> str:
    """Return ``colour`` (a persona's, say), moved towards the text colour until it can be read on ``ground``."""
    target = current().text
    for step in range(11):
        mixed = mix(colour, target, step / 10)
        if contrast(mixed, ground) >= least:
            return mixed
    return target


def mix(first: str, second: str, share: float) -> str:
    """Return the colour that is ``share`` of the way from ``first`` to ``second``."""
    pairs = zip(_channels(first), _channels(second), strict=True)
    return "#" + "".join(f"{round(a + (b - a) * share):02x}" for a, b in pairs)


def _channels(colour: str) -> tuple[int, int, int]:
    return int(colour[1:3], 16), int(colour[3:5], 16), int(colour[5:7], 16)


def _luminance(colour: str) -> float:
    linear = [_linear(channel / 255) for channel in _channels(colour)]
    return 0.2126 * linear[0] + 0.7152 * linear[1] + 0.0722 * linear[2]


def _linear(channel: float) -> float:
    return float(channel / 12.92 if channel <= 0.03928 else ((channel + 0.055) / 1.055) ** 2.4)
