"""``data check``, ``data repair`` and ``data coverage``: what is wrong, how it is mended, and what is missing."""

from typing import TYPE_CHECKING, Any

import click

from studio.cli.data_words import (
    act_document,
    act_line,
    filter_of,
    filter_options,
    preview_document,
    preview_lines,
)
from studio.cli.documents import finding_document
from studio.cli.exit_codes import ExitCode
from studio.cli.session import Session, pass_session
from studio.cli.wording import count
from studio.domain.checks import Finding, Place, Severity
from studio.services.catalogue import repairs
from studio.texts import FINDINGS, tr

if TYPE_CHECKING:
    from studio.checks import CheckReport, Coverage
    from studio.services.studio import Studio

_WORDS = {Severity.BLOCK: "stops a run", Severity.WARN: "worth a look", Severity.NOTE: "good to know"}
_PARTS = {"moods": "Moods", "lengths": "Lengths", "turn_counts": "Turns of a conversation", "topics": "Topics"}


@click.command(
    help=tr(
        "Look for what would be learned wrongly. Ends with exit code 3 when something would stop a run. "
        "With --keep the findings can be filtered by afterwards."
    )
)
@click.argument("persona")
@click.option("--keep", is_flag=True, help=tr("Keep the report in the library."))
@click.option("--tokens", is_flag=True, help=tr("Count tokens too: tells what is longer than a base reads in one go."))
@pass_session
def check(session: Session, persona: str, keep: bool, tokens: bool) -> ExitCode:
    """Check the data."""
    with session.writing() if keep else session.reading() as studio:
        found = studio.personas.get(persona)
        long = session.wait(studio.masks.long_rows(found.id)) if tokens else None
        rows, window = (long.conversations, long.max_length) if long else ({}, 0)
        report = session.wait(studio.data.check_now(found.id, long_rows=rows, window=window))
    known = {name: tr(repair.label) for name, repair in repairs().items()}
    blocked = any(one.severity is Severity.BLOCK for one in report.findings)
    document = {
        "persona": found.name,
        "blocked": blocked,
        "findings": [finding_document(one) for one in report.findings],
        "repairs": known,
        "meter": _meter(report),
    }
    lines = [line for one in report.findings for line in _lines(one, known)]
    fine = tr("Nothing found: the data of {name} is fine.", name=found.name)
    session.output.result(document, *(lines or [fine]), report.meter.sentence)
    return ExitCode.TROUBLE if blocked else ExitCode.OK


@click.command(
    help=tr("Repair what a check has found; 'data check' names the repairs. --preview only shows what would change.")
)
@click.argument("persona")
@click.argument("repair_name", metavar="REPAIR")
@filter_options
@click.option("--preview", is_flag=True, help=tr("Only show what would change."))
@pass_session
def repair(session: Session, /, persona: str, repair_name: str, preview: bool, **given: Any) -> None:
    """Repair, or show what a repair would do."""
    where = filter_of(given)
    with session.writing() as studio:
        found = studio.personas.get(persona)
        if repair_name in repairs():
            _check_anew(session, studio, found.id)
        if preview:
            shown = session.wait(studio.data.preview_repair(found.id, repair_name, where))
            session.output.result(preview_document(shown), *preview_lines(shown))
        else:
            act = session.wait(studio.data.repair(found.id, repair_name, where))
            session.output.result(act_document(act), act_line(act))


@click.command(help=tr("Show what the amount of data is good for, what it covers, and what is missing."))
@click.argument("persona")
@pass_session
def coverage(session: Session, persona: str) -> None:
    """Show the meter and the map."""
    with session.reading() as studio:
        found = studio.personas.get(persona)
        report = session.wait(studio.data.check_now(found.id))
    document = {"persona": found.name, "meter": _meter(report), "coverage": _coverage(report.coverage)}
    document["style"] = {"turns": report.style.turns, "manner": report.style.manner}
    missing = ", ".join(one.label for one in report.coverage.missing)
    session.output.result(
        document,
        report.meter.sentence,
        *(line for part in _PARTS for line in _part(report.coverage, part)),
        tr("Missing: {kinds}", kinds=missing) if missing else tr("Nothing is missing."),
    )


def _check_anew(session: Session, studio: "Studio", persona_id: str) -> None:
    """Some repairs act on what only a check of all data shows."""
    kept = studio.data.checked(persona_id)
    if kept is None or not kept.fresh:
        session.wait(studio.data.check_now(persona_id))


def _lines(finding: Finding, known: dict[str, str]) -> list[str]:
    title, reason = FINDINGS[finding.code]
    head = f"[{tr(_WORDS[finding.severity])}] {tr(title)}: {count(finding.count)}"
    offered = [tr("  repair: {name} ({what})", name=one, what=known[one]) for one in finding.repairs]
    return [head, f"  {tr(reason)}", *(_place(place) for place in finding.places[:1]), *offered]


def _place(place: Place) -> str:
    return tr("  first: conversation {conversation}, turn {turn}: {excerpt}",
              conversation=place.conversation, turn=place.turn + 1, excerpt=place.excerpt)  # fmt: skip


def _meter(report: "CheckReport") -> dict[str, object]:
    meter = report.meter
    return {
        "verdict": meter.verdict,
        "persona_turns": meter.persona_turns,
        "different": meter.different,
        "words": meter.words,
        "sentence": meter.sentence,
    }


def _coverage(found: "Coverage") -> dict[str, list[dict[str, object]]]:
    return {
        part: [
            {"name": one.name, "label": one.label, "count": one.count, "expected": one.expected, "missing": one.missing}
            for one in getattr(found, part)
        ]
        for part in _PARTS
    }


def _part(found: "Coverage", part: str) -> list[str]:
    items = getattr(found, part)
    return [tr(_PARTS[part]), *(f"  {one.label:<40} {count(one.count):>8}" for one in items)] if items else []
