"""The one long text of a Kobold save, cut into what each side says: by instruction tags, by names, or by ``>``."""

import re
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass

from studio.importers._json_fields import Fields, words
from studio.importers._script_lines import speaker_of
from studio.importers._wording import clean_name
from studio.texts import tr

STORY, ADVENTURE, CHAT, INSTRUCT = 1, 2, 3, 4
_OPPONENTS = "||$||"
_TAG_LIMIT = 100
_LABELLED_SHARE = 0.3
_ACTION = re.compile(r"^>[ \t]*(?P<said>\S.*)$", re.MULTILINE)
_END_OF_TURN = re.compile(r"<(?:/s|[^<>]{0,20}(?:end|eot|eos)[^<>]{0,20})>\s*(?=\S)")
"""The end of the turn before, which custom tags often begin with; before the first turn it is missing."""
_USERS = ("you", "user")
_NOBODY = "(?!)"


@dataclass(frozen=True, kw_only=True)
class Span:
    """What one side says, and where in the text it begins."""

    start: int
    text: str
    by_user: bool
    name: str = ""
    told: bool = False


@dataclass(frozen=True, kw_only=True)
class Script:
    """How a text is cut. ``characters`` are all who may be the persona, ``user`` is the other side's name."""

    cut: Callable[[str], list[Span]]
    characters: tuple[str, ...] = ()
    user: str = ""


def script_for(text: str, settings: Fields) -> Script | None:
    """Return how this text is to be cut; nothing for a story, in which nobody can be told apart."""
    user, opponents = clean_name(words(settings, "chatname")) or "You", _opponents(settings)
    tags = _Tags(settings)
    mode = _mode(settings)
    if tags.pattern.search(text):
        return Script(cut=_Instructions(tags, user, opponents).cut, characters=opponents, user=user)
    if mode == ADVENTURE or (mode != CHAT and _ACTION.search(text)):
        return Script(cut=_adventure, characters=(tr("Narrator"),))
    names = _Names(user, opponents)
    if any(names.is_character(name) for name in names.in_text(text)):
        return Script(cut=names.cut, characters=opponents, user=user)
    return _by_labels(text, user)


def _mode(settings: Fields) -> int:
    """The mode by Lite's number, or by KoboldAI's switches; 0 when the save does not say."""
    said = settings.get("opmode")
    if isinstance(said, int):
        return said
    switches = {CHAT: "chatmode", ADVENTURE: "adventure"}
    return next((mode for mode, switch in switches.items() if settings.get(switch) is True), 0)


def _opponents(settings: Fields) -> tuple[str, ...]:
    said = (words(settings, "chatopponent") or words(settings, "botname")).split(_OPPONENTS)
    return tuple(dict.fromkeys(filter(None, map(clean_name, said))))


class _Tags:
    """The tags between turns: the program's own, and those that the user set."""

    def __init__(self, settings: Fields) -> None:
        self._side = {"{{[INPUT]}}": "user", "{{[OUTPUT]}}": "character", "{{[SYSTEM]}}": "system"}
        for key, side in {"starttag": "user", "endtag": "character", "systag": "system"}.items():
            for tag in _spellings(words(settings, f"instruct_{key}")):
                self._side.setdefault(tag, side)
        ends = ["{{[INPUT_END]}}", "{{[OUTPUT_END]}}", "{{[SYSTEM_END]}}"]
        ends += [words(settings, f"instruct_{key}_end") for key in ("starttag", "endtag", "systag")]
        self._ends = _any_of([spelling for end in ends for spelling in _spellings(end)[:1]])
        self.pattern = _any_of(self._side)

    def side(self, tag: str) -> str:
        """Whose turn the tag begins."""
        return self._side[tag]

    def without_ends(self, text: str) -> str:
        """The words, with marks of the end of a turn gone."""
        return self._ends.sub("", text).strip()


def _spellings(tag: str) -> list[str]:
    """The tag as it stands in the text, and without the end of the turn before."""
    bare = tag.replace("\\n", "\n").strip()
    if not 2 <= len(bare) <= _TAG_LIMIT:
        return []
    before = _END_OF_TURN.match(bare)
    return [bare, bare[before.end() :]] if before else [bare]


