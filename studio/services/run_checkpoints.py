"""A run's checkpoints as adapters that can speak: made into PEFT folders when one is first asked for."""

import hashlib
import re
import threading
from collections.abc import Callable
from dataclasses import replace
from pathlib import Path

from studio import paths
from studio.domain.adapter import Adapter
from studio.domain.errors import StudioError
from studio.domain.run import Run
from studio.library.library import Library
from studio.methods.method import METHODS
from studio.services.checkpoint_folder import CONFIG, WEIGHTS, write_voice
from studio.texts import tr

VOICES = "voices"
"""The folder in a run's own; what was once asked for stays, although the run keeps only its last checkpoints."""
Making = Callable[[], None]
_STEP = re.compile(r"step-(\d{1,12})")


class RunCheckpoints:
    """The folders lie in the run's own, so they go when it goes.

    Making one copies a file as large as an adapter and reads it once more: who must not wait asks for the ``making``.
    """

    def __init__(self, library: Library) -> None:
        self._library = library
        self._contents: dict[tuple[Path, int], str] = {}
        self._one_at_a_time = threading.Lock()

    def steps(self, run_id: str) -> list[int]:
        """The steps whose weights lie on disk, the oldest first; a run without an adapter of its own has none."""
        run = self._library.runs.get(run_id)
        if run is None or self._own_base(run):
            return []
        return sorted(self._places(run_id))

    def adapter(self, run_id: str, step: int) -> Adapter:
        """What the run had learned at a step."""
        run = self._speaking(run_id, step)
        making, folder = self._making(run, step), self._target(run, step)
        if making is not None:
            making()
        return replace(
            self._described(run, step),
            path=folder.relative_to(self._library.folder).as_posix(),
            content=self._content(folder / WEIGHTS),
            size_bytes=(folder / WEIGHTS).stat().st_size,
        )

    def making(self, run_id: str, step: int) -> Making | None:
        """What must be done before ``adapter`` costs nothing, for any thread; None when it is done already."""
        return self._making(self._speaking(run_id, step), step)

    def described(self, run_id: str, step: int) -> Adapter | None:
        """The same for showing only: nothing is made, and what is gone has a name still."""
        run = self._library.runs.get(run_id)
        return self._described(run, step) if run else None

    def _described(self, run: Run, step: int) -> Adapter:
        base = self._library.bases.get(run.base_id)
        return Adapter(
            id=f"{run.id}-step-{step}", name=tr("run {number}, step {step}", number=run.number, step=step),
            persona_id=run.persona_id, base_id=run.base_id, base_fingerprint=base.fingerprint if base else "",
            run_id=run.id, method=run.method, rank=0, alpha=0.0, step=step, path="", content="", size_bytes=0,
        )  # fmt: skip

    def _speaking(self, run_id: str, step: int) -> Run:
        run = self._library.runs.get(run_id)
        if run is None:
            raise StudioError("not_found", what="run", name=run_id)
        if self._own_base(run):
            raise StudioError("checkpoint_is_base", run=run.number, step=step)
        return run

    def _target(self, run: Run, step: int) -> Path:
        return paths.runs(self._library.folder) / run.id / VOICES / f"step-{step:08d}"

    def _making(self, run: Run, step: int) -> Making | None:
        """Writes the PEFT folder of a step and reads its hash; all that the library knows is looked up here."""
        target = self._target(run, step)
        checkpoint, base = self._places(run.id).get(step), self._library.bases.get(run.base_id)
        if _is_whole(target) and self._known(target / WEIGHTS):
            return None
        if checkpoint is None:
            raise StudioError("checkpoint_gone", run=run.number, step=step)

        def make() -> None:
            with self._one_at_a_time:
                if not _is_whole(target):
                    target.parent.mkdir(parents=True, exist_ok=True)
                    write_voice(checkpoint, target, METHODS.get(run.method), base.id if base else run.base_id)
                self._content(target / WEIGHTS)

        return make

    def _places(self, run_id: str) -> dict[int, Path]:
        """Step to folder: whole checkpoints, the best one kept apart, and voices that were made before."""
        run = paths.runs(self._library.folder) / run_id
        found: dict[int, Path] = {}
        for place in (run / VOICES, run / "checkpoints" / "best", run / "checkpoints"):
            for path in sorted(place.glob("step-*")):
                whole = (path / WEIGHTS).is_file() or (path / "adapter.safetensors").is_file()
                if whole and (match := _STEP.fullmatch(path.name)):
                    found[int(match[1])] = path
        return found

    def _own_base(self, run: Run) -> bool:
        return METHODS.get(run.method).own_base

    def _content(self, weights: Path) -> str:
        """SHA-256 of the weights, read once; the file never changes once it is there."""
        key = _version(weights)
        if key not in self._contents:
            with weights.open("rb") as file:
                self._contents[key] = hashlib.file_digest(file, "sha256").hexdigest()
        return self._contents[key]

    def _known(self, weights: Path) -> bool:
        return _version(weights) in self._contents


def _is_whole(voice: Path) -> bool:
    return (voice / WEIGHTS).is_file() and (voice / CONFIG).is_file()


def _version(weights: Path) -> tuple[Path, int]:
    return weights, weights.stat().st_mtime_ns
