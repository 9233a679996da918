"""A comparison of methods: the same data, steps and seed for each, and the table of what came out."""

import json
import math
from collections.abc import Mapping
from dataclasses import dataclass

from studio.domain.dataset import DatasetVersion
from studio.domain.errors import StudioError
from studio.domain.run import Run
from studio.library.library import Library
from studio.methods.method import METHODS, Method
from studio.options import options_of
from studio.texts import sentence, tr

_MADE_BASE = "run_made_base"
_PASSES_WITHOUT_END = 1000.0
"""More than any budget of steps needs: the steps end the run, not the passes."""


@dataclass(frozen=True, kw_only=True)
class ComparisonRow:
    """What a method cost and gained.

    ``trainable_share`` is the number of trained values against the base's; figures are 0 or None where they are not
    known (yet); ``failure`` is a sentence.
    """

    run: Run
    label: str
    trainable: int = 0
    trainable_share: float = 0.0
    peak_memory_bytes: int = 0
    tokens_per_second: float = 0.0
    size_bytes: int = 0
    heldout_base: float | None = None
    heldout_adapter: float | None = None
    failure: str = ""


def step_budget(version: DatasetVersion, options: Mapping[str, object]) -> dict[str, object]:
    """Options that give every method the same number of steps, whatever it makes of the data."""
    most = int(float(str(options.get("max_steps", 0))))
    train = version.conversations - version.heldout_conversations
    steps = math.ceil(train / int(float(str(options["batch_size"]))) * float(str(options["epochs"])))
    return {"max_steps": most or max(1, steps), "epochs": _PASSES_WITHOUT_END}


def check_wishes(methods: list[Method], wished: Mapping[str, object]) -> None:
    """At least two methods, and no option that none of them knows."""
    if len(methods) < 2:
        raise StudioError("comparison_too_few")
    known = {name for method in methods for name in options_of(method.options)}
    unknown = sorted(wished.keys() - known)
    if unknown:
        raise StudioError("options_invalid", problems=f"no method has an option '{unknown[0]}'")


def comparison_row(library: Library, run: Run) -> ComparisonRow:
    """The row of one run, as far as it is known."""
    base = library.bases.get(run.base_id)
    adapter = library.adapters.get(run.adapter_id) if run.adapter_id else None
    trainable = int(str(run.conditions.get("trainable_parameters", 0)))
    return ComparisonRow(
        run=run,
        label=_label(run),
        trainable=trainable,
        trainable_share=trainable / base.parameters if base and base.parameters else 0.0,
        peak_memory_bytes=run.peak_memory_bytes,
        tokens_per_second=run.tokens_per_second,
        size_bytes=adapter.size_bytes if adapter else _made_base_bytes(library, run),
        heldout_base=run.heldout_nll_base,
        heldout_adapter=run.heldout_nll_adapter,
        failure=failure_sentence(run),
    )


def failure_sentence(run: Run) -> str:
    """Why a run failed, in words; empty when it did not."""
    if not run.failure:
        return ""
    told = json.loads(run.failure)
    return sentence(StudioError(told["code"], **told["details"]))


def _made_base_bytes(library: Library, run: Run) -> int:
    """The size of the base that a run made, where it made one instead of an adapter."""
    names = [str(note.details.get("name")) for note in library.run_records.notes(run.id) if note.code == _MADE_BASE]
    made = [base for name in names for base in library.bases.find(name)]
    files = (library.folder / made[0].path).rglob("*") if made else []
    return sum(file.stat().st_size for file in files if file.is_file())


def _label(run: Run) -> str:
    known = METHODS.all()
    return tr(known[run.method].label) if run.method in known else run.method
