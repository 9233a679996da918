"""What changed between two texts, word by word, and as safe HTML. Knows no Qt."""

import html
import re
from collections.abc import Sequence
from dataclasses import dataclass
from difflib import SequenceMatcher

SAME, REMOVED, ADDED, GAP = "same", "removed", "added", "gap"
MOST_TOKENS = 4_000
"""Longer texts are compared by lines: comparing them word by word takes too long to be waited for."""
_TOKEN = re.compile(r"\s+|\w+|[^\w\s]")
_LINE = re.compile(r"[^\n]*\n|[^\n]+")


@dataclass(frozen=True)
class Piece:
    """A stretch of text: ``same``, ``removed``, ``added``, or ``gap`` (something equal that is not shown)."""

    kind: str
    text: str


@dataclass(frozen=True, kw_only=True)
class ShownChange:
    """One change in a list. ``key`` comes back when its ``place`` is clicked; ``removed``: the whole thing goes."""

    key: str
    place: str
    before: str = ""
    after: str = ""
    removed: bool = False


def diff(before: str, after: str) -> list[Piece]:
    """Return the pieces that lead from one text to the other."""
    cut = _TOKEN if len(before) + len(after) < 5 * MOST_TOKENS else _LINE
    old, new = cut.findall(before), cut.findall(after)
    pieces: list[Piece] = []
    for act, a, b, c, d in SequenceMatcher(None, old, new, autojunk=False).get_opcodes():
        if act == "equal":
            _add(pieces, SAME, "".join(old[a:b]))
        else:
            _add(pieces, REMOVED, "".join(old[a:b]))
            _add(pieces, ADDED, "".join(new[c:d]))
    return _joined(pieces)


def _add(pieces: list[Piece], kind: str, text: str) -> None:
    if text:
        pieces.append(Piece(kind, text))


def _joined(pieces: Sequence[Piece]) -> list[Piece]:
    """A single space between two changes belongs to both: else every word of a sentence is its own change."""
    found: list[Piece] = []
    removed, added = "", ""
    for place, piece in enumerate(pieces):
        inside = piece.kind == SAME and piece.text.isspace() and "\n" not in piece.text and (removed or added)
        if piece.kind == SAME and not (inside and place + 1 < len(pieces)):
            _flush(found, removed, added)
            removed = added = ""
            found.append(piece)
            continue
        removed += piece.text if piece.kind != ADDED else ""
        added += piece.text if piece.kind != REMOVED else ""
    _flush(found, removed, added)
    return found


def _flush(found: list[Piece], removed: str, added: str) -> None:
    if removed.isspace() and removed == added:
        _add(found, SAME, removed)
        return
    _add(found, REMOVED, removed)
    _add(found, ADDED, added)


def condensed(pieces: Sequence[Piece], around: int = 60) -> list[Piece]:
    """Shorten what is the same to about ``around`` letters beside each change."""
    found: list[Piece] = []
    for place, piece in enumerate(pieces):
        if piece.kind != SAME or len(piece.text) <= 2 * around + 20:
            found.append(piece)
            continue
        head = "" if place == 0 else _head(piece.text, around)
        tail = "" if place == len(pieces) - 1 else _tail(piece.text, around)
        _add(found, SAME, head)
        found.append(Piece(GAP, " … "))
        _add(found, SAME, tail)
    return found


def _head(text: str, around: int) -> str:
    cut = text[:around]
    return cut[: cut.rfind(" ")] if " " in cut else cut


def _tail(text: str, around: int) -> str:
    cut = text[-around:]
    return cut[cut.find(" ") + 1 :] if " " in cut else cut


def to_html(pieces: Sequence[Piece], *, removed: str, removed_ground: str, added: str, added_ground: str) -> str:
    """Return HTML in which removed words are struck through and added ones underlined: never colour alone."""
    styles = {
        REMOVED: f"color:{removed}; background-color:{removed_ground}; text-decoration:line-through;",
        ADDED: f"color:{added}; background-color:{added_ground}; text-decoration:underline;",
    }
    return "".join(_styled(piece, styles.get(piece.kind, "")) for piece in pieces)


def _styled(piece: Piece, style: str) -> str:
    shown = html.escape(piece.text).replace("\n", "↵<br>" if style else "<br>")
    return f'<span style="{style}">{shown}</span>' if style else shown
