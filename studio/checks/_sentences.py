"""Taking single sentences out of a turn, without tearing what belongs together."""

import re
from dataclasses import replace

from studio.checks._look import Look, TurnLook, excerpt
from studio.checks._surgery import edited, switch_off_where, with_turns
from studio.checks.check import Apply, Check, Repair, RepairContext, Repaired
from studio.domain.checks import Severity
from studio.domain.conversation import Conversation, Role, Turn

_SENTENCE = re.compile(r"[^.!?\u2026\n]*(?:[.!?\u2026]+[\"'\u201d\u2019)*_]*[ \t]*|\n+|$)")
_PAIRED = ('"', "*", "_")


def without_sentences(text: str, bad: re.Pattern[str]) -> str:
    """The text without the sentences in which ``bad`` is found; itself when that cannot be done cleanly."""
    parts = [match[0] for match in _SENTENCE.finditer(text)]
    kept = "".join(_tail(part) if bad.search(part) else part for part in parts).strip()
    torn = any(kept.count(mark) % 2 != text.count(mark) % 2 for mark in _PAIRED)
    torn = torn or kept.count("\u201c") - kept.count("\u201d") != text.count("\u201c") - text.count("\u201d")
    return text if torn or bad.search(kept) or not any(map(str.isalnum, kept)) else kept


def _tail(sentence: str) -> str:
    """Of a sentence that goes only the line break stays."""
    return "\n" * (len(sentence) - len(sentence.rstrip("\n")))


def phrase_check(
    code: str, order: int, pattern: re.Pattern[str], some_word: frozenset[str], repairs: tuple[Repair, Repair]
) -> Check:
    """A check for phrases that must not be learned. Every phrase has ``some_word``, which is quickly seen."""

    def find(turn: TurnLook, look: Look) -> str:
        del look
        match = None if some_word.isdisjoint(turn.folded) else pattern.search(turn.text)
        return excerpt(turn.text, match.start()) if match else ""

    return Check(code=code, severity=Severity.WARN, order=order, in_turn=find, at_once=True, repairs=repairs)


def off_where(pattern: re.Pattern[str]) -> Apply:
    """A repair: switch off learned turns in which the phrase stands."""

    def found(turn: Turn, conversation: Conversation, given: RepairContext) -> bool:
        del conversation, given
        return bool(pattern.search(turn.text))

    return switch_off_where(found)


def drop_where(pattern: re.Pattern[str]) -> Apply:
    """A repair: drop the sentences with the phrase; a turn of which too little would be left is switched off."""

    def mended(turn: Turn) -> Turn:
        if turn.role is not Role.PERSONA or not turn.train or not pattern.search(turn.text):
            return turn
        shorter = without_sentences(turn.text, pattern)
        return replace(turn, train=False) if shorter == turn.text else edited(turn, shorter)

    def apply(key: str, conversation: Conversation, given: RepairContext) -> Repaired:
        del key, given
        return with_turns(conversation, map(mended, conversation.turns))

    return apply
