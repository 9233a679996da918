"""Whether words are plainly English: told by the small words that every English sentence has."""

from collections.abc import Sequence

from studio.checks._word_lists import word_set

_SMALL = word_set(
    "the and you that for with this what not but have are was were they she her his him your from just there would "
    "could about been then when which who how it is of to in my me we our their them if as at on be do does did don "
    "didnt its im ive youre cant dont wont thats so an by"
)
_SHARE = 0.3
_LEAST = 12


def reads_as_english(words: Sequence[str]) -> bool:
    """True only where there is no doubt; false says nothing."""
    if len(words) < _LEAST:
        return False
    return sum(map(_SMALL.__contains__, words)) >= _SHARE * len(words)


def small_words(words: Sequence[str]) -> int:
    """How many of the words are small English ones."""
    return sum(map(_SMALL.__contains__, words))
