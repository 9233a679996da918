"""What the models page shows: a card for each base, and the work that brings new ones. Knows no Qt."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studio.domain.base_model import BaseModel
from studio.domain.errors import StudioError
from studio.gui import figures
from studio.services.base_policy import chat_quantization
from studio.services.job import Job, Progress
from studio.services.machine_memory import total_memory
from studio.texts import sentence, tr

if TYPE_CHECKING:
    from studio.services.engine import EngineStatus
    from studio.services.studio import Studio

_WORK = {
    "starter": "Getting the starter base",
    "downloading": "Downloading",
    "unpacking": "Unpacking",
    "verifying": "Checking the file",
    "converting": "Converting",
    "inspecting": "Looking at the model",
    "loading": "Loading",
}


@dataclass(frozen=True)
class Need:
    """Memory for one way of keeping a base; ``share`` of what the machine has (0: not known)."""

    label: str
    amount: int
    total: int

    @property
    def fits(self) -> bool:
        """False when the machine has less."""
        return not self.total or self.amount <= self.total

    @property
    def words(self) -> str:
        """``0.3 of 12.0 GB``."""
        if not self.total:
            return figures.size(self.amount)
        return tr("{taken} of {total}", taken=figures.size(self.amount), total=figures.size(self.total))


@dataclass(frozen=True)
class BaseCard:
    """Everything on a base's card."""

    id: str
    name: str
    facts: str
    path: str
    needs: tuple[Need, ...]
    loaded: str
    is_default: bool
    missing: bool


@dataclass(frozen=True)
class Working:
    """The work under way, in words and as a share (0 to 1; below 0: not known)."""

    words: str
    share: float


class Presenter:
    """``on_change`` is called when something is to be shown again."""

    def __init__(self, studio: "Studio", on_change: Callable[[], None]) -> None:
        self._studio = studio
        self._on_change = on_change
        self._job: Job[object] | None = None
        self.trouble = ""

    def cards(self) -> list[BaseCard]:
        """All bases."""
        status = self._studio.engine.status()
        default = self._default_id()
        return [self._card(base, status, default) for base in self._studio.models.list()]

    def machine(self) -> str:
        """``NVIDIA …, 24.0 GB`` or nothing while it is not known."""
        status = self._studio.engine.status()
        memory = self._memory(status)
        parts = [status.device_name, tr("{size} of memory", size=figures.size(memory)) if memory else ""]
        return " · ".join(part for part in parts if part)

    def working(self) -> Working | None:
        """What is being fetched, converted or loaded now."""
        if self._job is None:
            return None
        progress = self._job.progress
        words = tr(_WORK.get(progress.what, progress.what))
        if progress.total and progress.what in ("downloading", "starter"):
            words = f"{words} · {figures.size(progress.done)} / {figures.size(progress.total)}"
        return Working(words, progress.done / progress.total if progress.total else -1.0)

    def install_starter(self) -> None:
        """Get the starter base."""
        self._follow(self._studio.models.install_starter)

    def add(self, path: Path) -> None:
        """Add a model folder or a GGUF file."""
        self._follow(lambda: self._studio.models.add(path))

    def load(self, base_id: str, quantization: str = "") -> None:
        """Bring a base into memory as ``none`` (16-bit) or ``nf4``; empty: as the settings say, or as suits."""
        self._follow(lambda: self._studio.engine.ensure_base(base_id, quantization or self._suitable(base_id)))

    def _suitable(self, base_id: str) -> str:
        status, bases = self._studio.engine.status(), self._studio.engine.bases
        return chat_quantization(
            str(self._studio.settings.get("chat_quantization")), self._studio.models.get(base_id),
            expected=bases.expected, reserved=bases.reserved, device=status.device or "cpu",
            memory=self._memory(status),
        )  # fmt: skip

    def _memory(self, status: "EngineStatus") -> int:
        return status.memory_total or total_memory()

    def cancel(self) -> None:
        """Give the work up."""
        if self._job is not None:
            self._job.cancel()

    def make_default(self, base_id: str) -> None:
        """Use this base where none is named."""
        self._studio.settings.set("default_base", base_id)

    def remove(self, base_id: str) -> str:
        """Take a base out of the library (undo token); a folder of the user's own is never touched."""
        return self._studio.models.remove(base_id)

    def dismiss(self) -> None:
        """The trouble was read."""
        self.trouble = ""
        self._on_change()

    def _follow(self, begin: Callable[[], Job]) -> None:  # type: ignore[type-arg]
        self.trouble = ""
        try:
            job = begin()
        except StudioError as error:
            self.trouble = sentence(error)
            self._on_change()
            return
        self._job = job
        job.on_progress(self._progressed)
        job.on_end(self._ended)
        self._on_change()

    def _progressed(self, progress: Progress) -> None:
        self._on_change()

    def _ended(self, job: Job) -> None:  # type: ignore[type-arg]
        self._job = None
        if job.error is not None and job.error.code != "cancelled":
            self.trouble = sentence(job.error)
        self._on_change()

    def _default_id(self) -> str:
        try:
            return self._studio.models.get("").id
        except StudioError:
            return ""

    def _card(self, base: BaseModel, status: "EngineStatus", default: str) -> BaseCard:
        loaded = status.base is not None and status.base.id == base.id
        keeping = {"none": tr("16-bit"), "nf4": "NF4"}.get(status.quantization, status.quantization)
        facts = (
            tr("{count} parameters", count=figures.parameters(base.parameters)), base.architecture,
            tr("{count} tokens of context", count=figures.whole(base.context_length)), base.licence,
        )  # fmt: skip
        needed = self._studio.models.memory_needed(base)
        return BaseCard(
            id=base.id,
            name=base.name,
            facts=" · ".join(part for part in facts if part),
            path=base.path,
            needs=tuple(Need(tr(name), amount, self._memory(status)) for name, amount in needed.items()),
            loaded=tr("in memory · {keeping}", keeping=keeping) if loaded else "",
            is_default=base.id == default,
            missing=not Path(base.path).exists(),
        )
