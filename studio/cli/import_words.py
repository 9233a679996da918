"""What ``import`` says: what was understood, what was hidden or taken for granted, what was stored."""

from collections.abc import Iterator

from studio.services.imports import ImportItem, ImportPlan, ImportReport, PersonaImported
from studio.texts import tr, tr_plural


def plan_lines(plan: ImportPlan) -> list[str]:
    """One line a file."""
    return [
        tr("{path}: {format}, {persona}, {conversations} conversations, {turns} turns of the persona",
           path=item.path, format=tr(item.format_label), persona=item.persona_name,
           conversations=len(item.conversations), turns=item.persona_turns)
        for item in plan.items
    ]  # fmt: skip


def remarks(plan: ImportPlan) -> list[str]:
    """What was done or assumed without being asked for, and how to have it otherwise."""
    return [*_hidden(plan), *(line for item in plan.items for line in _assumed(item))]


def report_lines(report: ImportReport) -> list[str]:
    """One line a persona."""
    return [_imported(one) for one in report.personas]


def _hidden(plan: ImportPlan) -> Iterator[str]:
    if names := sum(item.names_hidden for item in plan.items):
        yield tr_plural(
            "Names of other people were replaced in {count} file; --keep-names leaves them as they are.",
            "Names of other people were replaced in {count} files; --keep-names leaves them as they are.",
            names,
        )
    if details := sum(item.details_hidden for item in plan.items):
        yield tr_plural(
            "Mail addresses, phone numbers and the like were replaced in {count} file; --keep-details leaves them.",
            "Mail addresses, phone numbers and the like were replaced in {count} files; --keep-details leaves them.",
            details,
        )


def _assumed(item: ImportItem) -> Iterator[str]:
    orders = {
        "day_first": tr("{path}: dates were read day first (3/4 is 3 April).", path=item.path),
        "month_first": tr("{path}: dates were read month first (3/4 is 4 March).", path=item.path),
        "unclear": tr(
            "{path}: nothing shows whether 3/4 is 3 April or 4 March; it was read as 3 April. "
            "Say --day-first or --month-first.",
            path=item.path,
        ),
    }
    if item.date_order:
        yield orders[item.date_order]
    if item.mapping:
        said = ", ".join(f"{role}={name}" for role, name in item.mapping.items())
        yield tr("{path}: columns were read as {columns}; --column ROLE=NAME changes it.", path=item.path, columns=said)


def _imported(one: PersonaImported) -> str:
    kind = tr("new persona") if one.created else tr("known persona")
    added = tr_plural("{count} conversation", "{count} conversations", one.conversations)
    turns = tr_plural("{count} turn of the persona", "{count} turns of the persona", one.persona_turns)
    grown = tr_plural("{count} has grown", "{count} have grown", one.grown) if one.grown else ""
    there = tr_plural("{count} was there already", "{count} were there already", one.duplicates)
    parts = [added, grown, turns, there if one.duplicates else ""]
    return tr("{name} ({kind}): {what}", name=one.name, kind=kind, what=", ".join(filter(None, parts)))
