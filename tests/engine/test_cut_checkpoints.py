"""A checkpoint or the best weights cut at every act on the disk: what was whole before is whole, and it goes on."""

import shutil
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest
import torch
from torch import Tensor

from studio.domain.errors import StudioError
from studio.engine import durable_files
from studio.engine.training import checkpoints
from studio.engine.training.checkpoints import Learner, Standing, keep_best, load_best, load_checkpoint, save_checkpoint
from tests.engine.disk_accidents import KINDS, Act, Died, Disk, acts_of
from tests.engine.test_checkpoints import IDENTITY, learner_after

Weights = dict[str, Tensor]
STEPS = 7


def _weights(learner: Learner) -> Weights:
    return {name: one.detach().clone() for name, one in learner.parameters.items()}


class Run:
    """Seven steps of one learner; each step's weights are known, to compare with what is found after an accident."""

    def __init__(self) -> None:
        self._learners = {number: learner_after(number) for number in range(1, STEPS + 1)}
        self.weights = {number: _weights(learner) for number, learner in self._learners.items()}

    def learner(self, number: int) -> Learner:
        """As it was after so many steps, moments included; nobody changes it."""
        return self._learners[number]

    def same(self, learner: Learner, number: int) -> bool:
        return all(torch.equal(one, learner.parameters[name]) for name, one in self.weights[number].items())


def _prepare(folder: Path, run: Run) -> None:
    """Checkpoints of steps 2 and 4; the best weights were those of step 1, then of step 3."""
    best = 0
    for number in range(1, 5):
        standing = Standing(step=number, best_step=best)
        if number in (1, 3):
            keep_best(folder, IDENTITY, standing, run.learner(number))
            best = number
        if number in (2, 4):
            save_checkpoint(folder, IDENTITY, standing, run.learner(number))


def _save(folder: Path, run: Run) -> None:
    save_checkpoint(folder, IDENTITY, Standing(step=5, best_step=3), run.learner(5))


def _first(folder: Path, run: Run) -> None:
    """The first checkpoint of all, whose folders are new as well."""
    shutil.rmtree(folder)
    _save(folder, run)


def _better(folder: Path, run: Run) -> None:
    keep_best(folder, IDENTITY, Standing(step=5, best_step=3), run.learner(5))


def _better_then_save(folder: Path, run: Run) -> None:
    """The checkpoint names the new best, so the older ones go: deleting is cut as well."""
    standing = Standing(step=5, best_step=3)
    keep_best(folder, IDENTITY, standing, run.learner(5))
    save_checkpoint(folder, IDENTITY, standing, run.learner(5))


def _over_a_wreck(folder: Path, run: Run) -> None:
    """A damaged folder stands where the checkpoint goes."""
    (folder / "checkpoints" / "step-00000005").mkdir()
    _save(folder, run)


SCENES: dict[str, Callable[[Path, Run], None]] = {
    "first": _first,
    "save": _save,
    "better": _better,
    "better then save": _better_then_save,
    "over a wreck": _over_a_wreck,
}


@pytest.fixture(scope="module")
def run() -> Run:
    return Run()


