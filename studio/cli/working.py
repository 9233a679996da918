"""Working on several runs: until all have ended, with Ctrl+C as a rest for the whole queue."""

from collections.abc import Sequence
from typing import TYPE_CHECKING

from studio.cli.documents import Document, run_document
from studio.cli.exit_codes import ExitCode
from studio.cli.running import watching
from studio.cli.session import Session
from studio.cli.wording import local, nats
from studio.domain.run import Run, RunState
from studio.services.method_comparison import failure_sentence
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.studio import Studio


def work_on(session: Session, studio: "Studio", run_ids: Sequence[str]) -> None:
    """Run the loop until these runs have ended or were paused; one that starts at a time, or rests, is waited for."""
    jobs = [studio.training.wait_job(run_id, through_rests=True) for run_id in run_ids]
    session.loop.tick = lambda: studio.training.poll_control(takes_up=False)
    with watching(session, studio, run_ids):
        session.loop.run_until(
            lambda: all(job.ended for job in jobs) or no_more(session, studio),
            on_interrupt=lambda: rest(session, studio),
        )


def no_more(session: Session, studio: "Studio") -> bool:
    """True when nothing goes on: the user ended it and the run in training rests, or the engine cannot be started."""
    return studio.training.is_stuck or (session.loop.interrupted and not studio.training.is_active)


def rest(session: Session, studio: "Studio") -> None:
    """The run in training writes a checkpoint, and no other one begins."""
    session.output.note(tr("Pausing: the step ends and a checkpoint is written. Ctrl+C again leaves at once."))
    studio.training.close()


def tell_outcome(session: Session, studio: "Studio", run_ids: Sequence[str]) -> ExitCode:
    """A table of what became of the runs; failures with their sentence on stderr."""
    runs = [studio.training.get(run_id) for run_id in run_ids]
    tell_runs(session, studio, runs)
    failed = [run for run in runs if run.state in (RunState.FAILED, RunState.INTERRUPTED)]
    for run in failed:
        session.output.note(f"{run.id}: {failure_sentence(run) or tr(run.state.value)}")
    if session.loop.interrupted:
        return ExitCode.INTERRUPTED
    if studio.training.is_stuck:
        session.output.note(studio.engine.status().notice)
        return ExitCode.ENGINE
    return ExitCode.TROUBLE if failed else ExitCode.OK


def tell_runs(session: Session, studio: "Studio", runs: Sequence[Run]) -> None:
    """Runs as a table, in this order."""
    names = {one.persona.id: one.persona.name for one in studio.personas.list()}
    documents: list[Document] = [run_document(run, names.get(run.persona_id, "")) for run in runs]
    heads = [tr("id"), tr("persona"), tr("method"), tr("state"), tr("step"), tr("held-out, base"), tr("with adapter"),
             tr("starts")]  # fmt: skip
    rows = [_row(run, names.get(run.persona_id, "")) for run in runs]
    session.output.table(documents, heads, rows, empty=tr("Nothing is queued."))


def _row(run: Run, persona: str) -> list[str]:
    state = tr(run.state.value) + (f" ({tr(run.resting)})" if run.resting not in ("", "user") else "")
    losses = [nats(run.heldout_nll_base), nats(run.heldout_nll_adapter)]
    starts = local(run.starts_at) if run.starts_at else ""
    return [run.id, persona, run.method, state, f"{run.step}/{run.total_steps}", *losses, starts]
