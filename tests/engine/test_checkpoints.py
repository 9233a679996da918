"""Checkpoints: what is restored goes on to the bit, the best weights are kept, damage is noticed."""

import errno
import json
from collections.abc import Callable
from pathlib import Path

import bitsandbytes
import pytest
import torch
from hypothesis import given
from hypothesis import strategies as st
from safetensors.torch import load_file, save
from torch import Tensor

from studio.domain.errors import StudioError
from studio.engine import durable_files
from studio.engine.durable_files import check_folder, remove_folder, write_folder
from studio.engine.tensor_files import read_tensors, tensor_pieces
from studio.engine.training.checkpoints import (
    Identity,
    Learner,
    Standing,
    checkpoints,
    keep_best,
    load_best,
    load_checkpoint,
    save_checkpoint,
)

IDENTITY = Identity(base="b", data="d", method="lora", options={"learning_rate": 2e-4, "rank": 4})

Optimizer = Callable[[dict[str, Tensor]], torch.optim.Optimizer]


def adam(parameters: dict[str, Tensor]) -> torch.optim.Optimizer:
    return torch.optim.AdamW(parameters.values(), lr=0.1)


def two_rates(parameters: dict[str, Tensor]) -> torch.optim.Optimizer:
    """As LoRA+ has it, the groups in another order than the names."""
    first, *others = parameters.values()
    return torch.optim.AdamW([{"params": others, "lr": 0.2}, {"params": [first], "lr": 0.1}])


def eight_bit(parameters: dict[str, Tensor]) -> torch.optim.Optimizer:
    """8-bit moments for what is large, 32-bit ones for what is small."""
    return bitsandbytes.optim.AdamW8bit(parameters.values(), lr=0.1)  # type: ignore[no-any-return]


def paged(parameters: dict[str, Tensor]) -> torch.optim.Optimizer:
    return bitsandbytes.optim.PagedAdamW8bit(parameters.values(), lr=0.1)  # type: ignore[no-any-return]


def learner_after(
    steps: int = 3, seed: int = 0, optimizer: Optimizer = adam, dtype: torch.dtype | None = None
) -> Learner:
    chance = torch.Generator().manual_seed(seed)
    sizes = {"a|odd": (3, 2), "b": (70, 64), "c": (5,)}
    parameters: dict[str, Tensor] = {
        name: torch.randn(size, generator=chance).to(dtype or torch.float32).requires_grad_()
        for name, size in sizes.items()
    }
    learner = Learner(parameters=parameters, optimizer=optimizer(parameters))
    for _ in range(steps):
        step(learner)
    return learner


def step(learner: Learner) -> None:
    sum((one**2).sum() for one in learner.parameters.values()).backward()  # type: ignore[union-attr]
    learner.optimizer.step()
    learner.optimizer.zero_grad()


def same(one: Learner, other: Learner) -> bool:
    return all(torch.equal(value, other.parameters[name]) for name, value in one.parameters.items())


@pytest.mark.filterwarnings("ignore:Paged optimizers are not supported on CPU")
@pytest.mark.parametrize("optimizer", [adam, two_rates, eight_bit, paged])
@pytest.mark.parametrize("dtype", [torch.float32, torch.bfloat16])
def test_a_restored_learner_goes_on_to_the_bit(tmp_path: Path, optimizer: Optimizer, dtype: torch.dtype) -> None:
    learner = learner_after(3, 0, optimizer, dtype)
    other, forgetful = (learner_after(2, seed, optimizer, dtype) for seed in (1, 2))
    save_checkpoint(tmp_path, IDENTITY, Standing(step=3, tokens=70, heldout_base=1.5), learner)
    standing = load_checkpoint(tmp_path, IDENTITY, other)
    assert standing == Standing(step=3, tokens=70, heldout_base=1.5)
    load_checkpoint(tmp_path, IDENTITY, forgetful)
    forgetful.optimizer.state.clear()
    for one in (learner, other, forgetful):
        step(one)
        step(one)
    assert same(learner, other)
    assert not same(learner, forgetful)
    written = [save_checkpoint(tmp_path / str(n), IDENTITY, standing, one) for n, one in enumerate((learner, other))]
    assert _files(written[0]) == _files(written[1])