@pytest.fixture(scope="module")
def prepared(run: Run, tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("prepared")
    _prepare(folder, run)
    return folder


def _accidents(prepared: Path, place: Path, run: Run, scene: str, kind: str) -> Iterator[tuple[Act, Path, object]]:
    """Let each act of the scene meet the accident in turn, and give its name, the folder then, and what was raised."""
    shutil.copytree(prepared, place / "whole")
    for number, act in enumerate(acts_of(lambda: SCENES[scene](place / "whole", run))):
        folder = place / f"{number}"
        shutil.copytree(prepared, folder)
        raised: object = None
        with Disk(number, kind).at_work():
            try:
                SCENES[scene](folder, run)
            except (Died, OSError, StudioError) as error:
                raised = error
        yield act, folder, raised


def _whole(folder: Path, run: Run, scene: str) -> str:
    """What is wrong with what is found after an accident; empty when nothing is."""
    learner = learner_after(0, seed=9)
    standing = load_checkpoint(folder, IDENTITY, learner)
    allowed = (0, 5) if scene == "first" else (4,) if scene == "better" else (4, 5)
    if standing.step not in allowed or (standing.step and not run.same(learner, standing.step)):
        return f"the checkpoint is that of step {standing.step}"
    wanted = 5 if scene == "better then save" and standing.step == 5 else 3
    if scene != "first" and not (load_best(folder, IDENTITY, standing, learner) and run.same(learner, wanted)):
        return f"the best is that of step {standing.best_step}"
    return ""


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("scene", SCENES)
def test_cut_at_every_act_the_last_good_one_is_there(
    prepared: Path, tmp_path: Path, run: Run, scene: str, kind: str
) -> None:
    for act, folder, raised in _accidents(prepared, tmp_path, run, scene, kind):
        expected = {"ENOSPC": (StudioError, OSError), "EIO": OSError}.get(kind, Died)
        assert isinstance(raised, expected), (act, raised)
        assert not (wrong := _whole(folder, run, scene)), f"{kind} at {act}: {wrong}"
        standing, learner = Standing(step=6), learner_after(6)
        with Disk().at_work():  # what is left over is in nobody's way
            keep_best(folder, IDENTITY, standing, learner)
            save_checkpoint(folder, IDENTITY, standing, learner)
        found = load_checkpoint(folder, IDENTITY, learner)
        assert (found.step, load_best(folder, IDENTITY, found, learner)) == (6, True)
        assert run.same(learner, 6)


def test_the_acts_are_all_there(prepared: Path, tmp_path: Path, run: Run) -> None:
    """The sweep above is only as good as the list of places it visits."""
    shutil.copytree(prepared, tmp_path / "run")
    acts = acts_of(lambda: _better_then_save(tmp_path / "run", run))
    names = [str(act) for act in acts]
    for wanted in ("write .staging-step-00000005/adapter.safetensors", "write .staging-step-00000005/manifest.json",
                   "sync .staging-step-00000005/optimizer.safetensors", "sync .staging-step-00000005/manifest.json",
                   "make best/.staging-step-00000005", "rename best/.staging-step-00000005 to step-00000005",
                   "rename checkpoints/step-00000002 to .staging-old-step-00000002",
                   "remove checkpoints/.staging-old-step-00000002",
                   "rename best/step-00000001 to .staging-old-step-00000001"):  # fmt: skip
        assert wanted in names, "\n".join(names)
    assert len([act for act in acts if act.what == "write"]) > 10  # tensor by tensor


@pytest.mark.parametrize("what", ["nothing is checked", "names are not synced", "old ones go first"])
def test_the_sweep_finds_what_it_looks_for(
    prepared: Path, tmp_path: Path, run: Run, what: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Negative controls: take one of the precautions away, and some accident must be fatal."""
    scene, kind = "save", "power cut that kept the names"
    if what == "nothing is checked":
        monkeypatch.setattr(checkpoints, "check_folder", lambda folder: None)
        monkeypatch.setattr(durable_files, "_write_flushed", _unsynced)
    elif what == "names are not synced":
        scene, kind = "over a wreck", "power cut"
        monkeypatch.setattr(durable_files, "_sync_names", lambda folder: None)
        monkeypatch.setattr(checkpoints, "KEEP", 1)
    else:
        kind = "kill"
        monkeypatch.setattr(checkpoints, "write_folder", _after_deleting)
    troubles = []
    for act, folder, _ in _accidents(prepared, tmp_path, run, scene, kind):
        try:
            wrong = _whole(folder, run, scene)
        except (StudioError, OSError, ValueError) as error:
            wrong = str(error)
        troubles += [f"{act}: {wrong}"] if wrong else []
    assert troubles


def _unsynced(path: Path, content: durable_files.Content) -> dict[str, object]:
    durable_files.reached("write", path)
    path.write_bytes(content if isinstance(content, bytes) else b"".join(content))
    return {}


def _after_deleting(folder: Path, files: dict[str, durable_files.Content], *, manifest: bool = False) -> None:
    for old in sorted(folder.parent.glob("step-*")):
        durable_files.remove_folder(old)
    durable_files.write_folder(folder, files, manifest=manifest)
