"""``drafts``: examples for a persona without chat logs, written by the base from the card and decided on one by one."""

from collections.abc import Sequence
from typing import Any

import click

from studio.cli.session import Session, pass_session
from studio.domain.drafts import Draft, DraftState
from studio.services.catalogue import draft_kinds
from studio.texts import tr, tr_plural

_STATES = [state.value for state in DraftState]


@click.group(
    help=tr(
        "Examples for a persona without chat logs: the base answers questions as the card describes the persona, and "
        "you accept, edit or reject each. What is accepted is marked as generated for good."
    )
)
def drafts() -> None:
    """Hold the commands together."""


@drafts.command(help=tr("Have the base write drafts. Without --ask, ten of each kind."))
@click.argument("persona")
@click.option(
    "--ask", "wanted", multiple=True, metavar="KIND=COUNT",
    help=tr("How many of a kind: {kinds}; may be repeated.", kinds=", ".join(draft_kinds())),
)  # fmt: skip
@click.option("--seed", type=click.IntRange(0, 2**31 - 1), help=tr("The same seed draws the same questions."))
@pass_session
def write(session: Session, persona: str, wanted: tuple[str, ...], seed: int | None) -> None:
    """Write drafts."""
    counts = _wanted(wanted)
    with session.writing() as studio:
        found = studio.personas.get(persona)
        made = session.wait(studio.drafts.write(found.id, counts, seed=seed))
        waiting = studio.drafts.list(found.id)
    words = tr_plural("{count} draft was written for {name}.", "{count} drafts were written for {name}.",
                      made, name=found.name)  # fmt: skip
    document = {"persona": found.name, "written": made, "waiting": [_document(one) for one in waiting]}
    session.output.result(document, words)


@drafts.command("list", help=tr("List drafts; those that wait for a decision, if --state does not say otherwise."))
@click.argument("persona")
@click.option("--state", type=click.Choice([*_STATES, "all"]), default=DraftState.NEW.value, show_default=True)
@pass_session
def list_drafts(session: Session, persona: str, state: str) -> None:
    """List drafts."""
    with session.reading() as studio:
        found = studio.personas.get(persona)
        shown = studio.drafts.list(found.id, None if state == "all" else DraftState(state))
    session.output.table(
        [_document(one) for one in shown],
        [tr("id"), tr("kind"), tr("asked"), tr("reply")],
        [[one.id, one.kind, one.prompt, one.reply] for one in shown],
        empty=tr("There are none."),
    )


@drafts.command(help=tr("Take drafts into the persona's data; --text takes one with other words, --all takes all."))
@click.argument("persona")
@click.argument("ids", nargs=-1, metavar="[DRAFT]...")
@click.option("--text", default="", metavar="WORDS", help=tr("The reply as it should be; for one draft."))
@click.option("--all", "everything", is_flag=True, help=tr("Every draft that waits."))
@pass_session
def accept(session: Session, persona: str, ids: tuple[str, ...], text: str, everything: bool) -> None:
    """Accept drafts."""
    if text and (len(ids) != 1 or everything):
        raise click.UsageError(tr("--text is for exactly one draft."))
    with session.writing() as studio:
        found = studio.personas.get(persona)
        chosen = [one.id for one in studio.drafts.list(found.id)] if everything else _named(ids)
        if text:
            studio.drafts.accept(chosen[0], text)
        else:
            studio.drafts.accept_all(chosen)
        overview = studio.data.overview(found.id)
    document = {"persona": found.name, "accepted": len(chosen), "conversations": overview.conversations}
    session.output.result(document, tr_plural("{count} draft accepted.", "{count} drafts accepted.", len(chosen)))


@drafts.command(help=tr("Turn drafts down; their questions are not asked again."))
@click.argument("persona")
@click.argument("ids", nargs=-1, required=True, metavar="DRAFT...")
@pass_session
def reject(session: Session, persona: str, ids: tuple[str, ...]) -> None:
    """Reject drafts."""
    with session.writing() as studio:
        found = studio.personas.get(persona)
        for one in ids:
            studio.drafts.reject(one)
    session.output.result(
        {"persona": found.name, "rejected": len(ids)},
        tr_plural("{count} draft rejected.", "{count} drafts rejected.", len(ids)),
    )


def _wanted(words: Sequence[str]) -> dict[str, int]:
    if not words:
        return dict.fromkeys(draft_kinds(), 10)
    found: dict[str, int] = {}
    for word in words:
        kind, _, count = word.partition("=")
        if kind not in draft_kinds() or not count.isdecimal():
            known = ", ".join(draft_kinds())
            raise click.BadParameter(tr("write KIND=COUNT, with a kind of: {known}", known=known), param_hint="--ask")
        found[kind] = int(count)
    return found


def _named(ids: Sequence[str]) -> list[str]:
    if not ids:
        raise click.UsageError(tr("Name the drafts, or say --all."))
    return list(ids)


def _document(draft: Draft) -> dict[str, Any]:
    return {
        "id": draft.id,
        "kind": draft.kind,
        "state": draft.state.value,
        "prompt": draft.prompt,
        "reply": draft.reply,
    }
