"""Staying with a run until it rests or ends: live figures, Ctrl+C as a pause, and the words about the outcome."""

import json
from collections.abc import Collection, Iterator, Sequence
from contextlib import contextmanager
from typing import TYPE_CHECKING

import click

from studio.cli.documents import run_document
from studio.cli.exit_codes import ExitCode
from studio.cli.progress import View, progress_view
from studio.cli.session import Session
from studio.cli.wording import count, duration, local, nats, size
from studio.domain.changes import Change, Kind
from studio.domain.errors import StudioError
from studio.domain.run import RESUMABLE, Run, RunState
from studio.services.job import Job, Progress
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.studio import Studio

_RESTS = {
    "battery": "{run} rests while the computer runs on battery, and goes on when it is plugged in.",
    "memory": "{run} rests while another program needs the memory, and goes on when there is room.",
    "disk": "{run} rests because the disk is full, and goes on when there is room.",
}


def options_from(assignments: Sequence[str], flag: str = "--set") -> dict[str, str]:
    """``key=value`` words as options; the method checks names and values."""
    found: dict[str, str] = {}
    for word in assignments:
        name, equals, value = word.partition("=")
        if not equals or not name.strip():
            raise click.BadParameter(tr("{word} is not of the form KEY=VALUE", word=word), param_hint=flag)
        found[name.strip()] = value.strip()
    return found


def follow(session: Session, studio: "Studio", run_id: str) -> ExitCode:
    """Wait for the run, show how it goes, and say how it ended."""
    run = wait_for_run(session, studio, run_id)
    if run.state is RunState.QUEUED:
        session.output.note(studio.engine.status().notice)
        return ExitCode.ENGINE
    persona = studio.personas.get(run.persona_id).name
    session.output.result(run_document(run, persona), *_lines(studio, run, persona))
    if run.state in RESUMABLE:
        tell_how_to_resume(session, run)
    return ExitCode.INTERRUPTED if session.loop.interrupted else ExitCode.OK


def wait_for_run(session: Session, studio: "Studio", run_id: str) -> Run:
    """Run the loop until the run has ended or was paused; raise its trouble if it failed. Ctrl+C pauses it.

    A run that rests for a while, or starts at a time, is waited for.
    """
    job = studio.training.wait_job(run_id, through_rests=True)
    session.loop.tick = lambda: studio.training.poll_control(takes_up=False)
    with watching(session, studio, [run_id]):
        session.loop.run_until(lambda: job.ended or studio.training.is_stuck, on_interrupt=lambda: _pause(session, job))
    run = studio.training.get(run_id)
    _raise_failure(run)
    return run


def tell_how_to_resume(session: Session, run: Run) -> None:
    """The command that goes on with a resting run, as it has to be typed."""
    session.output.note(tr("Go on with: {command} runs resume {run}", command=session.command, run=run.id))


@contextmanager
def watching(session: Session, studio: "Studio", run_ids: Collection[str]) -> Iterator[None]:
    """Show how the one of these runs that trains goes on, and say when one waits or rests. None given: all runs."""
    said: dict[str, str] = {}

    def tell(run: Run) -> None:
        words = waiting_words(run)
        if words != said.get(run.id, ""):
            said[run.id] = words
            session.output.note(words)

    with progress_view() as view:

        def hear(change: Change) -> None:
            for run_id in change.ids if not run_ids else change.ids & set(run_ids):
                if Kind.RUN_PROGRESS in change.kinds:
                    _show(studio, view, run_id)
                elif Kind.RUN in change.kinds:
                    tell(studio.training.get(run_id))

        for run_id in run_ids:
            tell(studio.training.get(run_id))
        stop = studio.changes.subscribe(hear)
        try:
            yield
        finally:
            stop()


def waiting_words(run: Run) -> str:
    """What a run waits for; empty when it waits for nothing but its turn."""
    if run.state is RunState.QUEUED and run.starts_at:
        return tr("{run} starts at {moment}.", run=run.id, moment=local(run.starts_at))
    return tr(_RESTS[run.resting], run=run.id) if run.state is RunState.PAUSED and run.resting in _RESTS else ""


def _pause(session: Session, job: Job[Run]) -> None:
    session.output.note(tr("Pausing: the step ends and a checkpoint is written. Ctrl+C again leaves at once."))
    job.cancel()


def _show(studio: "Studio", view: View, run_id: str) -> None:
    live = studio.training.live(run_id)
    if live is None:
        return
    if live.phase != "training" or not live.step:
        view.show(Progress(what=live.phase))
        return
    detail = tr("step {step}/{total}  loss {loss}  {speed} tokens/s  {left} left",
                step=live.step, total=live.total_steps, loss=nats(live.loss),
                speed=count(live.tokens_per_second), left=duration(live.eta_seconds))  # fmt: skip
    view.show(Progress(what=live.phase, done=live.step, total=live.total_steps), detail)


def _raise_failure(run: Run) -> None:
    """A run that failed, or whose engine is gone for good, ends the command with its trouble."""
    if run.failure and not waiting_words(run):
        told = json.loads(run.failure)
        raise StudioError(told["code"], **told["details"])
    if run.state is RunState.INTERRUPTED:
        raise StudioError("run_interrupted", run=run.id)


def _lines(studio: "Studio", run: Run, persona: str) -> list[str]:
    head = tr("{persona}: {state} at step {step} of {total}, after {time}", persona=persona, state=tr(run.state.value),
              step=run.step, total=run.total_steps, time=duration(run.seconds))  # fmt: skip
    figures = tr("{tokens} tokens learned, {speed} tokens/s, {memory} at most", tokens=count(run.trained_tokens),
                 speed=count(run.tokens_per_second), memory=size(run.peak_memory_bytes))  # fmt: skip
    if not run.adapter_id:
        return [head, figures]
    loss = tr("held-out loss: base {base}, adapter {adapter} nats per token",
              base=nats(run.heldout_nll_base), adapter=nats(run.heldout_nll_adapter))  # fmt: skip
    adapter = studio.adapters.get(run.adapter_id)
    return [head, figures, loss, tr("Adapter: {name} ({id})", name=adapter.name, id=adapter.id)]
