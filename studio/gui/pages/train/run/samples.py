"""The samples of a run as a strip: for one prompt, what was answered at base and at each checkpoint. Knows no Qt."""

from collections.abc import Sequence
from dataclasses import dataclass

from studio.domain.run import RunSample
from studio.domain.run_findings import COPYING
from studio.gui import figures
from studio.gui.pages.train.run.curves import share
from studio.texts import tr


@dataclass(frozen=True, kw_only=True)
class Prompt:
    """A fixed prompt. ``key`` tells prompts with the same words apart."""

    key: str
    words: str


@dataclass(frozen=True, kw_only=True)
class SampleCell:
    """One answer. ``recited``: so much of it is copied from training lines that it is no speech of its own."""

    step: int
    title: str
    text: str
    copied: float
    copied_words: str
    recited: bool
    best: bool

    @property
    def spoken(self) -> str:
        """What a screen reader says."""
        return ". ".join((self.title, self.text or tr("no words"), self.copied_words))


def prompts(samples: Sequence[RunSample]) -> list[Prompt]:
    """The prompts, in the order of their keys."""
    found = {one.key: one.prompt for one in samples}
    return [Prompt(key=key, words=" ".join(found[key].split()) or key) for key in sorted(found)]


def strip(samples: Sequence[RunSample], key: str, best_step: int) -> list[SampleCell]:
    """The answers to one prompt, the base's first."""
    return [_cell(one, best_step) for one in samples if one.key == key]


def _cell(sample: RunSample, best_step: int) -> SampleCell:
    best = sample.step > 0 and sample.step == best_step
    return SampleCell(
        step=sample.step,
        title=_title(sample, best),
        text=sample.text.strip(),
        copied=sample.copied,
        copied_words=tr("{share} copied", share=share(sample.copied)),
        recited=sample.copied >= COPYING and sample.step > 0,
        best=best,
    )


def _title(sample: RunSample, best: bool) -> str:
    if not sample.step:
        return tr("base")
    step = figures.whole(sample.step)
    if best:
        return tr("step {step} · best", step=step)
    return tr("step {step} · asked for", step=step) if sample.wished else tr("step {step}", step=step)
