"""``runs``: what trained, trains or waits, also when another program has the library open."""

from collections.abc import Callable
from typing import TYPE_CHECKING

import click

from studio.cli.documents import run_document
from studio.cli.exit_codes import ExitCode
from studio.cli.run_words import compared_document, sample_lines, told_document, told_lines
from studio.cli.running import follow
from studio.cli.session import Session, pass_session
from studio.cli.wording import day, nats
from studio.domain.errors import StudioError
from studio.domain.run import ENDED, Run, RunState
from studio.services import control
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.studio import Studio


@click.group(help=tr("The trainings. pause, stop, resume, sample and save also reach a run in an open window."))
def runs() -> None:
    """Hold the commands together."""


@runs.command("list", help=tr("List the runs, newest first."))
@click.option("--persona", default="", metavar="NAME", help=tr("Only those of this persona."))
@pass_session
def list_runs(session: Session, persona: str) -> None:
    """List runs."""
    with session.reading() as studio:
        found = studio.training.runs(studio.personas.get(persona).id if persona else "")
        names = _names(studio)
        session.output.table(
            [run_document(run, names.get(run.persona_id, "")) for run in found],
            [tr("id"), tr("persona"), tr("state"), tr("step"), tr("held-out, base"), tr("with adapter"), tr("made")],
            [_row(run, names.get(run.persona_id, "")) for run in found],
            empty=tr("No runs yet. Begin one with 'persona-studio train PERSONA'."),
        )


@runs.command(help=tr("Show a run: what came of it, what its curves say, its recipe, conditions and log."))
@click.argument("run")
@click.option("--samples", is_flag=True, help=tr("Also what it answered to its probes, step by step."))
@pass_session
def show(session: Session, run: str, samples: bool) -> None:
    """Show one run."""
    with session.reading() as studio:
        story = studio.run_stories.story(run)
        document, lines = told_document(studio, story), list(told_lines(studio, story))
        said = list(sample_lines(studio.run_stories.samples(run))) if samples else []
    session.output.result(document, *lines, *said)


@runs.command(help=tr("Put two runs side by side: recipe, conditions and results."))
@click.argument("first")
@click.argument("second")
@click.option("--all", "everything", is_flag=True, help=tr("Also what is the same in both."))
@pass_session
def compare(session: Session, first: str, second: str, everything: bool) -> None:
    """Compare two runs."""
    with session.reading() as studio:
        found = studio.run_stories.compare(first, second)
    rows = [row for row in found.rows if everything or row.differs]
    session.output.table(
        compared_document(found),
        ["", found.first_label, found.second_label],
        [[row.label, row.first, row.second] for row in rows],
        empty=tr("These two runs do not differ."),
    )


@runs.command(help=tr("Let the run that trains answer its probes now."))
@click.argument("run")
@pass_session
def sample(session: Session, run: str) -> ExitCode:
    """Sample now."""
    return _wish(session, run, "sample", lambda studio: studio.training.sample_now(run))


@runs.command(help=tr("Let the run that trains write a checkpoint now."))
@click.argument("run")
@pass_session
def save(session: Session, run: str) -> ExitCode:
    """Save now."""
    return _wish(session, run, "save", lambda studio: studio.training.save_now(run))


@runs.command(help=tr("Let a run write a checkpoint and rest."))
@click.argument("run")
@pass_session
def pause(session: Session, run: str) -> ExitCode:
    """Pause."""
    return _wish(session, run, "pause", lambda studio: studio.training.pause(run))


@runs.command(help=tr("End a run and keep the adapter it has learned so far."))
@click.argument("run")
@pass_session
def stop(session: Session, run: str) -> ExitCode:
    """Stop."""
    return _wish(session, run, "stop", lambda studio: studio.training.stop(run))


@runs.command(help=tr("Go on with a paused or interrupted run from its last checkpoint."))
@click.argument("run")
@pass_session
def resume(session: Session, run: str) -> ExitCode:
    """Resume."""
    return _wish(session, run, "resume", lambda studio: studio.training.resume(run))


def _wish(session: Session, run: str, wish: str, act: "Callable[[Studio], object]") -> ExitCode:
    """Do it here when the library is free; otherwise ask the program that has it."""
    with session.reading() as studio:
        studio.training.get(run)
    try:
        with session.writing() as studio:
            act(studio)
            return _outcome(session, studio, run)
    except StudioError as error:
        if error.code != "library_in_use":
            raise
    control.request(session.library, run, wish)
    session.output.result(
        {"run": run, "wish": wish, "asked": True},
        tr("Asked the program that has the library open to {wish} {run}.", wish=tr(wish), run=run),
    )
    return ExitCode.OK


def _outcome(session: Session, studio: "Studio", run: str) -> ExitCode:
    now = studio.training.get(run)
    if now.state in (RunState.QUEUED, RunState.RUNNING) or now.state in ENDED:
        return follow(session, studio, run)
    persona = studio.personas.get(now.persona_id).name
    session.output.result(run_document(now, persona), f"{run}: {tr(now.state.value)}")
    return ExitCode.OK


def _names(studio: "Studio") -> dict[str, str]:
    return {one.persona.id: one.persona.name for one in studio.personas.list()}


def _row(run: Run, persona: str) -> list[str]:
    step = f"{run.step}/{run.total_steps}"
    losses = [nats(run.heldout_nll_base), nats(run.heldout_nll_adapter)]
    return [run.id, persona, tr(run.state.value), step, *losses, day(run.created_at)]
