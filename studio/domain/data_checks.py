"""Looks through conversations for what would be learned wrongly; one pass, made for a hundred thousand of them.

Codes have their sentences in ``texts.FINDINGS``. Places name at most ``PLACE_LIMIT`` turns; counts are complete.
"""

import re
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, field

from studio.domain.checks import Finding, Place, Severity
from studio.domain.conversation import Conversation, Role, Turn
from studio.domain.macros import unknown_macros

PLACE_LIMIT = 50
EXCERPT = 80
TOO_FEW_TURNS = 50
VOICE_ONLY_TURNS = 300
SAME_OPENING_SHARE = 0.2
SAME_OPENING_LEAST = 10
DUPLICATES_ALLOWED = 2

_TEMPLATE_TOKENS = re.compile(
    r"<\|[A-Za-z0-9_]{1,40}\|>|<(?:start|end)_of_turn>|\[/?INST\]|<</?SYS>>|</?s>|<[be]os>", re.IGNORECASE
)
_THINK = re.compile(r"</?(?:think|thinking|reasoning)>", re.IGNORECASE)
_OUT_OF_CHARACTER = re.compile(r"\(\(|\bOOC\b|\bout of character\b", re.IGNORECASE)
_BOILERPLATE = re.compile(
    r"\bas an? (?:ai\b|artificial intelligence|(?:large )?language model)"
    r"|\bI(?:'m| am) (?:just )?an? (?:ai\b|language model)"
    r"|\bI(?: cannot| can't| can’t|'m not able to| am (?:not able|unable) to)"
    r" (?:assist|help (?:you )?with|provide|fulfil|comply|engage|generate|create (?:content|that))"
    r"|\bhow (?:can|may) I (?:assist|help) you(?: today)?\?"
    r"|\b(?:OpenAI|ChatGPT)\b|\bmy (?:training data|knowledge cutoff|programming)\b",
    re.IGNORECASE,
)
_USER_LABEL = re.compile(r"(?:^|\n)[ \t*_]*(?:user|human|\{\{user\}\}|<user>)[*_]* ?:", re.IGNORECASE)
_SEVERITY_ORDER = (Severity.BLOCK, Severity.WARN, Severity.NOTE)


@dataclass
class _Tally:
    """The findings so far, by code."""

    severities: dict[str, Severity] = field(default_factory=dict)
    counts: Counter[str] = field(default_factory=Counter)
    places: dict[str, list[Place]] = field(default_factory=dict)

    def add(self, code: str, severity: Severity, key: str, turn: int = -1, excerpt: str = "", count: int = 1) -> None:
        self.severities.setdefault(code, severity)
        self.counts[code] += count
        places = self.places.setdefault(code, [])
        if len(places) < PLACE_LIMIT and (key or turn >= 0):
            places.append(Place(conversation=key, turn=turn, excerpt=excerpt))

    def findings(self) -> list[Finding]:
        found = [
            Finding(code=code, severity=severity, count=self.counts[code], places=tuple(self.places[code]))
            for code, severity in self.severities.items()
        ]
        return sorted(found, key=lambda finding: (_SEVERITY_ORDER.index(finding.severity), -finding.count))


@dataclass
class _Habits:
    """What only shows over all turns: repeated lines and openings."""

    turns: int = 0
    lines: Counter[str] = field(default_factory=Counter)
    openings: Counter[str] = field(default_factory=Counter)

    def learn(self, words: list[str]) -> None:
        self.turns += 1
        if len(words) > 1:
            self.lines[_line_key(words)] += 1
        if len(words) > 2:
            self.openings[_opening(words)] += 1

    def repeated_opening(self) -> str:
        """The opening that too many turns share, or nothing."""
        for opening, count in self.openings.most_common(1):
            if self.turns >= SAME_OPENING_LEAST and count > SAME_OPENING_SHARE * self.turns:
                return opening
        return ""


def check_conversations(items: Sequence[tuple[str, Conversation]], persona_name: str = "") -> list[Finding]:
    """Return everything worth knowing before a run, the gravest first. ``items`` are (key, conversation) pairs."""
    tally, habits = _Tally(), _Habits()
    silent: list[str] = []
    for key, conversation in items:
        _check_turns(key, conversation, tally, persona_name)
        learned = [turn for _, turn in _learned(conversation)]
        for turn in learned:
            habits.learn(turn.text.split())
        if not any(turn.role is Role.PERSONA for turn in conversation.turns):
            silent.append(key)
    _check_silence(silent, len(items), tally)
    _check_habits(items, habits, tally)
    _check_amount(habits.turns, tally)
    return tally.findings()


