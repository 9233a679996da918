"""``queue``: what waits, in which order and until when; a run with one change, a sweep, and working through it all."""

from typing import TYPE_CHECKING

import click

from studio.cli.exit_codes import ExitCode
from studio.cli.running import options_from, watching
from studio.cli.session import Session, pass_session
from studio.cli.train import METHODS, base_option, later_option, preset_option, set_option
from studio.cli.working import no_more, rest, tell_outcome, tell_runs, work_on
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.studio import Studio


@click.group(help=tr("The runs that train, wait or rest, in their order."))
def queue() -> None:
    """Hold the commands together."""


@queue.command("list", help=tr("List what trains, what waits in its order, and what rests and goes on by itself."))
@pass_session
def list_queue(session: Session) -> None:
    """List the queue."""
    with session.reading() as studio:
        tell_runs(session, studio, studio.training.queue())


@queue.command(help=tr("Put a waiting run before another one, or at the end."))
@click.argument("run")
@click.option("--before", default="", metavar="RUN", help=tr("The run that comes after it; otherwise it goes last."))
@pass_session
def move(session: Session, run: str, before: str) -> None:
    """Move."""
    with session.writing() as studio:
        studio.training.move(run, before)
        tell_runs(session, studio, studio.training.queue())


@queue.command(help=tr("Hold a run back until TIME: 01:30, 2026-11-22T01:30, or 'now'."))
@click.argument("run")
@click.argument("time")
@pass_session
def schedule(session: Session, run: str, time: str) -> None:
    """Give a run a time."""
    with session.writing() as studio:
        studio.training.schedule(run, "" if time == "now" else time, begins=False)
        tell_runs(session, studio, studio.training.queue())


@queue.command(help=tr("Train once more on the same data with the same recipe, but for what is given here."))
@click.argument("run")
@click.option("--method", default="", type=click.Choice(["", *METHODS]), show_choices=False, metavar="METHOD")
@set_option
@later_option
@pass_session
def duplicate(session: Session, run: str, method: str, assignments: tuple[str, ...], later: bool) -> ExitCode:
    """Duplicate."""
    options = options_from(assignments)
    with session.writing() as studio:
        made = studio.training.duplicate(run, method=method, options=options, begins=not later)
        return _queued_or_done(session, studio, [made.id], later)


@queue.command(help=tr("Train PERSONA with every combination of values, such as --over rank=8,16."))
@click.argument("persona")
@click.option(
    "--over", multiple=True, required=True, metavar="KEY=VALUE,VALUE",
    help=tr("An option and its values; may be repeated."),
)  # fmt: skip
@base_option
@click.option("--method", default="qlora", show_default=True, type=click.Choice(METHODS))
@preset_option
@set_option
@later_option
@pass_session
def sweep(
    session: Session,
    persona: str,
    over: tuple[str, ...],
    base: str,
    method: str,
    preset: str,
    assignments: tuple[str, ...],
    later: bool,
) -> ExitCode:
    """Sweep."""
    grid = {name: values.split(",") for name, values in options_from(over, "--over").items()}
    options = options_from(assignments)
    with session.writing() as studio:
        found, chosen = studio.personas.get(persona), studio.models.get(base)
        group = studio.training.sweep(
            found.id, base_id=chosen.id, method=method, preset=preset, options=options, grid=grid, begins=not later
        )
        return _queued_or_done(session, studio, [run.id for run in studio.training.runs_of(group.id)], later)


@queue.command(help=tr("Work through the queue, until nothing waits any more. Ctrl+C pauses; the next start goes on."))
@pass_session
def run(session: Session) -> ExitCode:
    """Work."""
    with session.writing() as studio:
        training = studio.training
        worked: dict[str, None] = {}

        def nothing_left() -> bool:
            left = training.queue()
            worked.update(dict.fromkeys(one.id for one in left))
            return not left or no_more(session, studio)

        session.loop.tick = training.poll_control
        training.poll_control()
        with watching(session, studio, []):
            session.loop.run_until(nothing_left, on_interrupt=lambda: rest(session, studio))
        return tell_outcome(session, studio, list(worked))


def _queued_or_done(session: Session, studio: "Studio", run_ids: list[str], later: bool) -> ExitCode:
    if later:
        tell_runs(session, studio, studio.training.queue())
        return ExitCode.OK
    work_on(session, studio, run_ids)
    return tell_outcome(session, studio, run_ids)
