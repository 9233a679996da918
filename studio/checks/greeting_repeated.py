"""The same greeting at the beginning of most conversations."""

from collections import Counter

from studio.checks._look import Look, TurnLook, folded_words
from studio.checks._places import Places
from studio.checks._surgery import switch_off_named
from studio.checks.check import Check, Context, Ledger, Repair
from studio.domain.checks import Severity
from studio.domain.conversation import Role
from studio.domain.macros import resolve

MOST = 0.5
_LEAST = 3
_LEAST_WORDS = 3


class _Watch:
    """Looks at what the persona says first, where nobody spoke before, or where the card has it as a greeting."""

    def __init__(self, context: Context) -> None:
        self._context = context
        self._greetings = {self._line(greeting) for greeting in context.greetings if greeting.strip()}
        self._places = Places()
        self._conversations = 0

    def _line(self, text: str) -> int:
        named = resolve(text, char=self._context.persona_name or "char", user=self._context.user_name or "user")
        return hash(" ".join(folded_words(named)))

    def see(self, look: Look) -> None:
        """Remember the opening turn."""
        self._conversations += 1
        first = next((turn for turn in look.turns if turn.turn.role is not Role.SYSTEM), None)
        if first is not None and first.learned and len(first.folded) >= _LEAST_WORDS:
            self._places.add(look.key, first.index, self._figure(first))

    def _figure(self, turn: TurnLook) -> int:
        return self._line(turn.text) if "{{" in turn.text or "<" in turn.text else turn.line

    def close(self, ledger: Ledger) -> None:
        """A greeting of the card may stand once; any other opening is too frequent when most chats have it."""
        counts = Counter(self._places.figures)
        many = {
            line
            for line, count in counts.items()
            if count >= _LEAST and (line in self._greetings or count > MOST * self._conversations)
        }
        seen: set[int] = set()
        for key, turn, line in self._places if many else ():
            if line in many:
                ledger.flag(key, turn, surplus=line in seen)
                seen.add(line)


ENTRY = Check(
    code="greeting_repeated",
    severity=Severity.WARN,
    order=95,
    over_all=_Watch,
    repairs=(
        Repair(
            name="greeting_learn_once",
            label="Learn it once",
            summary="The greeting stays in every conversation, but is learned in the first one only.",
            apply=switch_off_named,
            needs_report=True,
        ),
    ),
)
