"""What is said about a run, and what can be done: stop it, talk to it, start it again otherwise. Knows no Qt."""

import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from studio.domain.recipe import Recipe
from studio.domain.run import Run, RunState
from studio.domain.run_findings import RunFinding
from studio.texts import tr


@dataclass(frozen=True, kw_only=True)
class Prefill:
    """A form to be filled in: a run like ``run_id``, with ``options`` changed. ``continues``: from this adapter on."""

    run_id: str
    persona_id: str
    base_id: str
    method: str
    preset: str
    options: Mapping[str, object] = field(default_factory=dict)
    continues: str = ""


@dataclass(frozen=True, kw_only=True)
class FindingAct:
    """A button. ``kind``: ``stop``, ``talk`` or ``again``; the last one changes ``options``."""

    kind: str
    label: str
    options: Mapping[str, object] = field(default_factory=dict)
    continues: bool = False


@dataclass(frozen=True, kw_only=True)
class FindingRow:
    """One finding in words, with its buttons."""

    code: str
    warning: bool
    sentence: str
    lever: str
    acts: tuple[FindingAct, ...]


def rows(findings: Sequence[RunFinding], run: Run, recipe: Recipe) -> list[FindingRow]:
    """Findings as they are shown."""
    return [
        FindingRow(
            code=one.code,
            warning=one.weight == "warning",
            sentence=one.sentence,
            lever=one.lever,
            acts=tuple(_acts(one, run, recipe)),
        )
        for one in findings
    ]


def prefill(run: Run, recipe: Recipe, changed: Mapping[str, object], continues: str = "") -> Prefill:
    """The form for a run like this one, with some options changed."""
    return Prefill(
        run_id=run.id, persona_id=run.persona_id, base_id=run.base_id, method=run.method, preset=recipe.preset,
        options={**recipe.options, **changed}, continues=continues,
    )  # fmt: skip


def _acts(finding: RunFinding, run: Run, recipe: Recipe) -> list[FindingAct]:
    found = []
    if run.state is RunState.RUNNING and finding.code in ("overfit", "heldout_rising", "copying", "gradient_dead"):
        found.append(FindingAct(kind="stop", label=tr("Stop here")))
    if finding.code == "learned_well" and run.adapter_id:
        found.append(FindingAct(kind="talk", label=tr("Chat with it")))
    if finding.code == "still_falling" and run.adapter_id:
        found.append(FindingAct(kind="again", label=tr("Go on from this adapter"), continues=True))
    again = _again(finding, run, recipe.options)
    return [*found, again] if again else found


def _again(finding: RunFinding, run: Run, options: Mapping[str, object]) -> FindingAct | None:
    slower = {"loss_not_finite": 10, "worse_than_base": 5, "heldout_rising": 2, "forgetting": 2}
    words = {
        10: tr("Start again with a tenth of the learning rate"),
        5: tr("Start again with a fifth of the learning rate"),
        2: tr("Start again with half the learning rate"),
    }
    if finding.code in slower and _number(options, "learning_rate"):
        by = slower[finding.code]
        return _changed(words[by], learning_rate=_rounded(_number(options, "learning_rate") / by))
    if finding.code == "overfit" and run.total_steps and finding.step:
        return _fewer_passes(options, finding.step / run.total_steps)
    if finding.code == "copying" and _number(options, "rank") > 1:
        return _changed(tr("Start again with half the rank"), rank=int(_number(options, "rank")) // 2)
    if finding.code in ("too_few_steps", "still_falling") and _number(options, "epochs"):
        label = tr("Start again with twice the passes")
        return _changed(label, epochs=_number(options, "epochs") * 2, max_steps=0)
    return _changed(tr("Start again with other settings")) if finding.code == "gradient_dead" else None


def _fewer_passes(options: Mapping[str, object], share: float) -> FindingAct | None:
    """As many passes as it took to the lowest held-out loss, in halves."""
    passes = _number(options, "epochs") * share
    if not passes:
        return None
    fewer = max(0.5, round(passes * 2) / 2)
    return _changed(tr("Start again with {passes:g} passes", passes=fewer), epochs=fewer)


def _changed(label: str, **options: object) -> FindingAct:
    return FindingAct(kind="again", label=label, options=options)


def _number(options: Mapping[str, object], name: str) -> float:
    value = options.get(name)
    return float(value) if isinstance(value, int | float) and math.isfinite(value) else 0.0


def _rounded(value: float) -> float:
    return float(f"{value:.2g}")
