"""What a notification says about a run that ended. Knows no Qt."""

from typing import TYPE_CHECKING

from studio.domain.run import Run, RunState
from studio.gui import figures
from studio.gui.pages.train import run_words
from studio.texts import tr, tr_plural

if TYPE_CHECKING:
    from studio.services.studio import Studio


def notice_words(studio: "Studio", run: Run) -> tuple[str, str]:
    """Title and text, as the library knows the run now."""
    people = {one.persona.id: one.persona.name for one in studio.personas.list()}
    return notice_of(run, people.get(run.persona_id, ""), len(studio.training.queue()))


def notice_of(run: Run, name: str, left: int) -> tuple[str, str]:
    """Title and text; ``left`` runs go on or wait."""
    who = tr("{name} · run {number}", name=name or tr("deleted persona"), number=run.number)
    titles = {
        RunState.FINISHED: tr("{run} is trained", run=who),
        RunState.STOPPED: tr("{run} was stopped", run=who),
        RunState.FAILED: tr("{run} failed", run=who),
    }
    title = titles.get(run.state, tr("{run} was interrupted", run=who))
    return title, " ".join(part for part in (_text(run), _left(left)) if part)


def _text(run: Run) -> str:
    if run.state is RunState.FINISHED:
        before, after = run.heldout_nll_base, run.heldout_nll_adapter
        took = figures.duration(run.seconds)
        if before is None or after is None:
            return tr("After {time}.", time=took)
        return tr("After {time}; {gain} on held-out lines.", time=took, gain=figures.gain(before - after))
    return run_words.failure(run)


def _left(left: int) -> str:
    if not left:
        return tr("The queue is empty.")
    return tr_plural("{count} run is left in the queue.", "{count} runs are left in the queue.", left)