def _learned(conversation: Conversation) -> Iterator[tuple[int, Turn]]:
    for index, turn in enumerate(conversation.turns):
        if turn.role is Role.PERSONA and turn.train:
            yield index, turn


def _check_turns(key: str, conversation: Conversation, tally: _Tally, persona_name: str) -> None:
    label = _other_label(conversation, persona_name)
    for index, turn in enumerate(conversation.turns):
        if not turn.text or turn.text.isspace():
            tally.add("empty_turns", Severity.WARN, key, index)
            continue
        _check_any_turn(key, index, turn.text, tally)
        if turn.role is Role.PERSONA:
            _note_match("think_block", Severity.BLOCK, _THINK.search, key, index, turn.text, tally)
            if turn.train:
                _check_learned_turn(key, index, turn.text, label, tally)


def _check_any_turn(key: str, index: int, text: str, tally: _Tally) -> None:
    if "<" in text or "[" in text:
        _note_match("template_tokens", Severity.BLOCK, _TEMPLATE_TOKENS.search, key, index, text, tally)
    if "{{" in text:
        for macro in unknown_macros(text)[:1]:
            tally.add("unresolved_macros", Severity.WARN, key, index, macro)


def _check_learned_turn(key: str, index: int, text: str, other: re.Pattern[str] | None, tally: _Tally) -> None:
    _note_match("out_of_character", Severity.WARN, _OUT_OF_CHARACTER.search, key, index, text, tally)
    _note_match("assistant_boilerplate", Severity.WARN, _BOILERPLATE.search, key, index, text, tally)
    if len(text) < 40 and len(text.split()) == 1:
        tally.add("one_word_turns", Severity.NOTE, key, index, text.strip())
    if ":" in text:
        match = _USER_LABEL.search(text) or (other.search(text) if other else None)
        if match:
            tally.add("wrong_speaker_bleed", Severity.WARN, key, index, _excerpt(text, match))


def _other_label(conversation: Conversation, persona_name: str) -> re.Pattern[str] | None:
    """A pattern for lines inside the persona's turn that begin with somebody else's name."""
    names = {turn.speaker for turn in conversation.turns if turn.role is Role.USER and turn.speaker}
    names.discard(persona_name)
    if not names:
        return None
    return _pattern_of(tuple(sorted(names)))


_patterns: dict[tuple[str, ...], re.Pattern[str]] = {}


def _pattern_of(names: tuple[str, ...]) -> re.Pattern[str]:
    if names not in _patterns:
        _patterns[names] = re.compile(r"(?:^|\n)[ \t*_]*(?:" + "|".join(map(re.escape, names)) + r")[*_]* ?:")
    return _patterns[names]


def _note_match(
    code: str,
    severity: Severity,
    search: Callable[[str], re.Match[str] | None],
    key: str,
    index: int,
    text: str,
    tally: _Tally,
) -> None:
    match = search(text)
    if match:
        tally.add(code, severity, key, index, _excerpt(text, match))


def _excerpt(text: str, match: re.Match[str]) -> str:
    start = max(0, match.start() - 20)
    return " ".join(text[start : start + EXCERPT].split())


def _check_silence(silent: list[str], conversations: int, tally: _Tally) -> None:
    severity = Severity.BLOCK if len(silent) == conversations else Severity.WARN
    if not conversations:
        tally.add("no_persona_turns", severity, "", count=0)
    for key in silent:
        tally.add("no_persona_turns", severity, key)


def _check_habits(items: Sequence[tuple[str, Conversation]], habits: _Habits, tally: _Tally) -> None:
    repeated = {line for line, count in habits.lines.items() if count > DUPLICATES_ALLOWED}
    opening = habits.repeated_opening()
    if not repeated and not opening:
        return
    for key, conversation in items:
        for index, turn in _learned(conversation):
            words = turn.text.split()
            if len(words) > 1 and _line_key(words) in repeated:
                tally.add("duplicate_turns", Severity.WARN, key, index, turn.text[:EXCERPT])
            if opening and len(words) > 2 and _opening(words) == opening:
                tally.add("same_opening", Severity.WARN, key, index, " ".join(words[:3]))


def _line_key(words: list[str]) -> str:
    return " ".join(words).casefold()


def _opening(words: list[str]) -> str:
    return " ".join(words[:3]).casefold()


def _check_amount(turns: int, tally: _Tally) -> None:
    if turns < VOICE_ONLY_TURNS:
        severity = Severity.WARN if turns < TOO_FEW_TURNS else Severity.NOTE
        tally.add("few_turns", severity, "", count=turns)
