"""A run's recipe, conditions and results as facts: a name, and a value as people read it."""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from studio.domain.recipe import Recipe
from studio.domain.run import MetricPoint, Run
from studio.methods.method import METHODS
from studio.options import options_of
from studio.texts import tr

_GIGABYTE = 1024**3


@dataclass(frozen=True, kw_only=True)
class RunFact:
    """``key`` is the same in every language and every run. ``changed``: an option that is not at its default."""

    key: str
    label: str
    value: str
    changed: bool = False


_CONDITIONS: dict[str, str] = {
    "device": "Computed on",
    "base": "Base",
    "base_fingerprint": "Fingerprint of the base",
    "quantization": "Base in memory as",
    "studio": "Persona Studio",
    "python": "Python",
    "torch": "PyTorch",
    "transformers": "Transformers",
    "peft": "PEFT",
    "bitsandbytes": "bitsandbytes",
    "micro_batch_tokens": "Tokens read at once",
    "checkpoint_activations": "Activation checkpointing",
    "offload_activations": "Offloading",
    "max_length": "Window",
    "trainable_parameters": "Trained numbers",
}
"""What a run notes when it begins; anything else is shown under its own name."""

_HIDDEN = frozenset({"persona", "data"})


def recipe_of(recipe: Recipe) -> Iterator[RunFact]:
    """The method, the preset and every option."""
    method = METHODS.all().get(recipe.method)
    known = options_of(method.options) if method else {}
    yield RunFact(key="method", label=tr("Method"), value=tr(method.label) if method else recipe.method)
    yield RunFact(key="preset", label=tr("Preset"), value=recipe.preset)
    for name, value in recipe.options.items():
        one = known.get(name)
        label, changed = (tr(one.label), value != one.default) if one else (name, False)
        yield RunFact(key=name, label=label, value=plain(value), changed=changed)


def conditions_of(run: Run) -> Iterator[RunFact]:
    """What the run found when it began."""
    for key in dict.fromkeys([*_CONDITIONS, *run.conditions]):
        if key in run.conditions and key not in _HIDDEN:
            label = tr(_CONDITIONS[key]) if key in _CONDITIONS else key
            yield RunFact(key=key, label=label, value=plain(run.conditions[key]))


def results_of(run: Run, points: Sequence[MetricPoint], best_step: int) -> Iterator[RunFact]:
    """What came of it; only what is known."""
    last = {kind: [point.loss for point in points if point.kind == kind] for kind in ("train", "neutral", "copied")}
    known: list[tuple[str, str, str]] = [
        ("state", tr("State"), tr(run.state.value)),
        ("steps", tr("Steps"), f"{run.step}/{run.total_steps}" if run.total_steps else ""),
        ("heldout_base", tr("Held-out loss of the base"), _nats(run.heldout_nll_base)),
        ("heldout", tr("Held-out loss"), _nats(run.heldout_nll_adapter)),
        ("train", tr("Training loss, last steps"), _nats(_mean(last["train"][-10:]))),
        ("neutral", tr("Loss on neutral text"), _nats(_mean(last["neutral"][-1:]))),
        ("copied", tr("Copied words in samples"), _share(last["copied"])),
        ("best_step", tr("Best checkpoint"), str(best_step or "")),
        ("trained_tokens", tr("Trained tokens"), f"{run.trained_tokens:,}" if run.trained_tokens else ""),
        ("tokens_per_second", tr("Tokens a second"), f"{run.tokens_per_second:,.0f}" if run.tokens_per_second else ""),
        ("seconds", tr("Time"), _duration(run.seconds) if run.seconds else ""),
        ("peak_memory", tr("Peak memory"), _gigabytes(run.peak_memory_bytes) if run.peak_memory_bytes else ""),
    ]
    yield from (RunFact(key=key, label=label, value=value) for key, label, value in known if value)


def plain(value: object) -> str:
    """A plain value as people read it."""
    if isinstance(value, bool):
        return tr("yes") if value else tr("no")
    if isinstance(value, float):
        return f"{value:g}"
    return f"{value:,}" if isinstance(value, int) and value >= 10_000 else str(value)


def _mean(losses: Sequence[float]) -> float | None:
    return sum(losses) / len(losses) if losses else None


def _nats(loss: float | None) -> str:
    return "" if loss is None else f"{loss:.3f}"


def _share(shares: Sequence[float]) -> str:
    return f"{100 * shares[-1]:.0f} %" if shares else ""


def _gigabytes(size: int) -> str:
    return tr("{size:.1f} GB", size=size / _GIGABYTE)


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return tr("{minutes} min {seconds} s", minutes=minutes, seconds=rest)
