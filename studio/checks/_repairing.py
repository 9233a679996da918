"""Running one repair over conversations: which there are, what they change, and what they must never lose."""

import zlib
from collections.abc import Iterable, Iterator

from studio.checks._report import CheckReport
from studio.checks.check import CHECKS, Context, Repair, RepairContext, Repaired
from studio.domain.conversation import Conversation


def repairs() -> dict[str, Repair]:
    """Every repair of every check by its name."""
    return {repair.name: repair for check in CHECKS.all().values() for repair in check.repairs}


def repair_each(
    name: str, items: Iterable[tuple[str, Conversation]], report: CheckReport | None, context: Context
) -> Iterator[tuple[str, Conversation, Repaired]]:
    """Yield (key, before, after) of every conversation that the repair changes.

    ``after`` is the changed conversation, ``None`` to remove it, or a ``Split`` into several. A repair that needs the
    report passes over conversations that are no longer what the report was about; without a report it changes nothing.
    """
    repair, code = repairs()[name], _code_of(name)
    given = _repair_context(code, report, context)
    for key, conversation in items:
        if repair.needs_report and not _still_the_same(key, conversation, report):
            continue
        after = repair.apply(key, conversation, given)
        if after is not conversation and after != conversation:
            yield key, conversation, after


def print_of(conversation: Conversation) -> int:
    """A short figure of what checks look at: equal for the same turns in the same order."""
    figure = 0
    for turn in conversation.turns:
        figure = zlib.crc32(turn.text.encode("utf-8", "surrogatepass"), figure)
        figure = zlib.crc32(b"%d%s" % (turn.train, turn.role.value.encode()), figure)
    return figure


def _code_of(name: str) -> str:
    return next(code for code, check in CHECKS.all().items() if any(repair.name == name for repair in check.repairs))


def _repair_context(code: str, report: CheckReport | None, context: Context) -> RepairContext:
    if report is None:
        return RepairContext(context=context)
    return RepairContext(
        context=context,
        turns=report.surplus.get(code, {}),
        removals=frozenset(report.removals.get(code, ())),
    )


def _still_the_same(key: str, conversation: Conversation, report: CheckReport | None) -> bool:
    return report is not None and key in report.prints and report.prints[key] == print_of(conversation)
