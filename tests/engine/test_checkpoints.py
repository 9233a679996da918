"""Checkpoints and folders that are there whole or not at all."""

from pathlib import Path

import pytest
import torch

from studio.domain.errors import StudioError
from studio.engine import durable_files
from studio.engine.checkpoints import Identity, Learner, Standing, checkpoints, load_checkpoint, save_checkpoint
from studio.engine.durable_files import check_folder, write_folder

IDENTITY = Identity(base="b", data="d", method="lora", options={"learning_rate": 2e-4, "rank": 4})


def _learner(steps: int = 3, seed: int = 0) -> Learner:
    chance = torch.Generator().manual_seed(seed)
    parameters = {name: torch.randn(3, 2, generator=chance).requires_grad_() for name in ("a|odd", "b")}
    learner = Learner(parameters=parameters, optimizer=torch.optim.AdamW(parameters.values(), lr=0.1))
    for _ in range(steps):
        _step(learner)
    return learner


def _step(learner: Learner) -> None:
    sum((one**2).sum() for one in learner.parameters.values()).backward()  # type: ignore[union-attr]
    learner.optimizer.step()
    learner.optimizer.zero_grad()


def test_a_restored_learner_goes_on_to_the_bit(tmp_path: Path) -> None:
    learner, other = _learner(), _learner(steps=0, seed=1)
    save_checkpoint(tmp_path, IDENTITY, Standing(step=3, tokens=70, heldout_base=1.5), learner)
    standing = load_checkpoint(tmp_path, IDENTITY, other)
    assert standing == Standing(step=3, tokens=70, heldout_base=1.5)
    _step(learner)
    _step(other)
    for name, parameter in learner.parameters.items():
        assert torch.equal(parameter, other.parameters[name])


def test_the_last_two_are_kept(tmp_path: Path) -> None:
    learner = _learner()
    for step in (5, 10, 100, 1000):
        save_checkpoint(tmp_path, IDENTITY, Standing(step=step), learner)
    assert [path.name for path in checkpoints(tmp_path)] == ["step-00000100", "step-00001000"]


def test_nothing_saved_means_the_start(tmp_path: Path) -> None:
    assert load_checkpoint(tmp_path, IDENTITY, _learner()) == Standing()


@pytest.mark.parametrize("what", ["missing manifest", "cut file", "missing file", "half manifest"])
def test_damage_is_noticed_and_passed_over(tmp_path: Path, what: str) -> None:
    learner = _learner()
    save_checkpoint(tmp_path, IDENTITY, Standing(step=1), learner)
    newest = save_checkpoint(tmp_path, IDENTITY, Standing(step=2), learner)
    manifest, state = newest / "manifest.json", newest / "state.json"
    if what == "missing manifest":
        manifest.unlink()
    elif what == "missing file":
        state.unlink()
    else:
        damaged = state if what == "cut file" else manifest
        damaged.write_bytes(damaged.read_bytes()[:-5])
    with pytest.raises(StudioError, match="checkpoint_broken"):
        check_folder(newest)
    assert load_checkpoint(tmp_path, IDENTITY, learner).step == 1


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


class _Killed(BaseException):
    """As if the process had ended here: nothing of ours runs after it but what a test forgives."""


POINTS = [(durable_files, "_write_flushed"), (durable_files, "sync_folder"), (durable_files.shutil, "rmtree")]


@pytest.mark.parametrize("occasion", range(1, 4))
@pytest.mark.parametrize("point", [name for _, name in POINTS])
def test_killed_at_any_moment_an_older_checkpoint_is_whole(
    tmp_path: Path, point: str, occasion: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    learner = _learner()
    for step in (1, 2):
        save_checkpoint(tmp_path, IDENTITY, Standing(step=step), learner)
    before = _files(tmp_path / "checkpoints" / "step-00000002")
    place = next(place for place, name in POINTS if name == point)
    real, calls = getattr(place, point), []

    def deadly(*all: object, **more: object) -> object:
        calls.append(all)
        if len(calls) == occasion:
            raise _Killed
        return real(*all, **more)

    with monkeypatch.context() as patch:
        patch.setattr(place, point, deadly)
        try:
            save_checkpoint(tmp_path, IDENTITY, Standing(step=3), learner)
        except _Killed:
            assert len(calls) >= occasion
    found = load_checkpoint(tmp_path, IDENTITY, learner).step
    assert found in (2, 3)
    assert _files(tmp_path / "checkpoints" / "step-00000002") == before
    save_checkpoint(tmp_path, IDENTITY, Standing(step=4), learner)  # leftovers are in nobody's way
    assert load_checkpoint(tmp_path, IDENTITY, learner).step == 4


def test_a_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    folder = tmp_path / "adapter"
    write_folder(folder, {"a": b"1", "b": b"2"})
    write_folder(folder, {"a": b"3"}, manifest=True)
    assert sorted(_files(folder)) == ["a", "manifest.json"]
    check_folder(folder)
    assert [path.name for path in tmp_path.iterdir() if "adapter" in path.name] == ["adapter"]
