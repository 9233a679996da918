"""What the page of one run shows and does: its head, curves, samples, findings, record. Knows no Qt."""

import time
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import TYPE_CHECKING

from studio.domain.chat import Contestant
from studio.domain.errors import StudioError
from studio.domain.run import Run, RunSample, RunState
from studio.gui.pages.train import run_words
from studio.gui.pages.train.run import findings, record, samples, words
from studio.gui.pages.train.run.curves import RunCurves
from studio.services.presets import adapted
from studio.texts import tr

if TYPE_CHECKING:
    from studio.domain.persona import Persona
    from studio.domain.recipe import Recipe
    from studio.services.presets import Preset
    from studio.services.run_feed import LiveRun
    from studio.services.run_stories import RunComparison, RunStory
    from studio.services.studio import Studio

_SECONDS_BETWEEN_LOOKS = 2.0
"""Findings and samples are looked at again at every checkpoint, and this often in between."""


@dataclass(frozen=True, kw_only=True)
class RunView:
    """The head of the page. ``waiting``: what it waits for; ``begun``: there is something to draw."""

    run: Run
    title: str
    subtitle: str
    figures: str
    colour: str
    progress: float
    busy: bool
    allowed: run_words.Allowed
    outcome: str
    failure: str
    waiting: str
    begun: bool