def test_another_optimizer_cannot_go_on(tmp_path: Path) -> None:
    save_checkpoint(tmp_path, IDENTITY, Standing(step=3), learner_after())
    with pytest.raises(StudioError, match="resume_mismatch") as caught:
        load_checkpoint(tmp_path, IDENTITY, learner_after(optimizer=eight_bit))
    assert caught.value.details == {"what": "optimizer"}


def test_other_weights_are_refused_and_named(tmp_path: Path) -> None:
    learner, other = learner_after(), learner_after()
    save_checkpoint(tmp_path, IDENTITY, Standing(step=3), learner)
    del learner.parameters["c"]
    with pytest.raises(StudioError, match="c is not learned here"):
        load_checkpoint(tmp_path, IDENTITY, learner)
    other.parameters["d"] = torch.zeros(2)
    with pytest.raises(StudioError, match="d is missing"):
        load_checkpoint(tmp_path, IDENTITY, other)


def test_the_last_two_are_kept(tmp_path: Path) -> None:
    learner = learner_after()
    for number in (5, 10, 100, 1000):
        save_checkpoint(tmp_path, IDENTITY, Standing(step=number), learner)
    assert [path.name for path in checkpoints(tmp_path)] == ["step-00000100", "step-00001000"]


def test_nothing_saved_means_the_start(tmp_path: Path) -> None:
    assert load_checkpoint(tmp_path, IDENTITY, learner_after()) == Standing()


@pytest.mark.parametrize("what", ["missing manifest", "cut file", "missing file", "half manifest", "odd manifest"])
def test_damage_is_noticed_and_passed_over(tmp_path: Path, what: str) -> None:
    learner = learner_after()
    save_checkpoint(tmp_path, IDENTITY, Standing(step=1), learner)
    newest = save_checkpoint(tmp_path, IDENTITY, Standing(step=2), learner)
    manifest, state = newest / "manifest.json", newest / "state.json"
    if what == "missing manifest":
        manifest.unlink()
    elif what == "missing file":
        state.unlink()
    elif what == "odd manifest":
        manifest.write_text("[1]")
    else:
        damaged = state if what == "cut file" else manifest
        damaged.write_bytes(damaged.read_bytes()[:-5])
    with pytest.raises(StudioError, match="checkpoint_broken"):
        check_folder(newest)
    assert load_checkpoint(tmp_path, IDENTITY, learner).step == 1
    assert [path.name for path in checkpoints(tmp_path)] == ["step-00000001"]  # so that the next one has company
    save_checkpoint(tmp_path, IDENTITY, Standing(step=2), learner)
    assert len(checkpoints(tmp_path)) == 2


def test_the_best_weights_come_back(tmp_path: Path) -> None:
    learner, standing = learner_after(), Standing(step=3)
    assert not load_best(tmp_path, IDENTITY, standing, learner)
    best = {name: one.detach().clone() for name, one in learner.parameters.items()}
    keep_best(tmp_path, IDENTITY, standing, learner)
    assert standing.best_step == 3
    step(learner)
    standing.step = 4
    assert not torch.equal(learner.parameters["b"], best["b"])
    assert load_best(tmp_path, IDENTITY, standing, learner)
    assert all(torch.equal(one, best[name]) for name, one in learner.parameters.items())
    with pytest.raises(StudioError, match="resume_mismatch"):
        load_best(tmp_path, Identity(base="b", data="other", method="lora", options={}), standing, learner)


def test_a_better_one_that_no_checkpoint_knows_hides_nothing(tmp_path: Path) -> None:
    """Killed after a new best: the run goes on from before it, where another one was the best."""
    learner, standing = learner_after(), Standing(step=3)
    keep_best(tmp_path, IDENTITY, standing, learner)
    known = {name: one.detach().clone() for name, one in learner.parameters.items()}
    save_checkpoint(tmp_path, IDENTITY, standing, learner)
    for number in (4, 5):
        step(learner)
        standing.step = number
        keep_best(tmp_path, IDENTITY, standing, learner)
    assert _kept(tmp_path) == [3, 5]  # nobody knows the one of step 4 any more
    resumed = load_checkpoint(tmp_path, IDENTITY, learner)
    assert (resumed.step, resumed.best_step) == (3, 3)
    assert load_best(tmp_path, IDENTITY, resumed, learner)
    assert all(torch.equal(one, known[name]) for name, one in learner.parameters.items())


