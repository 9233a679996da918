"""Prose taken apart: chapters, paragraphs, and within those what is spoken and what is told."""

import re
from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from statistics import median

from studio.importers._novel_words import Language
from studio.importers._script_lines import scene_title

_NUMBER_ALONE = re.compile(r"(?:[IVXLC]{1,7}|\d{1,3})\.?")
_CHAPTER = re.compile(r"(?i)(?:kapitel|chapitre|capítulo|capitolo|teil|partie|parte)\s+(?:\d+|[ivxlc]+|\w+)\.?")
_LICENCE_BEGINS = re.compile(r"\*\*\* ?START OF (?:THE|THIS) PROJECT GUTENBERG", re.IGNORECASE)
_LICENCE_ENDS = re.compile(r"\*\*\* ?END OF (?:THE|THIS) PROJECT GUTENBERG", re.IGNORECASE)
_DASHES = "—–―"
_DASH_LINE = re.compile(rf"[{_DASHES}-] ?(?=[^\W\d_]|[¿¡\"'«…])")
_INNER_DASH = re.compile(rf" ?[{_DASHES}] ?")
_CLOSING = {"“": "”", "„": "“”", "«": "»", "»": "«", "‘": "’", "「": "」", '"': '"', "'": "'"}
"""The mark that begins speech, to those that end it."""
_ENDS = ".,!?…:;—–-"
_FEW_WORDS = 40
_TOLD_PUNCTUATION = ",:.!?…—–;"


@dataclass(frozen=True, kw_only=True, slots=True)
class Piece:
    """A stretch of a paragraph, spoken or told."""

    spoken: bool
    text: str


@dataclass(frozen=True, kw_only=True, slots=True)
class Paragraph:
    """``goes_on``: the last quotation mark was not closed, so the next paragraph is the same speech."""

    pieces: tuple[Piece, ...]
    goes_on: bool = False

    @property
    def speaks(self) -> bool:
        """True when anything is spoken here."""
        return any(piece.spoken for piece in self.pieces)

    @property
    def told(self) -> str:
        """What is told, without what is spoken."""
        return " ".join(piece.text for piece in self.pieces if not piece.spoken)


def story_lines(lines: Iterable[str]) -> list[str]:
    """The lines between the licence texts of public libraries, or all."""
    kept: list[str] = []
    for line in lines:
        if _LICENCE_BEGINS.search(line[:200]):
            kept.clear()
        elif _LICENCE_ENDS.search(line[:200]):
            break
        else:
            kept.append(line)
    return kept


def blocks(lines: Sequence[str]) -> Iterator[tuple[str | None, str]]:
    """Yield (title, "") where a chapter begins and (``None``, text) for each paragraph."""
    begins_paragraph = _paragraph_rule(lines)
    gathered: list[str] = []
    for line in (*lines, ""):
        bare = line.strip()
        title = _title(bare) if bare else None
        if gathered and (not bare or title is not None or begins_paragraph(line)):
            yield None, " ".join(gathered)
            gathered = []
        if title is not None:
            yield title, ""
        elif bare:
            gathered.append(bare)


def _title(line: str) -> str | None:
    if _NUMBER_ALONE.fullmatch(line) or _CHAPTER.fullmatch(line[:80]):
        return line
    return scene_title(line) if line[0] not in _CLOSING else None


def _paragraph_rule(lines: Sequence[str]) -> Callable[[str], bool]:
    """Whether a line begins a paragraph though none is empty before it: prose is wrapped, indented, or a line each."""
    sample = lines[:4000]
    inner = [
        len(line) for line, following in zip(sample, sample[1:], strict=False) if line.strip() and following.strip()
    ]
    if not inner:
        return lambda line: False
    widest = sorted(inner)[int(len(inner) * 0.95)]
    if widest > 100 or median(inner) < 45:
        return lambda line: True
    indented = sum(line[:1] in " \t\u3000" for line in sample if line.strip())
    if 0.03 < indented / len(sample) < 0.7:
        return lambda line: line[:1] in " \t\u3000"
    return lambda line: False


