"""A scene: several personas in one thread. What each hears of the others, and whose turn comes next."""

import random
import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from studio.domain.chat import ChatMessage, Speaker
from studio.domain.conversation import Role
from studio.domain.prompt_parts import Said

ROUND, MENTION, TALKATIVE, BY_HAND = "round", "mention", "talkative", "hand"
ORDERS = (ROUND, MENTION, TALKATIVE, BY_HAND)
_NOBODY = "(silence)"


@dataclass(frozen=True, kw_only=True)
class Speaking:
    """Whose turn it is. ``names``: what every speaker is called, by key; ``user``: what the user is called."""

    key: str
    names: Mapping[str, str]
    user: str
    setting: str = ""

    @property
    def name(self) -> str:
        """Who speaks."""
        return self.names[self.key]

    @property
    def others(self) -> list[str]:
        """Everybody else, the user last."""
        return [*dict.fromkeys(name for key, name in self.names.items() if key != self.key), self.user]

    @property
    def stops(self) -> tuple[str, ...]:
        """Where a reply ends: where it would begin to speak for somebody else."""
        return tuple(f"\n{name}:" for name in self.others)


def heard(thread: Sequence[ChatMessage], speaking: Speaking) -> list[Said]:
    """The scene as this speaker hears it: its own lines are its turns, all others' one user turn, each with its name.

    An adapter has learned to answer one voice in turns that alternate, without a name before its own words. So the
    others' lines between two of its own become one turn, and the names tell who said what; its own stay bare.
    """
    turns: list[tuple[Role, list[str]]] = []
    for message in thread:
        own = message.made_by.get("speaker") == speaking.key
        role = Role.PERSONA if own else Role.USER
        line = message.text if own else f"{_name(message, speaking)}: {message.text}"
        if turns and turns[-1][0] is role:
            turns[-1][1].append(line)
        else:
            turns.append((role, [line]))
    if not turns or turns[-1][0] is Role.PERSONA:
        turns.append((Role.USER, [_NOBODY]))
    return [(role, "\n".join(lines)) for role, lines in turns]


def stage_direction(speaking: Speaking) -> str:
    """What a speaker is told of the scene, behind its own prompt."""
    others = ", ".join(speaking.others[:-1])
    told = f"You are in a scene with {others} and {speaking.user}. " if others else ""
    setting = f"{speaking.setting.strip()}\n" if speaking.setting.strip() else ""
    return f"{setting}{told}Write only what {speaking.name} says and does next, and nothing for anybody else."


def bare(text: str, speaking: Speaking) -> str:
    """A reply without the speaker's own name before it."""
    return re.sub(rf"^\s*{re.escape(speaking.name)}\s*:\s*", "", text)


def next_speaker(
    speakers: Sequence[Speaker], names: Mapping[str, str], thread: Sequence[ChatMessage], order: str, seed: int = 0
) -> str:
    """The key of whoever speaks next; empty where it is chosen by hand, or nobody may speak."""
    able = [one for one in speakers if not one.silent]
    last = str(thread[-1].made_by.get("speaker", "")) if thread else ""
    if not able or order == BY_HAND:
        return ""
    if order in (MENTION, TALKATIVE) and (named := _mentioned(able, names, thread, last)):
        return named
    if order == TALKATIVE and (drawn := _drawn(able, last, seed)):
        return drawn
    return _after(speakers, able, _last_speaker(thread))


def _name(message: ChatMessage, speaking: Speaking) -> str:
    key = str(message.made_by.get("speaker", ""))
    if key in speaking.names:
        return speaking.names[key]
    return str(message.made_by.get("name", "")) or speaking.user


def _mentioned(able: Sequence[Speaker], names: Mapping[str, str], thread: Sequence[ChatMessage], last: str) -> str:
    """The speaker whose name (or one word of it) stands last in the last line; nobody calls up themselves."""
    if not thread:
        return ""
    said, found = thread[-1].text.casefold(), (-1, "")
    for one in able:
        words = {names[one.key], *(word for word in names[one.key].split() if len(word) > 2)}
        places = [at.start() for word in words for at in re.finditer(rf"\b{re.escape(word.casefold())}\b", said)]
        if places and one.key != last:
            found = max(found, (max(places), one.key))
    return found[1]


def _drawn(able: Sequence[Speaker], last: str, seed: int) -> str:
    """Everybody but the last speaker, as likely as they are talkative."""
    others = [one for one in able if one.key != last and one.talkativeness > 0] or []
    if not others:
        return ""
    return random.Random(seed).choices([one.key for one in others], [one.talkativeness for one in others])[0]


def _last_speaker(thread: Sequence[ChatMessage]) -> str:
    return next((str(one.made_by["speaker"]) for one in reversed(thread) if one.made_by.get("speaker")), "")


def _after(speakers: Sequence[Speaker], able: Sequence[Speaker], last: str) -> str:
    """The next one in the order of the scene."""
    keys = [one.key for one in speakers]
    start = keys.index(last) + 1 if last in keys else 0
    round_once = [*keys[start:], *keys[:start]]
    allowed = {one.key for one in able}
    return next(key for key in round_once if key in allowed)