def test_surpassed_ones_go_when_no_checkpoint_names_them(tmp_path: Path) -> None:
    learner, standing = learner_after(), Standing()
    for number in range(1, 9):
        standing.step = number
        if number in (2, 3, 7):
            keep_best(tmp_path, IDENTITY, standing, learner)
        if number % 2 == 0:
            save_checkpoint(tmp_path, IDENTITY, standing, learner)
    assert [path.name for path in checkpoints(tmp_path)] == ["step-00000006", "step-00000008"]
    assert _kept(tmp_path) == [3, 7]


def _kept(folder: Path) -> list[int]:
    return sorted(int(path.name[5:]) for path in (folder / "checkpoints" / "best").glob("step-*"))


def test_damaged_best_weights_are_told(tmp_path: Path) -> None:
    learner, standing = learner_after(), Standing(step=3)
    file = keep_best(tmp_path, IDENTITY, standing, learner) / "adapter.safetensors"
    file.write_bytes(file.read_bytes()[:-1])
    with pytest.raises(StudioError, match="checkpoint_broken"):
        load_best(tmp_path, IDENTITY, standing, learner)


def _files(folder: Path) -> dict[str, bytes]:
    return {path.name: path.read_bytes() for path in folder.iterdir()}


def test_a_folder_is_replaced_as_a_whole(tmp_path: Path) -> None:
    folder = tmp_path / "adapter"
    write_folder(folder, {"a": b"1", "b": b"2"})
    write_folder(folder, {"a": b"3"}, manifest=True)
    assert sorted(_files(folder)) == ["a", "manifest.json"]
    check_folder(folder)
    assert [path.name for path in tmp_path.iterdir() if "adapter" in path.name] == ["adapter"]
    remove_folder(folder)
    assert not list(tmp_path.iterdir())


def test_the_manifest_is_written_last(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    written: list[str] = []
    monkeypatch.setattr(
        durable_files, "reached", lambda act, path, to=None: written.append(path.name) if act == "sync" else None
    )
    path = save_checkpoint(tmp_path, IDENTITY, Standing(step=3), learner_after())
    assert written == ["adapter.safetensors", "optimizer.safetensors", "state.json", "manifest.json"]
    assert set(json.loads((path / "manifest.json").read_text())) == set(written) - {"manifest.json"}


def test_a_full_disk_has_its_sentence(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    def full(act: str, path: Path, to: Path | None = None) -> None:
        raise OSError(errno.ENOSPC, "No space left on device")

    monkeypatch.setattr(durable_files, "reached", full)
    with pytest.raises(StudioError, match="disk_full"):
        write_folder(tmp_path / "adapter", {"a": b"1"})


_DTYPES = st.sampled_from(
    [torch.bool, torch.uint8, torch.int8, torch.int16, torch.int32, torch.int64]
    + [torch.float16, torch.bfloat16, torch.float32, torch.float64]
)
_SHAPES = st.lists(st.integers(0, 4), max_size=3)


@given(st.dictionaries(st.text(min_size=1, max_size=12), st.tuples(_DTYPES, _SHAPES), max_size=6))
def test_the_files_are_those_of_safetensors(wanted: dict[str, tuple[torch.dtype, list[int]]]) -> None:
    tensors = {name: (torch.rand(shape) * 9).to(dtype) for name, (dtype, shape) in wanted.items()}
    assert b"".join(tensor_pieces(tensors)) == save(tensors)


def test_tensors_come_back_from_a_file(tmp_path: Path) -> None:
    tensors = {"turned": torch.arange(6.0).reshape(2, 3).T, "none": torch.zeros(0, 3), "count": torch.tensor(7.0)}
    write_folder(tmp_path / "f", {"a.safetensors": tensor_pieces(tensors)})
    for found in (dict(read_tensors(tmp_path / "f/a.safetensors")), load_file(tmp_path / "f/a.safetensors")):
        assert found.keys() == tensors.keys()
        assert all(torch.equal(found[name], one) for name, one in tensors.items())
    (tmp_path / "f/a.safetensors").write_bytes(b"none")
    with pytest.raises(StudioError, match="checkpoint_broken"):
        dict(read_tensors(tmp_path / "f/a.safetensors"))


def test_large_tensors_are_not_held_twice(tmp_path: Path) -> None:
    """Full fine-tuning writes gigabytes: the file's pieces are the tensors' own memory."""
    tensor = torch.arange(1000.0)
    _, piece = tensor_pieces({"a": tensor})
    tensor[3] = -1.0
    assert bytes(piece)[12:16] == bytes(torch.tensor([-1.0]).numpy().data)