def style_of(text: str) -> str:
    """The mark with which speech begins in this text: the one used most, by its opening form."""
    counts = {mark: text.count(mark) for mark in "“„‘「"}
    counts['"'] = text.count('"') // 2
    # » opens where it stands before a word, as in German print.
    counts["»"] = len(re.findall(r"»(?=\w)", text))
    counts["«"] = text.count("«") if counts["»"] < text.count("«") / 2 else 0
    if counts["„"]:
        counts["“"] = 0
    counts["—"] = sum(_DASH_LINE.match(line) is not None and line[0] != "-" for line in text.split("\n"))
    counts["'"] = 0 if any(counts.values()) else len(re.findall(r"(?<!\w)'(?=\w)", text))
    return max(counts, key=lambda mark: counts[mark])


def paragraph(text: str, style: str, language: Language) -> Paragraph:
    """Take a paragraph apart."""
    if style == "—":
        return Paragraph(pieces=tuple(_dashed(text, language)))
    pieces, goes_on = _quoted(text, style)
    return Paragraph(pieces=tuple(_without_mere_quotations(pieces)), goes_on=goes_on)


def _quoted(text: str, style: str) -> tuple[list[Piece], bool]:
    pieces: list[Piece] = []
    speaking, position = False, 0
    for mark in re.finditer(f"[{re.escape(style + _CLOSING[style])}]", text):
        if _closes(mark, style, text, position) if speaking else _opens(mark, style, text):
            pieces.append(Piece(spoken=speaking, text=text[position : mark.start()].strip()))
            speaking, position = not speaking, mark.end()
    pieces.append(Piece(spoken=speaking, text=text[position:].strip()))
    return [piece for piece in pieces if piece.text], speaking


def _opens(mark: re.Match[str], style: str, text: str) -> bool:
    before, after = text[max(0, mark.start() - 1) : mark.start()], text[mark.end() : mark.end() + 1]
    return mark[0] == style and not (style == "'" and (before.isalnum() or not after.strip()))


def _closes(mark: re.Match[str], style: str, text: str, begun: int) -> bool:
    """The mark that ends speech between single quotation marks is an apostrophe elsewhere.

    Behind a letter it ends a few words that begin small (‘the thing’), but not a sentence (‘The dogs’ tails …).
    """
    if mark[0] not in _CLOSING[style]:
        return False
    before, after = text[mark.start() - 1], text[mark.end() : mark.end() + 1]
    few_words = mark.start() - begun < _FEW_WORDS and text[begun].islower()
    return style not in "‘'" or (not after.isalnum() and (before in _ENDS or few_words))


def _without_mere_quotations(pieces: Sequence[Piece]) -> Iterator[Piece]:
    """Words in quotation marks within a sentence that is told are none of anybody's."""
    told = ""
    for piece in pieces:
        mere = piece.spoken and piece.text[0].islower() and piece.text[-1] not in _ENDS
        if mere and told and told[-1] not in _TOLD_PUNCTUATION:
            piece = Piece(spoken=False, text=piece.text)
        told = "" if piece.spoken else piece.text
        yield piece


def _dashed(text: str, language: Language) -> Iterator[Piece]:
    """Speech behind a dash; what follows another dash is told when it begins with a verb of saying."""
    if not _DASH_LINE.match(text):
        yield Piece(spoken=False, text=text)
        return
    spoken = True
    for part in _INNER_DASH.split(text[1:].strip()):
        first = part.split(" ", 1)[0].strip(",.;:!?").lower()
        tells = spoken and first in language.said
        said, told = (part, "") if not spoken or tells else _inner_tag(part, language)
        spoken = not tells
        for is_spoken, words in ((spoken, said.strip(" .") if tells else said.strip()), (False, told)):
            if any(char.isalnum() for char in words):
                yield Piece(spoken=is_spoken, text=words)


def _inner_tag(text: str, language: Language) -> tuple[str, str]:
    """Part ``Oui, dit Marie.`` at the comma before the verb; the verb's sentence is told."""
    for match in re.finditer(r", (?=\w)", text):
        first = text[match.end() : match.end() + 24].split(" ", 1)[0].strip(",.!?").lower()
        if first in language.said or first in language.pronouns:
            return text[: match.start()] + ".", text[match.end() :]
    return text, ""
