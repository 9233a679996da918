"""The head of a run's page in words: its figures, what it waits for, why it rests. Knows no Qt."""

from collections.abc import Sequence
from datetime import datetime
from typing import TYPE_CHECKING

from studio.domain.run import Run, RunState
from studio.gui import figures
from studio.gui.pages.train import run_words
from studio.gui.pages.train.run.curves import temperature
from studio.gui.pages.train.when import moment_words
from studio.texts import tr, tr_plural

if TYPE_CHECKING:
    from studio.services.run_feed import LiveRun

_RESTING = {
    "user": "You paused it. Nothing is lost: Resume goes on exactly where it stopped.",
    "closed": "It rests because the program was closed, and goes on exactly where it stopped.",
    "battery": "It rests while the computer runs on battery, and goes on by itself when it is plugged in.",
    "memory": "It rests while another program needs the memory, and goes on by itself when there is room.",
    "disk": "It rests because the disk is full, and goes on by itself when there is room again.",
}


def figure_words(run: Run, live: "LiveRun | None") -> str:
    """``step 355 of 480 · 4 min left · 1,940 tokens/s · 5.6 GB · 71 °C``."""
    words = run_words.progress_line(run, live)
    degrees = live.temperature if live else 0.0
    return " · ".join([words, temperature(degrees)]) if degrees else words


def waiting(run: Run, ahead: Sequence[str], now: datetime) -> str:
    """What a queued or resting run waits for; ``ahead`` are the titles of those that come first."""
    if run.state is RunState.PAUSED:
        return tr(_RESTING.get(run.resting, _RESTING["user"]))
    if run.state is not RunState.QUEUED:
        return ""
    if run.starts_at and datetime.fromisoformat(run.starts_at) > now:
        return tr("It starts {moment}, if the program is open then.", moment=moment_words(run.starts_at, now))
    if len(ahead) > 1:
        return tr_plural(
            "{count} run comes first; the next is {title}.", "{count} runs come first; the next is {title}.",
            len(ahead), title=ahead[0],
        )  # fmt: skip
    if ahead:
        return tr("It begins when {title} has ended.", title=ahead[0])
    return tr("It begins as soon as the engine is ready.")


def subtitle(method: str, rank: object, base: str) -> str:
    """``QLoRA · rank 16 · SmolLM2 135M``."""
    parts = [method, tr("rank {rank}", rank=rank) if rank else "", base]
    return " · ".join(part for part in parts if part)


def outcome(run: Run, name: str, best_step: int) -> str:
    """How it ended, with the best checkpoint where it is not the last one."""
    said = run_words.outcome(run, name)
    if said and run.best_step and run.best_step != run.step:
        kept = tr("The adapter holds step {step}, the best checkpoint.", step=figures.whole(run.best_step))
    elif said and best_step and best_step != run.step:
        kept = tr("Step {step} looks best; the adapter holds the last step.", step=figures.whole(best_step))
    else:
        kept = ""
    return " ".join(part for part in (said, kept) if part)
