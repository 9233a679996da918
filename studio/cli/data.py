"""``data``: what a persona would learn from."""

import click

from studio.cli.documents import finding_document, overview_document
from studio.cli.exit_codes import ExitCode
from studio.cli.session import Session, pass_session
from studio.cli.wording import count
from studio.domain.checks import Finding, Place, Severity
from studio.texts import FINDINGS, tr

_WORDS = {Severity.BLOCK: "stops a run", Severity.WARN: "worth a look", Severity.NOTE: "good to know"}


@click.group(help=tr("What a persona would learn from."))
def data() -> None:
    """Hold the commands together."""


@data.command(help=tr("Show how much there is: conversations, turns of the persona, tokens, the held-out share."))
@click.argument("persona")
@pass_session
def show(session: Session, persona: str) -> None:
    """Show the figures."""
    with session.reading() as studio:
        found = studio.personas.get(persona)
        overview = studio.data.overview(found.id)
        figures = overview_document(overview)
        versions = [version.number for version in studio.data.versions(found.id)]
        document = {"persona": found.name, "persona_id": found.id} | figures | {"versions": versions}
        about = "" if overview.tokens_exact else tr("about ")
        session.output.result(
            document,
            tr("{name}: {conversations} conversations ({heldout} held out), {turns} turns of the persona",
               name=found.name, conversations=count(overview.conversations), heldout=count(overview.heldout),
               turns=count(overview.persona_turns)),
            tr("{words} words, {about}{tokens} tokens", words=count(overview.words), about=about,
               tokens=count(overview.tokens)),
        )  # fmt: skip


@data.command(help=tr("Look for what would be learned wrongly. Ends with exit code 3 when something would stop a run."))
@click.argument("persona")
@pass_session
def check(session: Session, persona: str) -> ExitCode:
    """Check the data."""
    with session.reading() as studio:
        found = studio.personas.get(persona)
        findings = studio.data.check(found.id)
    blocked = any(one.severity is Severity.BLOCK for one in findings)
    document = {"persona": found.name, "blocked": blocked, "findings": [finding_document(one) for one in findings]}
    lines = [line for one in findings for line in _lines(one)]
    session.output.result(document, *(lines or [tr("Nothing found: the data of {name} is fine.", name=found.name)]))
    return ExitCode.TROUBLE if blocked else ExitCode.OK


def _lines(finding: Finding) -> list[str]:
    title, reason = FINDINGS[finding.code]
    head = f"[{tr(_WORDS[finding.severity])}] {tr(title)}: {count(finding.count)}"
    return [head, f"  {tr(reason)}", *(_place(place) for place in finding.places[:1])]


def _place(place: Place) -> str:
    return tr("  first: conversation {conversation}, turn {turn}: {excerpt}",
              conversation=place.conversation, turn=place.turn + 1, excerpt=place.excerpt)  # fmt: skip