class RunPresenter:
    """Of the run looked at; what is costly is read once, and again only when it has grown."""

    def __init__(self, studio: "Studio") -> None:
        self._studio = studio
        self.look_at("")

    def look_at(self, run_id: str) -> None:
        """Show another run."""
        self.run_id = run_id
        self.curves = RunCurves(run_id)
        self.samples: list[RunSample] = []
        self.findings: list[findings.FindingRow] = []
        self.best_step = 0
        self.prompt_key = ""
        self._looked: tuple[object, ...] = ()
        self._looked_at = 0.0
        self._recipe: Recipe | None = None

    # -- reading --------------------------------------------------------------------------------------------------

    @property
    def run(self) -> Run:
        """The run as it is now."""
        return self._studio.training.get(self.run_id)

    @property
    def live(self) -> "LiveRun | None":
        """Its figures of this moment, while it works."""
        return self._studio.training.live(self.run_id)

    @property
    def recipe(self) -> "Recipe":
        """How it trains; that never changes."""
        if self._recipe is None:
            self._recipe = self._studio.training.recipe(self.run_id)
        return self._recipe

    def persona(self) -> "Persona | None":
        """Whose run it is, unless the persona was deleted."""
        try:
            return self._studio.personas.get(self.run.persona_id)
        except StudioError:
            return None

    def read(self) -> bool:
        """Read what has come in; True while more of the past is to be read."""
        run = self.run
        if self._read(self.curves, run):
            return True
        self._look_again(run)
        return False

    def _look_again(self, run: Run) -> None:
        seen = (self.curves.measured(), run.state, run.best_step)
        now = time.monotonic()
        resting = run.state is not RunState.RUNNING
        if seen == self._looked and (resting or now - self._looked_at < _SECONDS_BETWEEN_LOOKS):
            return
        self._looked, self._looked_at = seen, now
        points = self.curves.all()
        stories = self._studio.run_stories
        self.samples = stories.samples(self.run_id)
        self.best_step = stories.best_step(self.run_id, points)
        self.findings = findings.rows(stories.findings(self.run_id, points), run, self.recipe)

    # -- the head -------------------------------------------------------------------------------------------------

    def view(self) -> RunView:
        """Everything above the curve."""
        run, live, persona = self.run, self.live, self.persona()
        name = persona.name if persona else tr("deleted persona")
        step, total = (live.step, live.total_steps) if live else (run.step, run.total_steps)
        return RunView(
            run=run,
            title=tr("{name} · run {number}", name=name, number=run.number),
            subtitle=self._subtitle(run),
            figures=words.figure_words(run, live),
            colour=persona.colour if persona else "",
            progress=1.0 if run.state is RunState.FINISHED else (step / total if total else 0.0),
            busy=live is not None and (not total or live.phase != "training"),
            allowed=run_words.allowed(run),
            outcome=words.outcome(run, name, self.best_step),
            failure=run_words.failure(run),
            waiting=words.waiting(run, self._ahead(run), datetime.now(UTC)),
            begun=not self.curves.empty or live is not None,
        )

    def _subtitle(self, run: Run) -> str:
        return words.subtitle(self._method_label(run), self.recipe.options.get("rank"), self._base_name(run))

    def _ahead(self, run: Run) -> list[str]:
        if run.state is not RunState.QUEUED:
            return []
        queue = self._studio.training.queue()
        ids = [one.id for one in queue]
        first = queue[: ids.index(run.id)] if run.id in ids else []
        return [self.title_of(one) for one in first if one.state in (RunState.RUNNING, RunState.QUEUED)]

    def title_of(self, run: Run) -> str:
        """How another run is called."""
        try:
            name = self._studio.personas.get(run.persona_id).name
        except StudioError:
            name = tr("deleted persona")
        return tr("{name} · run {number}", name=name, number=run.number)

    def _base_name(self, run: Run) -> str:
        return next((one.name for one in self._studio.models.list() if one.id == run.base_id), "")

    def _method_label(self, run: Run) -> str:
        return next((tr(one.label) for one in self._studio.training.methods() if one.name == run.method), run.method)

    # -- samples --------------------------------------------------------------------------------------------------

    def prompts(self) -> list[samples.Prompt]:
        """The fixed prompts; the first is shown until another one is chosen."""
        found = samples.prompts(self.samples)
        if found and self.prompt_key not in {one.key for one in found}:
            self.prompt_key = found[0].key
        return found

    def strip(self, key: str = "") -> list[samples.SampleCell]:
        """The answers to a prompt (the chosen one), base first."""
        return samples.strip(self.samples, key or self.prompt_key, self.best_step)

    # -- the record -----------------------------------------------------------------------------------------------

    def story(self) -> "RunStory":
        """Everything that was kept of it."""
        return self._studio.run_stories.story(self.run_id)

    def sections(self, story: "RunStory") -> list[record.RecordSection]:
        """The record in words, with the reason for every value."""
        known = {}
        if any(one.name == self.recipe.method for one in self._studio.training.methods()):
            known = self._studio.training.options(self.recipe.method)
        return record.sections(story, self.recipe, known, self._preset(story))

    def _preset(self, story: "RunStory") -> "Preset | None":
        """The preset as it was for this run's data and base; none where they are gone or it was none."""
        base = next((one for one in self._studio.models.list() if one.id == story.run.base_id), None)
        if base is None or story.dataset is None:
            return None
        try:
            return adapted(self.recipe.preset, persona_turns=story.dataset.persona_turns, parameters=base.parameters)
        except StudioError:
            return None

    # -- two runs -------------------------------------------------------------------------------------------------

    def others(self) -> list[tuple[str, str]]:
        """Runs to compare with: id and title, those of the same persona that made steps first."""
        mine = self.run.persona_id
        found = [one for one in self._studio.training.runs() if one.id != self.run_id]
        found.sort(key=lambda one: (one.persona_id != mine, not one.step))
        return [(one.id, f"{self.title_of(one)} · {run_words.state_word(one)}") for one in found]

    def compare(self, other_id: str) -> "RunComparison":
        """This run and another one, fact by fact."""
        return self._studio.run_stories.compare(self.run_id, other_id)

    def read_other(self, curves: RunCurves) -> bool:
        """Read the next piece of another run's points."""
        return self._read(curves, self._studio.training.get(curves.run_id))

    def _read(self, curves: RunCurves, run: Run) -> bool:
        live = self._studio.training.live(run.id)
        return curves.read(self._studio.training.points, max(run.step, live.step if live else 0))

    def colour_of(self, run: Run) -> str:
        """The colour of a run's persona."""
        try:
            return self._studio.personas.get(run.persona_id).colour
        except StudioError:
            return ""

    # -- acts -----------------------------------------------------------------------------------------------------

    def act(self, name: str) -> None:
        """``pause resume stop sample_now save_now`` on the run looked at."""
        getattr(self._studio.training, name)(self.run_id)

    def again(self, act: findings.FindingAct | None = None) -> findings.Prefill:
        """The form for a run like this one, changed as ``act`` says."""
        run = self.run
        changed = act.options if act else {}
        return findings.prefill(run, self.recipe, changed, run.adapter_id if act and act.continues else "")

    def contestants(self) -> list[Contestant]:
        """Who talks when one talks to it: the base, and its adapter or, while it trains, the run itself."""
        run = self.run
        return [Contestant(), Contestant(adapter_id=run.adapter_id or run.id)]
