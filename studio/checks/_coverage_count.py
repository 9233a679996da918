"""Counting what the data covers: moods and topics by English words, lengths and turns by figures."""

from collections import Counter
from collections.abc import Iterable, Mapping
from math import ceil

from studio.checks._coverage import Coverage, CoverageItem
from studio.checks._english import small_words
from studio.checks._look import Look, TurnLook
from studio.checks._topic_words import MOODS, TOPICS

_LENGTHS = {"words_5": 5, "words_20": 20, "words_60": 60, "words_150": 150}
_TURNS = {"turns_2": 2, "turns_6": 6, "turns_20": 20}
_WANTED_LENGTHS = {"words_5": 0.02, "words_20": 0.1, "words_60": 0.1}
_WANTED_TURNS = {"turns_6": 0.1, "turns_20": 0.05}
_WANTED_MOOD, _WANTED_TOPIC = 0.01, 0.02
_LEAST, _MOST = 3, 50
"""Of each kind no more is asked for than this, however much data there is."""
_ENGLISH_SHARE = 0.5


def _by_word(lists: Mapping[str, frozenset[str]]) -> dict[str, tuple[str, ...]]:
    words = {word for one in lists.values() for word in one}
    return {word: tuple(name for name, one in lists.items() if word in one) for word in words}


_MOOD_OF, _TOPIC_OF = _by_word(MOODS), _by_word(TOPICS)
_MOOD_WORDS, _TOPIC_WORDS = frozenset(_MOOD_OF), frozenset(_TOPIC_OF)


class CoverageCount:
    """Counts over all conversations. A turn may have several moods; a reply has one topic, that with most words."""

    def __init__(self) -> None:
        self._moods: Counter[str] = Counter()
        self._topics: Counter[str] = Counter()
        self._lengths: Counter[str] = Counter()
        self._turns: Counter[str] = Counter()
        self._replies = self._judged = self._english = 0

    def see(self, look: Look) -> None:
        """Count one conversation."""
        said = [turn for turn in look.turns if turn.folded]
        if any(turn.learned for turn in said):
            self._turns[_step(len(said), _TURNS, "turns_more")] += 1
        for number, turn in enumerate(said):
            if turn.learned:
                self._reply(turn, said[number - 1] if number else turn)

    def _reply(self, turn: TurnLook, before: TurnLook) -> None:
        words = turn.folded
        self._replies += 1
        self._lengths[_step(turn.word_count, _LENGTHS, "words_more")] += 1
        if len(words) >= 6:
            self._judged += 1
            self._english += small_words(words) * 6 >= len(words)
        moods = {mood for word in _MOOD_WORDS.intersection(words) for mood in _MOOD_OF[word]}
        self._moods.update(moods)
        hits = _TOPIC_WORDS.intersection(words) | _TOPIC_WORDS.intersection(before.folded)
        topics = Counter(topic for word in hits for topic in _TOPIC_OF[word])
        self._topics.update(topic for topic, _ in topics.most_common(1))

    def coverage(self) -> Coverage:
        """What there is, and how much of each is wanted at least."""
        readable = self._english >= _ENGLISH_SHARE * self._judged
        talks = self._turns.total()
        wanted_moods, wanted_topics = dict.fromkeys(MOODS, _WANTED_MOOD), dict.fromkeys(TOPICS, _WANTED_TOPIC)
        return Coverage(
            moods=_items(self._moods, MOODS, wanted_moods, self._replies) if readable else (),
            lengths=_items(self._lengths, (*_LENGTHS, "words_more"), _WANTED_LENGTHS, self._replies),
            turn_counts=_items(self._turns, (*_TURNS, "turns_more"), _WANTED_TURNS, talks),
            topics=_items(self._topics, TOPICS, wanted_topics, self._replies) if readable else (),
            readable=readable,
        )


def _step(number: int, steps: Mapping[str, int], more: str) -> str:
    return next((name for name, most in steps.items() if number <= most), more)


def _items(
    counts: Counter[str], names: Iterable[str], wanted: Mapping[str, float], whole: int
) -> tuple[CoverageItem, ...]:
    return tuple(
        CoverageItem(name=name, count=counts[name], expected=_expected(wanted.get(name, 0), whole)) for name in names
    )


def _expected(share: float, whole: int) -> int:
    return min(_MOST, max(_LEAST, ceil(share * whole))) if share and whole else 0
