"""Discord as DiscordChatExporter writes it: a JSON or CSV file a channel; what people wrote, and proxied characters."""

import csv
import re
from collections import Counter, defaultdict
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from datetime import datetime, timedelta
from itertools import islice
from typing import Any

from studio.domain.checks import Finding
from studio.domain.errors import StudioError
from studio.importers._dates import Stamp, order_of, read_stamp
from studio.importers._json_stream import BEGUN, walk
from studio.importers._messenger_log import Message, Room, read_rooms
from studio.importers._source import Source
from studio.importers._wording import clean, clean_name, note, without_ooc
from studio.importers.importer import Importer, Reading, ReadOptions

LIMIT_MB = 1024
CSV_LIMIT_MB = 256
FIELD_LIMIT = 16 * 1024 * 1024
"""Characters in one field of the CSV."""
_CSV_HEADER = "AuthorID,Author,Date,Content,Attachments,Reactions"
_SIGNS = (re.compile(r'"guild"\s*:\s*\{'), re.compile(r'"channel"\s*:\s*\{'), re.compile(r'"messages"\s*:\s*\['))
_OPENED = {(), ("channel",), ("messages",)}
_WRITTEN_BY_PEOPLE = frozenset({"Default", "Reply", "0", "19", ""})
_WEBHOOK = "0000"
_MARKUP = re.compile(
    r"<@!?(?P<user>\d{1,20})>|<@&(?P<role>\d{1,20})>|<#(?P<channel>\d{1,20})>|<a?:(?P<emoji>\w{1,64}):\d{1,20}>"
    r"|<t:(?P<time>-?\d{1,11})(?::[a-zA-Z])?>"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class _Author:
    """``proxy``: the account of a webhook, under which a bot lets many characters speak, each by a name of its own."""

    key: str
    name: str
    account: str
    bot: bool = False
    proxy: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class _Entry:
    author: str
    text: str
    when: datetime | Stamp | None
    key: str = ""
    answers: str = ""


@dataclass
class _Channel:
    """A channel as it stands in the file; ``left_out`` counts by the code of the note."""

    title: str = ""
    entries: list[_Entry] = field(default_factory=list)
    authors: dict[str, _Author] = field(default_factory=dict)
    mentioned: dict[str, str] = field(default_factory=dict)
    left_out: Counter[str] = field(default_factory=Counter)


def _sniff(source: Source) -> float:
    text = source.head_text.lstrip()
    if text.startswith(_CSV_HEADER):
        return 0.97
    return 0.97 if text.startswith("{") and all(sign.search(text) for sign in _SIGNS) else 0.0


def _read(source: Source, options: ReadOptions) -> Reading:
    read = _csv_channel if source.head_text.lstrip().startswith(_CSV_HEADER) else _json_channel
    channel = read(source, options)
    stamps = [entry.when for entry in channel.entries if isinstance(entry.when, Stamp)]
    order = order_of(stamps, options.day_first)
    room = Room(title=channel.title, messages=list(_messages(channel, order, options)))
    return read_rooms([room], source, options, notes=_notes(channel.left_out), date_order=order)


def _notes(left_out: Mapping[str, int]) -> tuple[Finding, ...]:
    return tuple(finding for code, count in sorted(left_out.items()) for finding in note(code, count))


def _json_channel(source: Source, options: ReadOptions) -> _Channel:
    channel = _Channel()
    for line, path, value in walk(source, _OPENED, limit_mb=LIMIT_MB):
        options.checkpoint()
        if path == ("channel", "name") and isinstance(value, str):
            channel.title = clean_name(value)
        elif path == ("messages", "*") and value is not BEGUN:
            if not isinstance(value, dict):
                raise StudioError("dataset_invalid", path=source.path, line=line, reason="a message is no JSON object")
            _add_message(channel, value)
    return channel


def _add_message(channel: _Channel, record: Mapping[str, Any]) -> None:
    mentions = record.get("mentions")
    for person in mentions if isinstance(mentions, list) else []:
        if named := _author(person):
            channel.mentioned[named.account] = named.name
    author = _author(record.get("author"))
    if _text(record.get("type")) not in _WRITTEN_BY_PEOPLE or author is None:
        channel.left_out["service_lines_left_out"] += 1
        return
    said, removed = without_ooc(clean(_text(record.get("content"))).strip())
    channel.left_out["ooc_removed"] += removed
    if not said:
        forwarded = isinstance(record.get("forwardedMessage"), dict)
        channel.left_out["forwarded_left_out" if forwarded else "media_left_out"] += not removed
        return
    reference = record.get("reference")
    answers = _text(reference.get("messageId")) if isinstance(reference, dict) else ""
    channel.authors.setdefault(author.key, author)
    when = read_stamp(_text(record.get("timestamp")))
    channel.entries.append(
        _Entry(author=author.key, text=said, when=when, key=_text(record.get("id")), answers=answers)
    )


def _author(person: object) -> _Author | None:
    """Members are known by their account: they may change their name. Behind a webhook the name is all there is."""
    if not isinstance(person, dict):
        return None
    account, name = _text(person.get("id")), clean_name(_text(person.get("nickname")) or _text(person.get("name")))
    if not name:
        return None
    bot = person.get("isBot") is True
    proxy = bot and _text(person.get("discriminator")) == _WEBHOOK
    key = f"{account} {name.casefold()}" if proxy or not account else account
    return _Author(key=key, name=name, account=account, bot=bot, proxy=proxy)


def _text(value: object) -> str:
    return value if isinstance(value, str) else ""


def _csv_channel(source: Source, options: ReadOptions) -> _Channel:
    """The CSV says neither who is a bot nor which lines are the program's own."""
    channel = _Channel(title=clean_name(source.path.stem))
    for row in _rows(source):
        options.checkpoint()
        if len(row) < 4 or not (name := clean_name(row[1])):
            continue
        said, removed = without_ooc(clean(row[3]).strip())
        channel.left_out["ooc_removed"] += removed
        channel.left_out["media_left_out"] += not said and not removed
        if said:
            channel.authors.setdefault(row[0], _Author(key=row[0], name=name, account=row[0]))
            channel.entries.append(_Entry(author=row[0], text=said, when=read_stamp(row[2].strip())))
    return channel


def _rows(source: Source) -> Iterator[list[str]]:
    # Long posts go over the usual limit of 128 KB; without any, a quotation mark that is never closed takes it all.
    csv.field_size_limit(FIELD_LIMIT)
    lines = (f"{line}\n".replace("\0", "") for _, line in source.lines(limit_mb=CSV_LIMIT_MB))
    rows = csv.reader(lines)
    try:
        yield from islice(rows, 1, None)
    except csv.Error as error:
        raise StudioError("dataset_invalid", path=source.path, line=rows.line_num, reason=str(error)) from error


def _messages(channel: _Channel, order: str, options: ReadOptions) -> Iterator[Message]:
    """What is left when bots are left out, with every author called by one name."""
    heard = _heard(channel, options)
    names = _names([author for key, author in channel.authors.items() if key in heard])
    by_account = {**channel.mentioned, **{a.account: names[a.key] for a in channel.authors.values() if a.key in names}}
    for entry in channel.entries:
        if entry.author not in names:
            channel.left_out["bots_left_out"] += 1
            continue
        text = _MARKUP.sub(lambda match: _plain(match, by_account), entry.text)
        at = entry.when.moment(order) if isinstance(entry.when, Stamp) else entry.when
        yield Message(speaker=names[entry.author], text=text, at=at, key=entry.key, answers=entry.answers)


def _heard(channel: _Channel, options: ReadOptions) -> set[str]:
    """Keys of those who count: people, characters behind a webhook of many names, and a bot that was asked for."""
    voices = Counter(author.account for author in channel.authors.values() if author.proxy)
    wanted = {name.casefold() for name in (options.speaker, options.persona, options.lent) if name}
    return {
        key
        for key, author in channel.authors.items()
        if not author.bot or (author.proxy and voices[author.account] > 1) or author.name.casefold() in wanted
    }


def _names(authors: list[_Author]) -> dict[str, str]:
    """Authors of the same name get a number, but for those who are one character behind several webhooks."""
    taken: dict[str, list[_Author]] = defaultdict(list)
    names = {}
    for author in authors:
        same = taken[author.name.casefold()]
        alike = [other for other in same if not (other.proxy and author.proxy)]
        names[author.key] = f"{author.name} {len(alike) + 1}" if alike else author.name
        same.append(author)
    return names


def _plain(match: re.Match[str], by_account: Mapping[str, str]) -> str:
    """Mentions, custom emoji and times as people see them; what is unknown is called by its kind."""
    if match["user"]:
        return f"@{by_account.get(match['user'], 'someone')}"
    if match["role"]:
        return "@role"
    if match["channel"]:
        return "#channel"
    if match["emoji"]:
        return f":{match['emoji']}:"
    try:
        return f"{datetime(1970, 1, 1) + timedelta(seconds=int(match['time'])):%Y-%m-%d %H:%M}"
    except (ValueError, OverflowError):
        return ""


ENTRY = Importer(
    name="discord",
    label="Discord export",
    suffixes=(".json", ".csv"),
    summary="DiscordChatExporter's JSON or CSV; talks apart by pauses, mentions by name, bots left out.",
    sniff=_sniff,
    read=_read,
    real_people=True,
    order=10,
)
