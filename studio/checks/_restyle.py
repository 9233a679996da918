"""One manner of writing for a turn: actions between asterisks, a novel's quotation marks, or speech alone.

Only marks, beginnings and ends of sentences change; nobody's words do, but in ``to_plain``, which leaves actions out.
A turn that cannot be read for sure stays as it is: what was made is read again, and must have the manner that was
wanted and the same letters.
"""

import re
from collections.abc import Callable, Iterator, Sequence

from studio.checks._narration import as_sentences, begins_with_verb, is_narration, is_speech, may_be_said
from studio.checks._styles import ACTION, BARE, SPEECH, Line, Span, lines_of, manner_of

CHAR = "{{char}}"
"""Stands for the persona where a sentence needs somebody who acts; filled in with the name like every placeholder."""

_ENDED = (".", ",", "!", "?", "\u2026", "-", "\u2014", "\u2013", "~", ":", ";")
_MARKED = re.compile('[*"\u201c\u201d\u201e\u00ab\u00bb\u300c\u300d]')
_HAS_WORD = re.compile(r"\w")
_LEADING = re.compile(r"^[.,;]\s*(?=[^\s.])|^[.,;]$")


def to_asterisks(text: str) -> str:
    """Actions between asterisks, speech bare."""
    return _made(text, "asterisks", _asterisk_line)


def to_quotes(text: str) -> str:
    """Speech in quotation marks, actions as sentences of a narrator."""
    return _made(text, "quotes", _quote_line)


def to_both(text: str) -> str:
    """Actions between asterisks, speech in quotation marks."""
    spans = [span for line in lines_of(text) for span in line.spans]
    told = [span for span in spans if span.kind == BARE and _HAS_WORD.search(span.text)]
    return _made(text, "both", _both_line) if told else text


def to_plain(text: str) -> str:
    """What is said, without actions, narration and marks."""
    return _made(text, "plain", _plain_line)


def _made(text: str, manner: str, make: Callable[[Line, str, str], str | None]) -> str:
    """Make every line anew; the text as it was where one of them is unsure, or the result is not what was wanted."""
    lines = lines_of(text)
    now = manner_of([span for line in lines for span in line.spans])
    if now == manner or not all(line.sure and _readable(line.spans, now) for line in lines):
        return text
    marks = "\u201c\u201d" if "\u201c" in text or "\u2019" in text else '""'
    made = [make(line, now, marks) for line in lines]
    kept = [one for one, line in zip(made, lines, strict=True) if one != "" or not line.spans]
    whole = [one for one in kept if one is not None]
    new = "\n".join(whole) if len(whole) == len(kept) else ""
    new = re.sub(r"\n{3,}", "\n\n", new).strip()
    return new if _is_what_was_wanted(text, new, manner) else text


def _readable(spans: Sequence[Span], manner: str) -> bool:
    """Whether every piece is what its marks say."""
    bare = [span.text for span in spans if span.kind == BARE and _HAS_WORD.search(span.text)]
    if manner == "both":
        return not bare
    if manner == "quotes":
        told = all("?" not in piece and not _MARKED.search(piece) for piece in bare)
        return told and all(_is_said(span, number, spans) for number, span in enumerate(spans) if span.kind == SPEECH)
    if manner == "asterisks":
        return not any(map(is_narration, bare)) and not any(map(_is_torn, spans, spans[1:]))
    return all(is_speech(piece) and not _MARKED.search(piece.replace("*", "")) for piece in bare)


def _is_torn(span: Span, following: Span) -> bool:
    """Whether what is between asterisks may belong to the sentence before it: "I can't believe *he did that*"."""
    unended = span.kind == BARE and span.text.rstrip()[-1:].isalnum()
    return unended and following.kind == ACTION and not begins_with_verb(following.text)


def _is_said(span: Span, number: int, spans: Sequence[Span]) -> bool:
    """Speech ends like speech, or is the last of its line; otherwise somebody may only tell what was said."""
    return span.text.rstrip().endswith(_ENDED) or number == len(spans) - 1


def _is_what_was_wanted(before: str, after: str, manner: str) -> bool:
    """The test of the result: its manner, and that no letter was lost or added."""
    lines = lines_of(after)
    manners = {"both": {"both", "quotes"}, "quotes": {"quotes"}}.get(manner, {manner, "plain"})
    if not after or manner_of([span for line in lines for span in line.spans]) not in manners:
        return False
    if manner == "plain":
        return bool(_HAS_WORD.search(after))
    return _letters(before) == _letters(after)