def _any_of(literals: dict[str, str] | list[str]) -> re.Pattern[str]:
    """Longest first, so that no tag is taken for the beginning of another; a word is no part of a longer one."""
    ordered = sorted(literals, key=len, reverse=True)
    return re.compile("|".join(rf"(?<!\w){re.escape(one)}" if one[0].isalnum() else re.escape(one) for one in ordered))


class _Instructions:
    """Turns between tags. Names may stand at their beginning, and several characters in one turn."""

    def __init__(self, tags: _Tags, user: str, opponents: tuple[str, ...]) -> None:
        self._tags = tags
        self._user = _Names(user, ())
        self._opponents = _Names("", opponents)

    def cut(self, text: str) -> list[Span]:
        """Return the turns; what stands before the first tag is a narrator's, what a system tag begins is left out."""
        tags = list(self._tags.pattern.finditer(text))
        bounds = [*(tag.start() for tag in tags), len(text)]
        spans = [Span(start=0, text=text[: bounds[0]].strip(), by_user=True, told=True)]
        for tag, end in zip(tags, bounds[1:], strict=True):
            side, said = self._tags.side(tag[0]), self._tags.without_ends(text[tag.end() : end])
            if said and side != "system":
                spans += self._turn(tag.start(), said, side == "user")
        return [span for span in spans if span.text]

    def _turn(self, start: int, said: str, by_user: bool) -> Iterator[Span]:
        names = self._user if by_user else self._opponents
        if not names.begins(said):
            yield Span(start=start, text=said, by_user=by_user)
            return
        for span in names.cut(said):
            # The first keeps the tag as its beginning, so that it can be cut again by itself.
            yield Span(start=start + span.start, text=span.text, by_user=by_user, name=span.name)


class _Names:
    """Turns that begin with a name and a colon at the beginning of a line."""

    def __init__(self, user: str, characters: tuple[str, ...]) -> None:
        self._user = user.casefold()
        known = sorted(filter(None, (user, *characters)), key=len, reverse=True)
        anyone = "|".join(map(re.escape, known)) or _NOBODY
        self._pattern = re.compile(rf"^[ \t]*(?P<name>{anyone}) ?[:：]", re.MULTILINE | re.IGNORECASE)

    def in_text(self, text: str) -> Iterator[str]:
        """Every name that begins a line."""
        return (match["name"] for match in self._pattern.finditer(text))

    def begins(self, text: str) -> bool:
        """True when the text itself begins with a name."""
        return self._pattern.match(text) is not None

    def is_character(self, name: str) -> bool:
        """Anybody but the user."""
        return name.casefold() != self._user

    def cut(self, text: str) -> list[Span]:
        """Return the turns; what stands before the first is a narrator's."""
        found = list(self._pattern.finditer(text))
        bounds = [*(match.start() for match in found), len(text)]
        spans = [Span(start=0, text=text[: bounds[0]].strip(), by_user=True, told=True)]
        for match, end in zip(found, bounds[1:], strict=True):
            name, said = match["name"], text[match.end() : end].strip()
            spans.append(Span(start=match.start(), text=said, by_user=not self.is_character(name), name=name))
        return [span for span in spans if span.text]


def _adventure(text: str) -> list[Span]:
    """What the player does stands after ``>``; all else is the narrator's."""
    spans, at = [], 0
    for match in _ACTION.finditer(text):
        spans.append(Span(start=at, text=text[at : match.start()].strip(), by_user=False))
        spans.append(Span(start=match.start(), text=match["said"].strip(), by_user=True))
        at = match.end()
    spans.append(Span(start=at, text=text[at:].strip(), by_user=False))
    return [span for span in spans if span.text]


def _by_labels(text: str, user: str) -> Script | None:
    """Names that no setting tells, when enough lines begin with one and at least two take turns."""
    lines = [line for line in text.split("\n") if line.strip()]
    counts = Counter(found.speaker for line in lines if (found := speaker_of(line)))
    if len(counts) < 2 or counts.total() < _LABELLED_SHARE * len(lines):
        return None
    known = {name.casefold(): name for name in counts}
    player = next((known[name] for name in (user.casefold(), *_USERS) if name in known), "")
    others = tuple(name for name in counts if name != player)
    return Script(cut=_Names(player, others).cut, characters=others, user=player)
