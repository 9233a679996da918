"""The same pairs, adapter and base through TRL's ``DPOTrainer``: the same rows, loss, rewards and gradients."""

from pathlib import Path
from typing import Any

import pytest
import torch

from studio.engine.training import training_loop
from tests.bases import tiny_tokenizer
from tests.engine.rig import loaded
from tests.engine.swipe_rig import PairBench, pairs_of, result_of, swiped_talk

pytestmark = [pytest.mark.filterwarnings("ignore")]

PLAIN = (
    "{% for message in messages %}{{ '<|im_start|>' + message['role'] + '\n' + message['content'] + '<|im_end|>' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|im_start|>assistant\n' }}{% endif %}"
)
"""Ends with the end of turn: TRL learns what a template writes after it, too."""


@pytest.fixture
def bench(tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> PairBench:
    monkeypatch.setattr(training_loop, "CLIP", float("inf"))
    base = loaded(tiny_base)
    base.tokenizer.chat_template = PLAIN
    return PairBench(base, pairs_of(base, tmp_path, map(swiped_talk, range(6))), tmp_path)


def _trainer(tiny_base: Path, place: Path, bench: PairBench, **more: Any) -> Any:
    """TRL on its own copy of the base, fed with the conversations as its users would; the adapter is the bench's."""
    trl = pytest.importorskip("trl")
    datasets = pytest.importorskip("datasets")
    rows = [
        {
            "prompt": [{"role": "user", "content": line.turns[0].text}],
            "chosen": [{"role": "assistant", "content": line.turns[1].text}],
            "rejected": [{"role": "assistant", "content": other}],
        }
        for line in map(swiped_talk, range(6))
        for other in line.turns[1].passed_over
    ]
    config = trl.DPOConfig(
        output_dir=str(place / "trl"), per_device_train_batch_size=len(rows), beta=bench.options.beta, bf16=False,
        gradient_checkpointing=False, report_to=[], use_cpu=True, disable_dropout=True, **more,
    )  # fmt: skip
    trainer = trl.DPOTrainer(
        model=loaded(tiny_base).model, args=config, train_dataset=datasets.Dataset.from_list(rows),
        processing_class=tiny_tokenizer(PLAIN), peft_config=bench.peft.peft_config["default"],
    )  # fmt: skip
    ours = dict(bench.peft.named_parameters())
    with torch.no_grad():
        for name, one in trainer.model.named_parameters():
            if one.requires_grad:
                one.copy_(ours[name])
    return trainer


def _batch(trainer: Any) -> dict[str, torch.Tensor]:
    return trainer.data_collator([trainer.train_dataset[index] for index in range(len(trainer.train_dataset))])


def _rows(batch: dict[str, torch.Tensor]) -> list[tuple[tuple[int, ...], tuple[bool, ...]]]:
    """(ids, trained) without padding."""
    return [
        (tuple(ids[:length].tolist()), tuple(mask[:length].bool().tolist()))
        for ids, mask, length in zip(
            batch["input_ids"], batch["completion_mask"], batch["attention_mask"].sum(1).tolist(), strict=True
        )
    ]


def test_a_step_is_that_of_trl(bench: PairBench, tiny_base: Path, tmp_path: Path) -> None:
    trainer = _trainer(tiny_base, tmp_path, bench)
    batch = _batch(trainer)
    pairs = bench.data.train
    ours = [pair.chosen for pair in pairs] + [pair.rejected for pair in pairs]
    assert _rows(batch) == [(row.ids, row.trained) for row in ours]

    found = bench.gradients()
    trainer.model.train()
    loss = trainer.compute_loss(trainer.model, batch)
    loss.backward()
    assert bench.loop.loss == pytest.approx(float(loss), rel=1e-4)
    gains, _ = bench.plainly()
    assert float(gains.abs().max()) > 1, "the adapter must have something to say"
    expected = [one.grad for one in trainer.model.parameters() if one.requires_grad]
    for one, other in zip(found, expected, strict=True):
        assert float((one - other).norm() / other.norm()) < 1e-4

    bench.data.heldout_pairs.extend(pairs)
    extras = result_of(bench.objective.extras())
    metrics = trainer._metrics["train"]
    assert extras["preference_loss"] == pytest.approx(float(loss), rel=1e-4)
    assert extras["preference_accuracy"] == pytest.approx(metrics["rewards/accuracies"][0])
    assert extras["preference_margin"] == pytest.approx(metrics["rewards/margins"][0], rel=1e-4)


def test_with_doubt_it_is_that_of_trl(bench: PairBench, tiny_base: Path, tmp_path: Path) -> None:
    """TRL's ``aot`` with one pair in a batch is the smoothed loss of that pair: sorting one value changes nothing."""
    trainer = _trainer(tiny_base, tmp_path, bench, loss_type=["aot"], label_smoothing=0.2)
    doubtful = PairBench(loaded(tiny_base), bench.data, tmp_path / "doubt", label_smoothing=0.2)
    trainer.model.eval()
    losses = []
    for index in range(len(trainer.train_dataset)):
        batch = trainer.data_collator([trainer.train_dataset[index]])
        losses.append(float(trainer.compute_loss(trainer.model, batch)))
    doubtful.data.heldout_pairs.extend(bench.data.train)
    found = result_of(doubtful.objective.extras())["preference_loss"]
    assert found == pytest.approx(sum(losses) / len(losses), rel=1e-4)