def _letters(text: str) -> str:
    return "".join(filter(str.isalnum, text.replace(CHAR, ""))).casefold()


def _both_line(line: Line, manner: str, marks: str) -> str | None:
    """What is neither marked as action nor as speech is told in a novel's manner, and said in every other."""
    spans = [span for span in line.spans if span.text.strip()]
    pieces: list[str] = []
    for number, span in enumerate(spans):
        if span.kind == ACTION or (manner == "quotes" and span.kind == BARE and _HAS_WORD.search(span.text)):
            pieces.append(f"*{span.text.strip()}*")
            continue
        said = _said(span, spans[number - 1] if number else None, spans[number + 1 :], marks)
        if said is None:
            return None
        pieces.append(said)
    return " ".join(piece for piece in pieces if piece)


def _asterisk_line(line: Line, manner: str, marks: str) -> str | None:
    del marks
    if manner == "plain":
        return "".join(span.text for span in line.spans)
    return "".join(_asterisked(line.spans))


def _asterisked(spans: Sequence[Span]) -> Iterator[str]:
    for span in spans:
        if span.kind == SPEECH or not _HAS_WORD.search(span.text):
            yield span.text
        elif span.kind == ACTION:
            yield f"*{span.text.strip()}*"
        else:
            yield _around(span.text, "*", "*")


def _around(text: str, opening: str, closing: str) -> str:
    """The text between marks, the white space outside of them."""
    inner = text.strip()
    start = text.find(inner)
    return f"{text[:start]}{opening}{inner}{closing}{text[start + len(inner) :]}"


def _plain_line(line: Line, manner: str, marks: str) -> str | None:
    del marks
    said = SPEECH if manner in ("quotes", "both") else BARE
    if any(span.kind == ACTION and (_MARKED.search(span.text) or may_be_said(span.text)) for span in line.spans):
        return None
    texts = [span.text.strip() for span in line.spans if span.kind is said]
    pieces = [_LEADING.sub("", text) if said is BARE else text for text in texts]
    pieces = [piece for piece in pieces if piece]
    return " ".join(_ended(piece, pieces[number + 1 : number + 2]) for number, piece in enumerate(pieces))


def _ended(piece: str, following: Sequence[str]) -> str:
    """A comma that led over to who speaks is a full stop where nothing, or a new sentence, comes after it."""
    if piece.endswith(",") and not (following and following[0][:1].islower()):
        return piece[:-1] + "."
    return piece


def _quote_line(line: Line, manner: str, marks: str) -> str | None:
    del manner
    spans = [span for span in line.spans if span.text.strip()]
    pieces: list[str] = []
    for number, span in enumerate(spans):
        before = spans[number - 1] if number else None
        piece = _narrated(span, before) if span.kind == ACTION else _said(span, before, spans[number + 1 :], marks)
        if piece is None:
            return None
        pieces.append(piece)
    return re.sub(r"[ ]{2,}", " ", " ".join(piece for piece in pieces if piece))


def _narrated(span: Span, before: Span | None) -> str | None:
    goes_on = before is not None and before.kind != ACTION and before.text.rstrip().endswith((",", "\u2014", "-"))
    return as_sentences(span.text.strip(), CHAR, goes_on=goes_on)


def _said(span: Span, before: Span | None, following: Sequence[Span], marks: str) -> str | None:
    """Speech as a novel has it; nothing where an action interrupts a sentence or marks stand in it already."""
    text = span.text.strip()
    if span.kind == BARE and before is not None:
        text = _LEADING.sub("", text)
    if not _HAS_WORD.search(text) and not re.search("[!?\u2026]|\\.\\.", text):
        return text
    if span.kind == BARE and _MARKED.search(text.replace("*", "")):
        return None
    if following and text[-1].isalnum():
        if any(_interrupted(later.text) for later in following if later.kind != ACTION):
            return None
        text += "."
    return f"{marks[0]}{text}{marks[1]}"


def _interrupted(rest: str) -> bool:
    """Whether what comes after an action goes on with the sentence before it."""
    said = rest.strip()
    return said[:1].islower() or said.startswith(("I ", "I'"))
