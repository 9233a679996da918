"""The same training by TRL's SFTTrainer with PEFT, as a child process: prints a JSON document with its figures.

Two ways: ``defaults`` is what a script that follows TRL's documentation does (assistant turns learned, bf16, the loss
in chunks: since 1.16 that is its only way, ``chunked_nll`` an old name of it); ``packed`` adds packing. Data, rank,
batch, steps, schedule and seed are the studio's.
"""

import json
import sys
import time
from pathlib import Path
from tempfile import TemporaryDirectory
from typing import Any

import torch
from datasets import Dataset
from peft import LoraConfig
from transformers import AutoModelForCausalLM, AutoTokenizer, BitsAndBytesConfig, TrainerCallback
from trl import SFTConfig, SFTTrainer

from studio.engine.bases.base_loader import keep_one_exact_path, load_base
from studio.engine.devices import find_device
from studio.engine.forward.evaluation import mean_loss
from studio.engine.memory import MemoryMeter
from studio.engine.text.chat_template import ChatTemplate
from studio.engine.text.preflight import encode_dataset


class Clock(TrainerCallback):
    """Seconds spent in optimiser steps, from the begin of the first to the end of the last."""

    started = 0.0
    seconds = 0.0

    def on_step_begin(self, *_: Any, **__: Any) -> None:
        self.started = time.perf_counter()

    def on_step_end(self, *_: Any, **__: Any) -> None:
        self.seconds += time.perf_counter() - self.started


def main(settings: dict[str, Any]) -> None:
    options = settings["options"]
    nf4 = settings["quantization"] == "nf4"
    base_path = Path(settings["base"])
    tokenizer = AutoTokenizer.from_pretrained(base_path)
    data = encode_dataset(Path(settings["data"]), ChatTemplate(tokenizer), options["max_length"])
    # Both sides learn the very same tokens: ids and mask are handed over, so no template stands between them.
    rows = [
        {
            "input_ids": list(one.ids),
            "labels": [token if mark else -100 for token, mark in zip(one.ids, one.trained, strict=True)],
        }
        for one in data.train
    ]
    model = AutoModelForCausalLM.from_pretrained(
        base_path,
        dtype=torch.bfloat16,
        quantization_config=BitsAndBytesConfig(
            load_in_4bit=True,
            bnb_4bit_quant_type="nf4",
            bnb_4bit_use_double_quant=True,
            bnb_4bit_compute_dtype=torch.bfloat16,
        )
        if nf4
        else None,
        device_map={"": "cpu"} if nf4 else None,
    )
    keep_one_exact_path(model)
    packed = settings["way"] == "packed"
    more: dict[str, Any] = {"packing": True} if packed else {"dataset_kwargs": {"skip_prepare_dataset": True}}
    clock, meter = Clock(), MemoryMeter("cpu")
    meter.restart()
    with TemporaryDirectory() as folder:
        trainer = SFTTrainer(
            model=model,
            processing_class=tokenizer,
            train_dataset=Dataset.from_list(rows),
            peft_config=LoraConfig(
                r=options["rank"],
                lora_alpha=options["alpha"],
                target_modules="all-linear",
                task_type="CAUSAL_LM",
            ),
            args=SFTConfig(
                output_dir=folder,
                per_device_train_batch_size=options["batch_size"],
                max_steps=settings["steps"],
                learning_rate=options["learning_rate"],
                lr_scheduler_type=options["scheduler"],
                warmup_steps=options["warmup_ratio"],
                max_length=options["max_length"],
                weight_decay=0.0,
                max_grad_norm=1.0,
                bf16=True,
                use_cpu=True,
                seed=options["seed"],
                logging_strategy="no",
                save_strategy="no",
                report_to="none",
                **more,
            ),
            callbacks=[clock],
        )
        trainer.train()
        peak = meter.peak
    loss = _held_out(trainer.model, base_path, settings, data)
    # Packed rows are longer than conversations, so a step of as many rows reads more.
    lengths = [len(one) for one in trainer.train_dataset["input_ids"]]
    read = sum(lengths) / len(lengths) * options["batch_size"] * settings["steps"]
    print(
        json.dumps(
            {
                "tokens_per_second": read / clock.seconds,
                "seconds": clock.seconds,
                "peak_memory_bytes": peak,
                "heldout_nll_adapter": loss,
                "loss_type": trainer.args.loss_type,
            }
        )
    )


def _held_out(peft_model: Any, base_path: Path, settings: dict[str, Any], data: Any) -> float:
    """Measure the trained model with the studio's own held-out loss, so that one ruler measures both."""
    peft_model.eval()
    base = load_base("base", base_path, settings["quantization"], find_device())
    base.model = peft_model.get_base_model()
    measuring = mean_loss(base, data.heldout, lambda rows: None)
    while True:
        try:
            next(measuring)
        except StopIteration as ended:
            return float(ended.value)


if __name__ == "__main__":
    main(json.loads(sys.argv[1]))
