"""The main job once through, with services only: a base, two personas trained, compared, measured and exported."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, TypeVar

from studio.domain.adapter import Adapter
from studio.domain.base_model import BaseModel
from studio.domain.chat import Contestant, Sampler
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.domain.run import Run
from studio.services.adapter_measure import IdentityMatrix, RackFigures
from studio.services.job import Job
from studio.services.run_figures import run_figures
from studio.services.studio import Studio
from studio.texts import tr

T = TypeVar("T")

PERSONAS = ("Mira Vane", "Tik")
"""Of the samples the two whose voices are furthest apart: a swaggering smuggler, and a child of clockwork."""

METHOD = "qlora"
PRESET = "balanced"
OPTIONS: dict[str, object] = {"rank": 16, "learning_rate": 1e-3, "batch_size": 8, "epochs": 2.0, "max_steps": 14}
"""What fits ten minutes on two cores. A base of 135M takes on a voice only with big steps (1e-3), and then quickly: 4
steps saved 0.46 and 0.50 nats a token, 12 about 0.6. A step reads about 1,700 tokens, which takes NF4 on two cores 9 to
17 seconds; ``max_steps`` is what bounds the time."""

PROMPTS = ("Who are you?", "I lost my keys. What do I do?", "What do you think of storms?")
SAMPLER = Sampler(temperature=0.0, repetition_penalty=1.15, max_tokens=64)
SEED = 7
ROWS = 4
WEIGHTS = "adapter_model.safetensors"


@dataclass(frozen=True, kw_only=True)
class DemoHost:
    """What the demo needs of whoever runs it: a way to wait for jobs and for runs, and somebody to tell."""

    wait: Callable[[Job[Any]], Any]
    train: Callable[[str], Run]
    tell: Callable[[str], None]


@dataclass(frozen=True, kw_only=True)
class DemoReply:
    """An answer."""

    prompt: str
    contestant: str
    text: str


@dataclass(frozen=True, kw_only=True)
class DemoExport:
    """An adapter that was written; ``sha256`` of its weights."""

    adapter: str
    path: Path
    sha256: str


@dataclass(frozen=True, kw_only=True)
class DemoOutcome:
    """Everything that was found out. ``chat_id`` is the stored chat with the replies."""

    runs: tuple[tuple[str, Run], ...]
    matrix: IdentityMatrix
    chat_id: str
    replies: tuple[DemoReply, ...]
    rack: RackFigures
    exports: tuple[DemoExport, ...]

    def document(self, library: Path, window: dict[str, Any]) -> dict[str, Any]:
        """The demo's document, under the names that stay."""
        return {
            "runs": [run_figures(run, persona) for persona, run in self.runs],
            "identity_matrix": {
                "lines_of": list(self.matrix.lines_of),
                "explained_by": list(self.matrix.explained_by),
                "nll": [list(row) for row in self.matrix.nll],
            },
            "replies": [{"prompt": one.prompt, "contestant": one.contestant, "text": one.text} for one in self.replies],
            "swap_ms": self.rack.swap_ms,
            "row_cost": {"rows": self.rack.rows, "ratio_to_one_row": self.rack.ratio_to_one_row},
            "exports": [{"adapter": one.adapter, "path": str(one.path), "sha256": one.sha256} for one in self.exports],
            "window": window,
            "library": str(library),
        }


def run_demo(studio: Studio, exports: Path, host: DemoHost) -> DemoOutcome:
    """Do everything on an open library. Done again on the same one, it keeps base and data, and trains anew."""
    base = _base(studio, host)
    personas = _personas(studio, host)
    runs = [_train(studio, persona, base, host) for persona in personas]
    adapters = [studio.adapters.get(run.adapter_id) for run in runs]
    chat_id, replies = _talk(studio, adapters, host)
    matrix, rack = _measure(studio, adapters, personas, host)
    return DemoOutcome(
        runs=tuple((persona.name, run) for persona, run in zip(personas, runs, strict=True)),
        matrix=matrix,
        chat_id=chat_id,
        replies=replies,
        rack=rack,
        exports=tuple(_export(studio, adapter, exports, host) for adapter in adapters),
    )


def _base(studio: Studio, host: DemoHost) -> BaseModel:
    host.tell(tr("The starter base: SmolLM2 135M Instruct"))
    base: BaseModel = host.wait(studio.models.install_starter())
    return base


def _personas(studio: Studio, host: DemoHost) -> list[Persona]:
    host.tell(tr("The sample personas"))
    report = studio.samples.import_all()
    for _, error in report.problems:
        raise error
    studio.settings.set("first_start_done", True)
    return [studio.personas.get(name) for name in PERSONAS]


def _train(studio: Studio, persona: Persona, base: BaseModel, host: DemoHost) -> Run:
    host.tell(tr("Training {name} with QLoRA", name=persona.name))
    queued = studio.training.start(persona.id, base_id=base.id, method=METHOD, preset=PRESET, options=OPTIONS)
    run = host.train(queued.id)
    if not run.adapter_id:
        raise StudioError("run_unfinished", run=run.id, state=run.state.value)
    return run


def _talk(studio: Studio, adapters: list[Adapter], host: DemoHost) -> tuple[str, tuple[DemoReply, ...]]:
    """The same prompts to base and adapters, as a chat that stays in the library."""
    host.tell(tr("Three questions to the base and both adapters, side by side"))
    contestants = [Contestant(), *(Contestant(adapter_id=adapter.id) for adapter in adapters)]
    names = ["base", *(adapter.name for adapter in adapters)]
    chat = studio.chats.create(tr("Base and two voices"), contestants)
    replies: list[DemoReply] = []
    for prompt in PROMPTS:
        rows = host.wait(studio.chats.ask(chat.id, prompt, sampler=SAMPLER, seed=SEED))
        replies += [DemoReply(prompt=prompt, contestant=names[row.column], text=row.text) for row in rows]
    return chat.id, tuple(replies)


def _measure(
    studio: Studio, adapters: list[Adapter], personas: list[Persona], host: DemoHost
) -> tuple[IdentityMatrix, RackFigures]:
    host.tell(tr("Who explains whose held-out lines, and what the rack costs"))
    ids = [adapter.id for adapter in adapters]
    matrix: IdentityMatrix = host.wait(studio.adapters.evaluate(ids, [persona.id for persona in personas]))
    rack: RackFigures = host.wait(studio.adapters.measure(ids, ROWS))
    return matrix, rack


def _export(studio: Studio, adapter: Adapter, exports: Path, host: DemoHost) -> DemoExport:
    report = host.wait(studio.adapters.export(adapter.id, "peft", _free_folder(exports, adapter)))
    return DemoExport(adapter=adapter.name, path=report.path, sha256=report.sha256[WEIGHTS])


def _free_folder(exports: Path, adapter: Adapter) -> Path:
    """Named after the adapter; with its id behind when an earlier demo's export is there."""
    words = "-".join("".join(char if char.isalnum() else " " for char in adapter.name.lower()).split())
    plain = exports / words
    return exports / f"{words}-{adapter.id}" if plain.exists() else plain
