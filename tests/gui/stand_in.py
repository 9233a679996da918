"""An in-memory Studio for the pages' tests: the services' signatures, no database, no engine."""

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.domain.recipe import Recipe
from studio.domain.run import MetricPoint, Run, RunGroup, RunState
from studio.methods.method import METHODS
from studio.options import options_of
from studio.services.card_presets import CardPreset
from studio.services.job import Job
from studio.services.method_comparison import ComparisonRow
from studio.services.presets import Preset
from tests.gui.stand_in_chats import Chats
from tests.gui.stand_in_things import ADAPTER, BASE, ILSE, MIRA, VERSION

USUAL = {"rank": 16, "epochs": 3.0, "learning_rate": 2e-4, "heldout_fraction": 0.1}


class Training:
    """Runs that tests put in."""

    def __init__(self):
        self.all: list[Run] = []
        self.curve: list[MetricPoint] = []
        self.now = None
        self.started: list[dict] = []
        self.called: list[tuple] = []
        self.memory_total = 12 * 2**30
        self.measured, self.held_by = 0, ""
        self.recommended = "qlora"
        self.all_groups: list[RunGroup] = []
        self.recipes: dict[str, Recipe] = {}
        self.table: list[ComparisonRow] = []

    def methods(self):
        return list(METHODS.all().values())

    def presets(self):
        return [
            SimpleNamespace(name=name, label=name.title(), summary=f"About {name}.", options={"rank": rank}, reasons={})
            for name, rank in (("taste", 8), ("balanced", 16), ("thorough", 32))
        ]

    def options(self, method):
        return options_of(METHODS.get(method).options)

    def preset(self, name, persona_id, base):
        if name.startswith("card-"):
            return CardPreset(name=name, label=name, summary="It fits.", options={"rank": 16, "max_length": 512},
                              reasons={"method": "It is small.", "max_length": "A longer window does not fit."},
                              gigabytes=int(name[5:]), method="qlora")  # fmt: skip
        rank = {"taste": 8, "balanced": 16, "thorough": 32}[name]
        reasons = {"rank": "It suits.", "epochs": "They are enough."}
        return Preset(name=name, label=name.title(), summary=f"About {name}.", options={"rank": rank}, reasons=reasons)

    def recommended_method(self, base, options):
        return SimpleNamespace(method=self.recommended, reason="It fits in 4 bit.")

    def estimate(self, base, method, options, total_memory=None):
        total = 2**30 * (1 + int(options.get("rank", 4)))
        return SimpleNamespace(
            base=2**29, adapter=2**27, optimizer=2**27, activations=2**28, overhead=2**28, total=total,
            available=self.memory_total, fits=total <= self.memory_total, advice="Lower the rank.",
            measured=self.measured,
        )  # fmt: skip

    def start(self, persona_id, **more):
        self.started.append({"persona_id": persona_id, **more})
        run = make_run(
            id=f"run-{len(self.all) + 1}", persona_id=persona_id, state=RunState.QUEUED, number=len(self.all) + 1
        )
        self.all.append(run)
        return run

    def runs(self, persona_id=""):
        return list(reversed(self.all))

    def queue(self):
        states = (RunState.RUNNING, RunState.QUEUED)
        waiting = [one for state in states for one in self.all if one.state is state]
        return [*waiting, *(one for one in self.all if one.resting not in ("", "user"))]

    def move(self, run_id, before=""):
        self.called.append(("move", run_id, before))
        moved = self.get(run_id)
        rest = [one for one in self.all if one.id != run_id]
        at = next((place for place, one in enumerate(rest) if one.id == before), len(rest))
        self.all = [*rest[:at], moved, *rest[at:]]

    def duplicate(self, run_id, *, method="", options=None):
        self.called.append(("duplicate", run_id, method, options))
        return self.get(run_id)

    def schedule(self, run_id, starts_at):
        self.called.append(("schedule", run_id, starts_at))

    def groups(self, kind=""):
        return [one for one in self.all_groups if kind in ("", one.kind)]

    def runs_of(self, group_id):
        return [one for one in self.all if one.group == group_id]

    def sweep(self, persona_id, **more):
        self.called.append(("sweep", persona_id, more))
        return self._grouped("sweep", persona_id)

    def compare_methods(self, persona_id, **more):
        self.called.append(("compare_methods", persona_id, more))
        return self._grouped("comparison", persona_id)

    def _grouped(self, kind, persona_id):
        self.all_groups.append(RunGroup(id=f"group-{len(self.all_groups)}", kind=kind, label="", persona_id=persona_id))
        return self.all_groups[-1]

    def comparison(self, group_id):
        return list(self.table)

    def recipe(self, run_id):
        usual = Recipe(id="r", method="qlora", options=USUAL)
        return self.recipes.get(self.get(run_id).recipe_id, usual)

    def get(self, run_id):
        return next(one for one in self.all if one.id == run_id)

    def points(self, run_id, after=-1, steps=0):
        return [one for one in self.curve if one.step > after]

    def live(self, run_id):
        return self.now if self.now and self.now.run_id == run_id else None

    def pause(self, run_id):
        self.called.append(("pause", run_id))

    def stop(self, run_id):
        self.called.append(("stop", run_id))

    def resume(self, run_id):
        self.called.append(("resume", run_id))
        return self.get(run_id)

    def delete(self, run_id):
        self.all = [one for one in self.all if one.id != run_id]
        return f"trash-{run_id}"


