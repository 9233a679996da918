"""What the status bar says, decided without Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.domain.base_model import BaseModel
from studio.domain.run import Run, RunState
from studio.gui import figures
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.studio import Studio


@dataclass(frozen=True, kw_only=True)
class StatusWords:
    """``engine_role`` is a theme role; ``notice`` is what the banner says, or empty; ``notices``: how many came."""

    base: str
    memory_share: float
    memory: str
    training: str
    training_persona: str
    training_colour: str
    engine: str
    engine_role: str
    engine_failed: bool
    notice: str
    notices: int = 0


def read_status(studio: Studio) -> StatusWords:
    """Ask the services; cheap enough for four times a second."""
    status = studio.engine.status()
    run = next((one for one in studio.training.runs() if one.state is RunState.RUNNING), None)
    training, persona_id, colour = _training(studio, run)
    return StatusWords(
        base=_base(status.base, status.quantization),
        memory_share=status.memory_used / status.memory_total if status.memory_total else 0.0,
        memory=_memory(status.memory_used, status.memory_total),
        training=training,
        training_persona=persona_id,
        training_colour=colour,
        engine=_ENGINE[status.state][0](),
        engine_role=_ENGINE[status.state][1],
        engine_failed=status.state == "failed",
        notice=status.notice,
        notices=status.notices,
    )


def _base(base: BaseModel | None, quantization: str) -> str:
    if base is None:
        return tr("no base in memory")
    how = {"nf4": "NF4", "int8": tr("8 bit"), "none": tr("16 bit")}.get(quantization, quantization)
    return tr("{base} · {how} in memory", base=base.name, how=how) if how else tr("{base} in memory", base=base.name)


def _memory(used: int, total: int) -> str:
    return f"{figures.size(used)} / {figures.size(total)}" if total and used else ""


def _training(studio: Studio, run: Run | None) -> tuple[str, str, str]:
    if run is None:
        return "", "", ""
    persona = studio.personas.get(run.persona_id)
    return (
        f"{tr('{name} run {number}', name=persona.name, number=run.number)} · {_progress(studio, run)}",
        (persona.id),
        persona.colour,
    )


def _progress(studio: Studio, run: Run) -> str:
    live = studio.training.live(run.id)
    if live is None:
        return tr("starting")
    if live.phase != "training" and not live.step:
        return _PHASES.get(live.phase, lambda: live.phase)()
    words = f"{live.step}/{live.total_steps}"
    return (
        tr("{steps} · {time} left", steps=words, time=figures.duration(live.eta_seconds)) if live.eta_seconds else words
    )


_PHASES = {
    "loading": lambda: tr("loading the base"),
    "checking": lambda: tr("checking the data"),
    "evaluating": lambda: tr("measuring the base"),
    "sampling": lambda: tr("answering the probes"),
    "training": lambda: tr("training"),
}
_ENGINE = {
    "off": (lambda: tr("engine asleep"), "faint"),
    "starting": (lambda: tr("engine starting"), "warn"),
    "ready": (lambda: tr("engine ready"), "good"),
    "working": (lambda: tr("engine working"), "accent"),
    "failed": (lambda: tr("engine stopped"), "bad"),
}
