"""Watching a run: at its milestones it answers probes, reads a neutral text, and the best of it is kept.

Nothing here touches what is learned: answers have their own seeds, and the stage is set anew for every unit.
"""

from collections.abc import Callable, Generator, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

from studio.domain.errors import StudioError
from studio.engine.bases.base_loader import LoadedBase
from studio.engine.forward.evaluation import autocast
from studio.engine.forward.modes import Mode, Stage
from studio.engine.rack.adapter_files import AdapterFactors
from studio.engine.scheduler import Work
from studio.engine.text.chat_encoding import Window, encode
from studio.engine.training.best_checkpoint import take_in
from studio.engine.training.checkpoints import Standing
from studio.engine.training.copying import CopyIndex
from studio.engine.training.heldout import HeldOut
from studio.engine.training.probes import EncodedProbe, Voice, answers
from studio.engine.training.run_reports import RunReports
from studio.engine.training.trainee import Trainee
from studio.protocol.commands import Train
from studio.protocol.dataset_file import read_dataset

NEUTRAL_WINDOW = 512
"""Tokens; our neutral text has no longer piece."""

SAMPLE, SAVE = "sample", "save"


class RunWatch:
    """Belongs to one ``TrainingRun``. What must survive a pause stands in ``Standing``, and changes at the very end of
    a milestone: one that was broken off is done again."""

    def __init__(self, command: Train, base: LoadedBase, stage: Stage, reports: RunReports) -> None:
        self._command = command
        self._base = base
        self._stage = stage
        self._reports = reports
        self._probes: list[EncodedProbe] = []
        self._neutral: list[Window] = []
        self._copies = CopyIndex()
        self._begun = False

    def begin(self, standing: Standing, held_out: HeldOut) -> Work:
        """Make ready; before the first step also show what the base alone answers, and how it takes both texts."""
        self._held_out = held_out
        yield from held_out.measure_base(standing)
        if self._begun:
            return
        self._tell_begin(standing)
        self._neutral = self._neutral_windows()
        self._probes = list(self._encoded_probes())
        if self._probes:
            self._copies = yield from CopyIndex.reading(Path(self._command.data))
        if standing.step == 0:
            yield from held_out.neutral(0, self._neutral, Mode.REFERENCE)
            yield from self._answer(0, Voice(base=self._base, enter=self._base_alone))
        self._begun = True

    def milestone(self, standing: Standing, trainee: Trainee, keep: Callable[[], object]) -> Work:
        """Look at what was learned up to here; ``keep`` is called when it is the best so far."""
        if standing.measured_step == standing.step:
            return
        loss = yield from self._held_out.measure(standing)
        yield from self._held_out.neutral(standing.step, self._neutral, Mode.MEASURING)
        copied = yield from self._answer(standing.step, self._voice_of(trainee))
        standing.measured_step = standing.step
        if loss is not None and take_in(standing, loss, copied):
            self._reports.told(standing.step, "run_new_best", loss=f"{loss:.3f}")
            keep()

    def grant(self, wants: set[str], standing: Standing, trainee: Trainee, save: Callable[[], object]) -> Work:
        """Do what was wished since the last step."""
        while wants:
            if wants.pop() == SAMPLE:
                yield from self._answer(standing.step, self._voice_of(trainee), wished=True)
            else:
                save()
                self._reports.told(standing.step, "run_saved")

    def _tell_begin(self, standing: Standing) -> None:
        if standing.step:
            self._reports.told(standing.step, "run_resumed", at=standing.step)
        else:
            self._reports.told(0, "run_began", device=self._base.device.name)

    def _answer(self, step: int, voice: Voice, *, wished: bool = False) -> Generator[None, None, float]:
        """Tell the voice's answers; return the mean share of copied words."""
        if not self._probes:
            return 0.0
        self._reports.phase("sampling")
        try:
            said = yield from answers(self._probes, self._command.probe_sampling, voice)
        finally:
            self._base.rack.take_off(self._on_rack_as)
        shares = [self._copies.copied(text) for text in said]
        for probe, text, copied in zip(self._probes, said, shares, strict=True):
            self._reports.sample(step, probe.key, probe.prompt, text, probe.seed, copied, wished=wished)
        return sum(shares) / len(shares)

    @property
    def _on_rack_as(self) -> str:
        """Not the run's own name: under that one somebody may be talking to an earlier step of it."""
        return f"{self._command.run_id}:probes"

    def _voice_of(self, trainee: Trainee) -> Voice:
        """On the rack where it can hang there, through the method's own layers otherwise."""
        factors = trainee.snapshot()
        if factors is not None:
            return Voice(base=self._base, enter=partial(self._on_rack, factors))
        return Voice(base=trainee.base, enter=partial(_in_training, trainee), own_layers=True)

    @contextmanager
    def _on_rack(self, factors: AdapterFactors, rows: int) -> Iterator[None]:
        run, rack = self._on_rack_as, self._base.rack
        if not rack.holds(run):
            rack.hang(run, factors)
        self._stage.enter(Mode.OTHERS)
        rack.gate([{run: 1.0}] * rows)
        try:
            yield
        finally:
            rack.open_gates()

    @contextmanager
    def _base_alone(self, rows: int) -> Iterator[None]:
        self._stage.enter(Mode.OTHERS)
        self._base.rack.open_gates()
        yield

    def _neutral_windows(self) -> list[Window]:
        """A base that cannot read our text is trained all the same."""
        if not self._command.neutral:
            return []
        window = min(NEUTRAL_WINDOW, self._base.context_length)
        lines = read_dataset(Path(self._command.neutral))
        try:
            return [one for line in lines for one in encode(line, self._base.template, window)]
        except StudioError:
            self._reports.told(0, "run_neutral_refused", weight="warning")
            return []

    def _encoded_probes(self) -> Iterator[EncodedProbe]:
        for probe in self._command.probes:
            try:
                yield EncodedProbe(probe, self._base, self._command.probe_sampling)
            except StudioError:
                self._reports.told(0, "run_probe_refused", weight="warning", key=probe.key)


@contextmanager
def _in_training(trainee: Trainee, rows: int) -> Iterator[None]:
    trainee.stage.enter(Mode.SPEAKING)
    with autocast(trainee.base):
        yield