def make_run(**more):
    """A run with everything it must have."""
    return Run(
        **{"id": "run-1", "persona_id": ILSE.id, "base_id": BASE.id, "dataset_id": "d", "recipe_id": "r", **more}
    )


@dataclass
class Models:
    """Bases in a list."""

    bases: list = field(default_factory=lambda: [BASE])
    trouble: StudioError | None = None
    job: Job | None = None
    added: list = field(default_factory=list)

    def list(self):
        return list(self.bases)

    def get(self, id_or_name=""):
        if not self.bases:
            raise StudioError("base_needed")
        return self.bases[0]

    def memory_needed(self, base):
        return {"16-bit": 2 * base.parameters, "8-bit": base.parameters, "NF4": base.parameters * 6 // 10}

    def install_starter(self):
        self.job = Job("starter_download")
        return self.job

    def add(self, path: Path):
        self.added.append(path)
        self.job = Job("convert")
        return self.job

    def remove(self, base_id):
        self.bases = [one for one in self.bases if one.id != base_id]
        return "token"


def summary(persona, conversations=96, turns=612):
    """What ``personas.list`` returns for a persona."""
    return SimpleNamespace(
        persona=persona, conversations=conversations, persona_turns=turns, newest_adapter=None, active_run=None
    )


class Stories:
    """Nothing to tell beside what the runs hold."""

    def __init__(self, training):
        self._training = training

    def samples(self, run_id):
        return []

    def findings(self, run_id, points=None):
        return []

    def best_step(self, run_id, points=None):
        return 0


class Unsent(dict):
    """Typed words by chat."""

    keep = dict.__setitem__


class StandIn:
    """The Studio object that pages get in tests."""

    def __init__(self):
        self.library, self.read_only = Path("/library"), False
        self.people = [summary(MIRA), summary(ILSE)]
        self.undone: list[str] = []
        self.training = Training()
        self.personas = SimpleNamespace(
            list=lambda search="": list(self.people),
            portrait_path=lambda persona: None,
            undo=self.undone.append,
            get=self._persona,
        )
        self.versions = [VERSION]
        self.data = SimpleNamespace(
            versions=lambda persona_id: [one for one in self.versions if one.persona_id == persona_id],
            version=lambda version_id: VERSION,
        )
        self.run_stories = Stories(self.training)
        self.kept_adapters = [ADAPTER]
        self.adapters = SimpleNamespace(
            list=lambda persona_id="": [one for one in self.kept_adapters if persona_id in ("", one.persona_id)]
        )
        self.chats, self.models = Chats(), Models()
        self.is_open, self.unsent = True, Unsent()
        self.teaching = SimpleNamespace(taught=lambda chat_id: set())
        self.votes = SimpleNamespace(open_ballot=lambda chat_id: None)
        self.effects: dict[str, object] = {}
        self.proof = SimpleNamespace(effect=self.effects.get)
        self.loaded: list[tuple] = []
        self.state = SimpleNamespace(
            state="ready", device="cpu", device_name="Test CPU", base=None, quantization="", memory_used=2**30,
            memory_peak=2**30, memory_total=12 * 2**30, notice="", notices=0, log_path=Path("/library/logs/engine.log"),
        )  # fmt: skip
        self.engine = SimpleNamespace(status=lambda: self.state, ensure_base=self._load,
                                      bases=SimpleNamespace(expected=None, reserved=None))  # fmt: skip
        self.values: dict[str, object] = {}
        from studio.settings.preferences import Preferences

        self.settings = SimpleNamespace(
            all=lambda: options_of(Preferences), set=self.values.__setitem__,
            get=lambda name: self.values.get(name, options_of(Preferences)[name].default),
        )  # fmt: skip
        self.samples = SimpleNamespace(
            available=lambda: [
                SimpleNamespace(name=name, tagline=line, portrait=None, files=())
                for name, line in (("Mira Vane", "Airship smuggler who bargains with the weather."),
                                   ("Brother Oswin", "A monk who answers in recipes and doubts."),
                                   ("Tik", "Clockwork child. Counts everything. Trusts no stairs."))
            ],
            import_all=self._import_samples,
        )  # fmt: skip

    def _persona(self, persona_id):
        found = [one.persona for one in self.people if one.persona.id == persona_id]
        if not found:
            raise StudioError("not_found", what="persona", name=persona_id)
        return found[0]

    def _import_samples(self):
        self.people += [
            summary(Persona(id=f"sample-{i}", name=one.name)) for i, one in enumerate(self.samples.available())
        ]

    def _load(self, base_id, quantization):
        self.loaded.append((base_id, quantization))
        return Job("load_base")
