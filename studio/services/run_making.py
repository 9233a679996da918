"""Making runs: one, another with a change, a sweep, a comparison of methods, one that goes on from an adapter."""

from collections.abc import Mapping, Sequence

from studio.domain.changes import Kind
from studio.domain.clock import now
from studio.domain.dataset import DatasetVersion
from studio.domain.errors import StudioError
from studio.domain.ids import new_id
from studio.domain.run import Run, RunGroup
from studio.library.library import Library
from studio.options import options_of
from studio.services.active_run import RunHost
from studio.services.change_feed import ChangeFeed
from studio.services.data import DataBench
from studio.services.engine import Engine
from studio.services.method_comparison import ComparisonRow, check_wishes, comparison_row, step_budget
from studio.services.models import Models
from studio.services.run_continuing import Continued, continued
from studio.services.run_plan import RunWish, method_named, plan_run, preset_for, wished_options
from studio.services.run_queue import RunQueue
from studio.services.run_times import as_moment
from studio.services.sweeps import Grid, grid_label, grid_points

Options = Mapping[str, object]


class RunMaking(RunQueue):
    """Everything is checked before anything is stored; runs that are made together are stored together."""

    def __init__(
        self, library: Library, changes: ChangeFeed, engine: Engine, data: DataBench, models: Models, host: RunHost
    ) -> None:
        super().__init__(library, changes, engine, host)
        self._data = data
        self._models = models

    def start(
        self,
        persona_id: str,
        *,
        base_id: str = "",
        method: str = "qlora",
        preset: str = "balanced",
        options: Options | None = None,
        starts_at: str = "",
        continues: str = "",
        version_id: str = "",
        begins: bool = True,
    ) -> Run:
        """Queue a run; it begins when nothing else trains and its time has come.

        ``continues``: an adapter to start from, whose base, method and shape are taken; ``version_id``: the data to
        learn, otherwise what is there now. ``begins``: this program works on the queue right now.
        """
        moment, given = as_moment(starts_at), dict(options or {})
        if continues:
            found = continued(self._library, self._models, continues)
            base = self._models.get(base_id) if base_id else found.base
            method, given = found.method.name, found.over(given, base)
        else:
            base = self._models.get(base_id)
        wish = RunWish(
            persona_id=persona_id,
            base=base,
            method=method_named(method),
            preset=preset,
            options=given,
            version=self._version(persona_id, version_id),
            starts_at=moment,
            continues=continues,
        )
        return self._queue_all([wish], begins=begins)[0]

    def continue_from(self, adapter_id: str, *, options: Options | None = None) -> Run:
        """Train an adapter further on its persona's data of now, with its own recipe and these changes."""
        found: Continued = continued(self._library, self._models, adapter_id)
        if self._library.personas.get(found.adapter.persona_id) is None:
            raise StudioError("not_found", what="persona", name=found.adapter.persona_id)
        wish = RunWish(
            persona_id=found.adapter.persona_id,
            base=found.base,
            method=found.method,
            options=dict(found.options) | found.over(dict(options or {}), found.base),
            continues=adapter_id,
        )
        return self._queue_all([wish])[0]

    def duplicate(self, run_id: str, *, method: str = "", options: Options | None = None, begins: bool = True) -> Run:
        """Queue a run on the same data with the same recipe, but for the method or options that are given."""
        run, recipe = self.get(run_id), self.recipe(run_id)
        before, chosen = method_named(recipe.method), method_named(method or recipe.method)
        kept = {name: value for name, value in recipe.options.items() if name in options_of(chosen.options)}
        if chosen is not before:
            kept["learning_rate"] = float(str(kept["learning_rate"])) * chosen.rate_factor / before.rate_factor
        wish = RunWish(
            persona_id=run.persona_id,
            base=self._models.get(run.base_id),
            method=chosen,
            options=kept | dict(options or {}),
            version=self._version(run.persona_id, run.dataset_id),
            continues=run.continues if chosen is before else "",
        )
        return self._queue_all([wish], begins=begins)[0]

    def sweep(
        self,
        persona_id: str,
        *,
        base_id: str = "",
        method: str = "qlora",
        preset: str = "balanced",
        options: Options | None = None,
        grid: Grid,
        begins: bool = True,
    ) -> RunGroup:
        """Queue a run for every combination of option values, on the same data."""
        base, chosen = self._models.get(base_id), method_named(method)
        known = options_of(chosen.options)
        points = grid_points(grid, known)
        first = RunWish(persona_id=persona_id, base=base, method=chosen, preset=preset, options=dict(options or {}))
        version = self._snapshot(first)
        group = _group("sweep", grid_label(grid, known), persona_id)
        wishes = [
            RunWish(
                persona_id=persona_id, base=base, method=chosen, preset=preset, version=version, group=group.id,
                options=dict(options or {}) | point,
            )
            for point in points
        ]  # fmt: skip
        self._queue_all(wishes, group, begins=begins)
        return group

    def compare_methods(
        self,
        persona_id: str,
        *,
        base_id: str = "",
        methods: Sequence[str],
        preset: str = "balanced",
        options: Options | None = None,
    ) -> RunGroup:
        """Queue a run for each method: the same data, seed and number of steps. Options a method lacks are left out.

        A learning rate that is given is LoRA's; methods that want another get it times their own factor.
        """
        base, wished = self._models.get(base_id), dict(options or {})
        chosen = [method_named(name) for name in dict.fromkeys(methods)]
        check_wishes(chosen, wished)
        first = RunWish(
            persona_id=persona_id, base=base, method=chosen[0], preset=preset, options=preset_for(chosen[0], wished)
        )
        version = self._snapshot(first)
        budget = step_budget(version, wished_options(self._data, first))
        group = _group("comparison", ", ".join(one.label for one in chosen), persona_id)
        wishes = [
            RunWish(
                persona_id=persona_id, base=base, method=one, preset=preset, version=version, group=group.id,
                options=preset_for(one, wished) | budget,
            )
            for one in chosen
        ]  # fmt: skip
        self._queue_all(wishes, group)
        return group

    def groups(self, kind: str = "") -> list[RunGroup]:
        """Sweeps and comparisons (of one kind), newest first."""
        return self._library.run_records.groups(kind)

    def runs_of(self, group_id: str) -> list[Run]:
        """The runs of a group, in the order in which they were made."""
        group = self._library.run_records.group(group_id)
        if group is None:
            raise StudioError("not_found", what="group of runs", name=group_id)
        return [run for run in self._library.runs.all(group.persona_id) if run.group == group_id][::-1]

    def comparison(self, group_id: str) -> list[ComparisonRow]:
        """What each method of a comparison cost and gained, as far as it is known."""
        return [comparison_row(self._library, run) for run in self.runs_of(group_id)]

    def _version(self, persona_id: str, version_id: str) -> DatasetVersion | None:
        if not version_id:
            return None
        version = self._data.version(version_id)
        if version.persona_id != persona_id:
            raise StudioError("run_version_of_another")
        return version

    def _snapshot(self, wish: RunWish) -> DatasetVersion:
        fraction = wished_options(self._data, wish)["heldout_fraction"]
        return self._data.snapshot(wish.persona_id, float(str(fraction)))

    def _queue_all(self, wishes: Sequence[RunWish], group: RunGroup | None = None, *, begins: bool = True) -> list[Run]:
        with self._library.transaction():
            if group is not None:
                self._library.run_records.add_group(group)
            runs = [plan_run(self._library, self._data, wish) for wish in wishes]
        self._changes.tell(Kind.RUN, ids=[run.id for run in runs])
        if begins:
            self._begin_next(wished=True)
        return [self.get(run.id) for run in runs]


def _group(kind: str, label: str, persona_id: str) -> RunGroup:
    return RunGroup(id=new_id("group"), kind=kind, label=label, persona_id=persona_id, created_at=now())
