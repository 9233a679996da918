"""Find and replace in turns. A pattern that would take for ever is given up in time.

Python's own ``re`` cannot be interrupted and holds the interpreter while it searches: one catastrophic pattern would
freeze the whole program, on whatever thread. ``regex`` has a limit of time for every call and lets others run.
"""

from dataclasses import replace
from typing import TYPE_CHECKING

from studio.domain.conversation import Conversation, Turn
from studio.domain.data_changes import Replacing
from studio.domain.errors import StudioError

if TYPE_CHECKING:
    import regex

SECONDS_A_TEXT = 1.0


class Replacer:
    """One replacement, checked at once: ``pattern_empty`` and ``pattern_invalid`` come before anything is read."""

    def __init__(self, wanted: Replacing) -> None:
        if not wanted.find:
            raise StudioError("pattern_empty")
        self._wanted = wanted
        self._pattern = _compiled(wanted)
        self._replaced("")

    def replaced(self, conversation: Conversation) -> Conversation:
        """Return the conversation after it; the same object when nothing was found."""
        roles = self._wanted.roles
        turns = tuple(self._turn(turn) if not roles or turn.role in roles else turn for turn in conversation.turns)
        return conversation if turns == conversation.turns else replace(conversation, turns=turns)

    def _turn(self, turn: Turn) -> Turn:
        text = self._replaced(turn.text)
        others = tuple(self._replaced(other) for other in turn.alternatives)
        return (
            turn if (text, others) == (turn.text, turn.alternatives) else replace(turn, text=text, alternatives=others)
        )

    def _replaced(self, text: str) -> str:
        import regex

        put = self._wanted.replacement
        try:
            found: str = self._pattern.sub(
                put if self._wanted.regex else lambda match: put, text, timeout=SECONDS_A_TEXT, concurrent=True
            )
        except TimeoutError as error:
            raise StudioError("pattern_too_slow", seconds=SECONDS_A_TEXT) from error
        except (regex.error, IndexError) as error:
            raise StudioError("pattern_invalid", reason=str(error)) from error
        return found


def _compiled(wanted: Replacing) -> "regex.Pattern[str]":
    import regex

    pattern = wanted.find if wanted.regex else regex.escape(wanted.find)
    flags = regex.MULTILINE if wanted.match_case else regex.MULTILINE | regex.IGNORECASE
    try:
        return regex.compile(rf"(?<!\w)(?:{pattern})(?!\w)" if wanted.whole_words else pattern, flags)
    except regex.error as error:
        raise StudioError("pattern_invalid", reason=str(error)) from error
