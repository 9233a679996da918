"""What curves say: each finding where it belongs, and nowhere else."""

import math
from collections.abc import Mapping, Sequence

import pytest

from studio.domain.run import MetricPoint, Run, RunSample, RunState
from studio.domain.run_findings import FEW_STEPS, Measurement, best_of, diagnose, measurements
from studio.texts.run_findings import LEVERS, SHOWN, finding_words

STEPS = 40
HEALTHY = [3.0, 2.4, 2.1, 1.95, 1.9, 1.9]
"""Held-out losses at steps 0, 8, 16 … 40."""


def run(state: RunState = RunState.FINISHED, step: int = STEPS, failure: str = "") -> Run:
    return Run(id="r", persona_id="p", base_id="b", dataset_id="d", recipe_id="x", state=state, step=step,
               total_steps=step, failure=failure)  # fmt: skip


def curves(
    heldout: Sequence[float] = HEALTHY,
    train: Mapping[int, float] | None = None,
    gradient: float = 0.8,
    **others: Sequence[float],
) -> list[MetricPoint]:
    losses = train or {step: 3.0 - 0.03 * step for step in range(1, STEPS + 1)}
    found = [
        MetricPoint(run_id="r", step=step, kind="train", loss=loss, gradient_norm=gradient)
        for step, loss in losses.items()
    ]
    for kind, values in {"heldout": heldout, **others}.items():
        found += [MetricPoint(run_id="r", step=8 * place, kind=kind, loss=value) for place, value in enumerate(values)]
    return found


def sample(step: int, copied: float) -> RunSample:
    return RunSample(run_id="r", step=step, key="k", prompt="?", text="!", copied=copied)


def codes(points: Sequence[MetricPoint], samples: Sequence[RunSample] = (), one: Run | None = None) -> list[str]:
    return [finding.code for finding in diagnose(one or run(), points, samples)]


FLAT = {step: 3.0 for step in range(1, STEPS + 1)}
SICK: dict[str, list[str]] = {
    "healthy": codes(curves()),
    "overfit": codes(curves([3.0, 2.4, 1.9, 1.95, 2.2, 2.4])),
    "rising": codes(curves([3.0, 2.4, 1.9, 1.95, 2.2, 2.4], FLAT)),
    "worse": codes(curves([2.0, 2.6, 2.5, 2.5, 2.5, 2.5])),
    "forgetting": codes(curves(neutral=[2.5, 2.5, 2.55, 2.6, 2.7, 2.8])),
    "dead": codes(curves([3.0] * 6, FLAT, gradient=0.0)),
    "nan": codes(curves(train={1: 3.0, 2: math.nan})),
    "copying": codes(curves(), [sample(0, 0.0), sample(8, 0.1), sample(32, 0.5), sample(40, 0.6)]),
    "falling": codes(curves([3.0, 2.8, 2.6, 2.4, 2.2, 2.0])),
    "short": codes(curves(HEALTHY[:2], {1: 3.0, 2: 2.9}), one=run(step=FEW_STEPS - 1)),
}


@pytest.mark.parametrize(
    ("name", "found"),
    [
        ("healthy", ["learned_well"]), ("overfit", ["overfit"]), ("rising", ["heldout_rising"]),
        ("worse", ["worse_than_base"]), ("forgetting", ["forgetting"]), ("dead", ["gradient_dead"]),
        ("nan", ["loss_not_finite"]), ("copying", ["copying"]), ("falling", ["still_falling"]),
        ("short", ["too_few_steps"]),
    ],
)  # fmt: skip
def test_each_trouble_is_told_and_no_other(name: str, found: list[str]) -> None:
    assert SICK[name] == found


def test_every_finding_has_words_and_a_lever() -> None:
    told = {code for found in SICK.values() for code in found}
    assert told == SHOWN.keys() == LEVERS.keys()
    for points, samples in (
        (curves([3.0, 2.4, 1.9, 1.95, 2.2, 2.4], neutral=[2.5, 2.9]), [sample(8, 0.9)]),
        (curves([2.0, 2.5, 2.4, 2.4], FLAT, gradient=0.0), []),
    ):
        for finding in diagnose(run(), points, samples):
            said, lever = finding_words(finding.code, finding.details)
            assert said and lever and "{" not in said + lever


def test_a_run_under_way_is_warned_but_not_judged() -> None:
    running = run(RunState.RUNNING)
    assert codes(curves(), one=running) == []
    assert codes(curves([3.0, 2.4, 1.9, 1.95, 2.2, 2.4]), one=running) == ["overfit"]
    assert codes([], one=running) == codes([]) == []


def test_a_failure_without_a_point_is_told_too() -> None:
    assert codes(curves(), one=run(RunState.FAILED, failure='{"code": "loss_not_finite"}')) == ["loss_not_finite"]


def test_a_single_bad_measurement_is_chance() -> None:
    assert codes(curves([3.0, 2.4, 2.1, 1.9, 1.9, 2.3])) == ["learned_well"]


def test_the_best_is_the_lowest_loss_that_does_not_recite() -> None:
    found = measurements(curves([3.0, 2.4, 1.5, 1.9], copied=[0.0, 0.0, 0.7, 0.1]))
    assert [(one.step, one.loss, one.copied) for one in found] == [(8, 2.4, 0.0), (16, 1.5, 0.7), (24, 1.9, 0.1)]
    assert best_of(found) == found[2]
    assert best_of([found[1]]) == found[1], "where all recite, the lowest loss is the best all the same"
    assert best_of([Measurement(step=8, loss=math.nan)]) is None
    assert best_of([]) is None
