"""WhatsApp's "Export chat" as text: of iPhones and Android phones, in the date formats of many countries.

What the app itself wrote (system lines, calls, files, deleted messages) is left out. On iPhones an invisible mark
stands before such words, whatever the language; on Android they are in angle brackets, behind a file's name, or in our
lists.
"""

import re
from collections import Counter
from collections.abc import Iterator
from dataclasses import dataclass, field

from studio.importers._dates import DATE_THEN_TIME, TIME_THEN_DATE, Stamp, order_of, stamp_of
from studio.importers._messenger_log import Message, Room, read_rooms
from studio.importers._source import Source
from studio.importers._whatsapp_words import DELETED, EDITED, OMITTED, PLACES
from studio.importers._wording import clean, clean_name, note
from studio.importers.importer import Importer, Reading, ReadOptions

LIMIT_MB = 256
HEADER_LIMIT = 220
"""Characters of a line in which its date and its sender must stand."""
_BY_THE_APP = "\u200e"
_STEERING = re.compile("[\u200f\u202a-\u202e\u2066-\u2069\ufeff]")
_ODD_SPACES = re.compile("[\u00a0\u2007\u2009\u202f]")
_STAMPS = (rf"(?:{DATE_THEN_TIME.pattern})", rf"(?:{TIME_THEN_DATE.pattern})")
_HEADERS = [
    re.compile(form)
    for stamp in _STAMPS
    for form in (rf"\[{stamp}\] ?", rf"{stamp} ?[-–—] ", rf"{stamp}(?:: |, (?=[^:]{{1,60}} : ))")
]
_SENDER = re.compile(r"\u200e?(?P<name>[^:\"“”«»]{1,120}?) ?:(?: |$)")
_TIGHT_SENDER = re.compile(r"\u200e?(?P<name>[^:\"“”«»]{1,60}):(?!//)")
_FILE = re.compile(r"[^\n<>:]{1,120}\.\w{2,5} \([^()\n]{3,40}\)|<[^<>\n]{2,20}: [^<>\n]{1,120}\.\w{2,5}>")
_TAIL_LIMIT = 70
_SNIFFED_LINES = 400


@dataclass(slots=True)
class _Entry:
    """A message that grows while its lines go on."""

    speaker: str
    stamp: Stamp
    lines: list[str]
    by_the_app: bool


@dataclass
class _Chat:
    entries: list[_Entry] = field(default_factory=list)
    left_out: Counter[str] = field(default_factory=Counter)


def _sniff(source: Source) -> float:
    lines = [line for line in source.head_text.splitlines()[:_SNIFFED_LINES] if line.strip()]
    form = _form(lines[0]) if lines else None
    if form is None:
        return 0.0
    headed = sum(_header(line, form) is not None for line in lines)
    named = any((header := _header(line, form)) and _entry(header) for line in lines)
    return 0.0 if not named else 0.95 if headed > 1 or len(lines) == 1 else 0.6


def _read(source: Source, options: ReadOptions) -> Reading:
    chat = _chat(source, options)
    order = order_of([entry.stamp for entry in chat.entries], options.day_first)
    room = Room(messages=list(_messages(chat, order)))
    notes = [finding for code, count in sorted(chat.left_out.items()) for finding in note(code, count)]
    return read_rooms([room], source, options, notes=notes, date_order=order)


def _chat(source: Source, options: ReadOptions) -> _Chat:
    """All lines of a file have one form: others that look like headers were pasted into a message."""
    chat, form, speaking = _Chat(), None, False
    for number, line in source.lines(limit_mb=LIMIT_MB):
        if not number % 1000:
            options.checkpoint()
        form = form or _form(line)
        header = _header(line, form) if form else None
        if header is None:
            if speaking:
                chat.entries[-1].lines.append(line)
        elif entry := _entry(header):
            chat.entries.append(entry)
            speaking = True
        else:
            chat.left_out["service_lines_left_out"] += 1
            speaking = False
    return chat


def _form(line: str) -> re.Pattern[str] | None:
    return next((form for form in _HEADERS if _header(line, form)), None)


def _header(line: str, form: re.Pattern[str]) -> re.Match[str] | None:
    """The date and time before a message; the string that was matched goes on to the end of the line."""
    if line[:1].isalpha():
        return None
    return form.match(_ODD_SPACES.sub(" ", _STEERING.sub("", line)).lstrip(f"{_BY_THE_APP} "))


def _entry(header: re.Match[str]) -> _Entry | None:
    """Return the message that begins here, or ``None`` when nobody is named: then the app speaks."""
    line = header.string
    sender = _SENDER.match(line, header.end())
    if sender is None and line.startswith("["):
        sender = _TIGHT_SENDER.match(line, header.end())
    if sender is None or not (name := _name(sender["name"])):
        return None
    said = line[sender.end() :]
    return _Entry(speaker=name, stamp=stamp_of(header), lines=[said], by_the_app=said.startswith(_BY_THE_APP))


def _name(sender: str) -> str:
    """A tilde stands before people who are not among the contacts."""
    return clean_name(sender).lstrip("~ ").strip()


def _messages(chat: _Chat, order: str) -> Iterator[Message]:
    for entry in chat.entries:
        text = _words(entry, chat.left_out)
        if text:
            yield Message(speaker=entry.speaker, text=text, at=entry.stamp.moment(order))


def _words(entry: _Entry, left_out: Counter[str]) -> str:
    """What the person wrote; what the app wrote in its place is counted."""
    text = _without_tail(clean(_ODD_SPACES.sub(" ", _STEERING.sub("", "\n".join(entry.lines)))).strip())
    first, _, caption = text.partition("\n")
    if code := _left_out(first.replace(_BY_THE_APP, "").strip(), entry.by_the_app):
        # A caption stands below a file; below other words of the app (a poll, say) stand more of them.
        text = caption if _FILE.fullmatch(first.replace(_BY_THE_APP, "").strip()) else ""
        left_out[code] += not text.strip()
    return text.replace(_BY_THE_APP, "").replace("@~ ", "@").replace("@~", "@").strip()


def _without_tail(text: str) -> str:
    """Drop what the app adds behind a person's words: that they were edited, or the file that they came with."""
    begins = text.rfind("<", -_TAIL_LIMIT) if text.endswith(">") else -1
    if begins <= 0:
        return text
    marked = text[begins - 1] == _BY_THE_APP
    known = text[begins + 1 : -1].strip(" .").casefold() in EDITED
    return text[:begins].rstrip(f"{_BY_THE_APP} ") if marked or known else text


def _left_out(first: str, by_the_app: bool) -> str:
    """The code of the note when the first line is none of the person's own; what follows it is a caption."""
    folded = first.rstrip(".").casefold()
    if folded in DELETED:
        return "deleted_left_out"
    place = folded.startswith(PLACES) and ("://" in folded or folded in PLACES)
    bracketed = first.startswith("<") and first.endswith(">") and first.count("<") == 1
    omitted = folded in OMITTED or (bracketed and (" " in first or not first.isascii()))
    return "media_left_out" if by_the_app or place or omitted or _FILE.fullmatch(first) else ""


ENTRY = Importer(
    name="whatsapp",
    label="WhatsApp chat",
    suffixes=(".txt",),
    summary="Chats exported as text, with or without media; dates of all countries, talks apart by pauses.",
    sniff=_sniff,
    read=_read,
    real_people=True,
    order=11,
)
