"""Roleplay text to safe styled text: actions in italics, light Markdown, and never a tag that acts as one. Knows no Qt.

Nothing is swallowed: whatever is not markup of ours is shown as it was written, tags and ``<START>`` included.
Qt's own Markdown reader joins single newlines, eats tags and reads "1. He" as a list, so it is not used.
"""

import html
import re

_FENCE = re.compile(r"^\s*(```|~~~)")
_HEADING = re.compile(r"^#{1,4}\s+(?=\S)")
_RULE = re.compile(r"^\s*([-*_])(\s*\1){2,}\s*$")
_BULLET = re.compile(r"^(\s*)[-*+]\s+(?=\S)")
_CODE = re.compile(r"(`+)(.+?)\1")
_STRONG = re.compile(r"\*\*(?=\S)(.+?)(?<=\S)\*\*|__(?=\S)(.+?)(?<=\S)__(?!\w)")
_ACTION = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*]*?[^\s*])\*(?![\w*])")
_UNDERLINED = re.compile(r"(?<!\w)_(?=[^\s_])([^_\n]*?[^\s_])_(?!\w)")
_STRUCK = re.compile(r"~~(?=\S)(.+?)(?<=\S)~~")
_OPEN_ACTION = re.compile(r"(?<![\w*])\*(?=[^\s*])([^*]+)$")


def styled(text: str, *, muted: str, code_ground: str, unfinished: bool = False) -> str:
    """Return HTML for ``text`` in which every character of it is escaped. ``muted`` colours actions.

    ``unfinished``: the text still streams, so an action that is not closed yet is already shown as one.
    """
    return "".join(
        _code_block(body, code_ground) if is_code else _prose(body, muted, code_ground, unfinished)
        for is_code, body in _parts(text)
    )


def plain(text: str) -> str:
    """What a screen reader should say: the text without asterisks and other marks."""
    return re.sub(r"[*_`~]+", "", text)


def _parts(text: str) -> list[tuple[bool, str]]:
    """Split at code fences; a fence that is never closed runs to the end."""
    parts: list[tuple[bool, list[str]]] = [(False, [])]
    for line in text.replace("\r\n", "\n").split("\n"):
        if _FENCE.match(line):
            parts.append((not parts[-1][0], []))
        else:
            parts[-1][1].append(line)
    return [(is_code, "\n".join(lines)) for is_code, lines in parts if lines]


def _code_block(body: str, ground: str) -> str:
    shown = html.escape(body).replace(" ", "&nbsp;").replace("\n", "<br>")
    return f'<p style="font-family:monospace; background-color:{ground}; margin:6px 0;">{shown}</p>'


def _prose(body: str, muted: str, code_ground: str, unfinished: bool) -> str:
    kept: list[str] = []

    def keep(match: re.Match[str]) -> str:
        kept.append(match.group(2))
        return f"\x00{len(kept) - 1}\x00"

    safe = _CODE.sub(keep, body.replace("\x00", ""))
    safe = html.escape(safe, quote=False)
    lines = "\n".join(_line(line) for line in safe.split("\n"))
    shown = _inline(lines, muted, unfinished)
    for number, code in enumerate(kept):
        block = f'<span style="font-family:monospace; background-color:{code_ground};">{html.escape(code)}</span>'
        shown = shown.replace(f"\x00{number}\x00", block)
    return _paragraphs(shown)


def _line(line: str) -> str:
    """Marks that stand at the start of a line: heading, rule, bullet. Numbers and quotes stay as written."""
    if _RULE.match(line):
        return "⁂"
    if _HEADING.match(line):
        return f"\x01b\x02{_HEADING.sub('', line)}\x01/b\x02"
    return _BULLET.sub(lambda match: "\u00a0" * (len(match.group(1)) + 1) + "•\u00a0", line)


def _inline(text: str, muted: str, unfinished: bool) -> str:
    def action(match: re.Match[str]) -> str:
        # an action may run over a blank line: each paragraph of it gets its own mark
        pieces = re.split(r"(\n+)", match.group(1))
        return "".join(piece if piece.startswith("\n") else _italic(piece, muted) for piece in pieces)

    text = _STRONG.sub(lambda match: f"\x01b\x02{match.group(1) or match.group(2)}\x01/b\x02", text)
    text = _ACTION.sub(action, text)
    text = _UNDERLINED.sub(lambda match: _italic(match.group(1), muted), text)
    text = _STRUCK.sub(lambda match: f"\x01s\x02{match.group(1)}\x01/s\x02", text)
    if unfinished:
        text = _OPEN_ACTION.sub(action, text)
    return text.replace("\x01", "<").replace("\x02", ">")


def _italic(piece: str, muted: str) -> str:
    return f'\x01span style="font-style:italic; color:{muted};"\x02{piece}\x01/span\x02' if piece else ""


def _paragraphs(shown: str) -> str:
    blocks = re.split(r"\n[ \t]*\n+", shown.strip("\n"))
    return "".join(
        f'<p style="margin:0 0 8px 0; line-height:112%;">{_breaks(block)}</p>' for block in blocks if block.strip()
    )


def _breaks(block: str) -> str:
    return re.sub(r" {2,}", lambda run: "&nbsp;" * len(run.group()), block).replace("\n", "<br>")
