"""One pass over all conversations: every check sees each of them once, and those over all data decide at the end."""

from collections.abc import Callable, Iterable, Sequence

from studio.checks._amounts import Amounts
from studio.checks._ledger import Ledgers
from studio.checks._look import Look, TurnLook
from studio.checks._repairing import print_of
from studio.checks._report import CheckReport
from studio.checks.check import CHECKS, Check, Context, Scope
from studio.domain.checks import Finding
from studio.domain.conversation import Conversation
from studio.domain.errors import StudioError

Items = Iterable[tuple[str, Conversation]]
_TOLD_EVERY = 100
"""Conversations between two words about progress."""


def run_checks(
    read: Callable[[], Items],
    context: Context,
    *,
    progress: Callable[[int], None] | None = None,
    cancelled: Callable[[], bool] | None = None,
    look_up: Callable[[str], Conversation | None] | None = None,
) -> CheckReport:
    """Look through everything that ``read`` begins to give; it is asked once. Memory holds hashes, never texts.

    ``progress`` is told how many conversations were seen; ``cancelled`` ends the run with the error of that name.
    What shows over all data alone has no excerpts, unless ``look_up`` finds a conversation again by its key.
    """
    run = _Run(context, tuple(CHECKS.all().values()))
    for number, (key, conversation) in enumerate(read()):
        if number % _TOLD_EVERY == 0:
            _go_on(number, progress, cancelled)
        run.see(Look(key, conversation, number, context))
    return run.report(lambda: _go_on(-1, None, cancelled), look_up)


def check_conversations(items: Sequence[tuple[str, Conversation]], persona_name: str = "") -> list[Finding]:
    """What is worth knowing at once, the gravest first, as files are read."""
    quick = tuple(check for check in CHECKS.all().values() if check.at_once)
    context = Context(persona_name=persona_name)
    run = _Run(context, quick, figures=False)
    for number, (key, conversation) in enumerate(items):
        run.see(Look(key, conversation, number, context))
    return list(run.report(lambda: None, dict(items).get).findings)


def turn_findings(
    key: str, conversation: Conversation, context: Context, report: CheckReport | None = None
) -> dict[int, tuple[str, ...]]:
    """What is found in each turn of one conversation; with a report also what only shows over all data."""
    found: dict[int, list[str]] = {}
    look = Look(key, conversation, 0, context)
    scopes = _by_scope(CHECKS.all().values())
    for turn in look.turns:
        for check in scopes[_scope(turn)]:
            if check.in_turn and check.in_turn(turn, look):
                found.setdefault(turn.index, []).append(check.code)
    if report is not None and report.prints.get(key, -1) == print_of(conversation):
        for code, places in report.turns_flagged.items():
            for index in places.get(key, ()):
                found.setdefault(index, []).append(code)
    return {index: tuple(codes) for index, codes in sorted(found.items())}


def _go_on(number: int, progress: Callable[[int], None] | None, cancelled: Callable[[], bool] | None) -> None:
    if cancelled and cancelled():
        raise StudioError("cancelled")
    if progress and number >= 0:
        progress(number)


def _scope(turn: TurnLook) -> Scope:
    if turn.learned:
        return Scope.LEARNED
    return Scope.PERSONA if turn.persona else Scope.ANY


def _by_scope(checks: Iterable[Check]) -> dict[Scope, list[Check]]:
    """Which checks are asked about a turn of each kind: those for the wider kinds too."""
    asked = [check for check in checks if check.in_turn]
    return {
        Scope.ANY: [check for check in asked if check.scope is Scope.ANY],
        Scope.PERSONA: [check for check in asked if check.scope in (Scope.ANY, Scope.PERSONA)],
        Scope.LEARNED: asked,
    }


class _Run:
    """The state of one run."""

    def __init__(self, context: Context, checks: Sequence[Check], *, figures: bool = True) -> None:
        self._ledgers = Ledgers(checks)
        scopes = _by_scope(checks)
        self._asked = {
            scope: [(check.in_turn, self._ledgers.of(check.code)) for check in among if check.in_turn]
            for scope, among in scopes.items()
        }
        self._watches = [(check.code, check.over_all(context)) for check in checks if check.over_all]
        self._amounts = Amounts() if figures else None
        self._prints: dict[str, int] | None = {} if figures else None
        self._conversations = 0

    def see(self, look: Look) -> None:
        """Look at one conversation."""
        self._conversations += 1
        for turn in look.turns:
            for in_turn, ledger in self._asked[_scope(turn)]:
                if said := in_turn(turn, look):
                    ledger.flag(look.key, turn.index, said)
        for _, watch in self._watches:
            watch.see(look)
        if self._amounts is not None:
            self._amounts.see(look)
        if self._prints is not None:
            self._prints[look.key] = print_of(look.conversation)

    def report(self, go_on: Callable[[], None], look_up: Callable[[str], Conversation | None] | None) -> CheckReport:
        """Let the checks over all data decide, and put the findings in order."""
        for code, watch in self._watches:
            go_on()
            ledger = self._ledgers.of(code)
            watch.close(ledger)
            if look_up is not None:
                ledger.show(look_up)
        return self._ledgers.report(self._conversations, self._amounts or Amounts(), self._prints or {})
