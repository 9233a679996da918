"""An in-memory Studio for the pages' tests: the services' signatures, no database, no engine."""

from dataclasses import dataclass, field
from pathlib import Path
from types import SimpleNamespace

from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.domain.run import MetricPoint, Run, RunState
from studio.methods.method import METHODS
from studio.options import options_of
from studio.services.job import Job
from tests.gui.stand_in_chats import Chats
from tests.gui.stand_in_things import ADAPTER, BASE, ILSE, MIRA


class Training:
    """Runs that tests put in."""

    def __init__(self):
        self.all: list[Run] = []
        self.curve: list[MetricPoint] = []
        self.now = None
        self.started: list[dict] = []
        self.called: list[tuple] = []
        self.memory_total = 12 * 2**30

    def methods(self):
        return list(METHODS.all().values())

    def presets(self):
        return [
            SimpleNamespace(name=name, label=name.title(), summary=f"About {name}.", options={"rank": rank}, reasons={})
            for name, rank in (("taste", 8), ("balanced", 16), ("thorough", 32))
        ]

    def options(self, method):
        return options_of(METHODS.get(method).options)

    def preset_options(self, preset, persona_id, base):
        return {"taste": {"rank": 8}, "balanced": {"rank": 16}, "thorough": {"rank": 32}}[preset]

    def estimate(self, base, method, options, total_memory=None):
        total = 2**30 * (1 + int(options["rank"]))
        return SimpleNamespace(
            base=2**29, adapter=2**27, optimizer=2**27, activations=2**28, overhead=2**28, total=total,
            available=self.memory_total, fits=total <= self.memory_total, advice="Lower the rank.",
        )  # fmt: skip

    def start(self, persona_id, **more):
        self.started.append({"persona_id": persona_id, **more})
        run = make_run(
            id=f"run-{len(self.all) + 1}", persona_id=persona_id, state=RunState.QUEUED, number=len(self.all) + 1
        )
        self.all.append(run)
        return run

    def runs(self, persona_id=""):
        return list(self.all)

    def get(self, run_id):
        return next(one for one in self.all if one.id == run_id)

    def points(self, run_id):
        return list(self.curve)

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


class StandIn:
    """The Studio object that pages get in tests."""

    def __init__(self):
        self.library, self.read_only = Path("/library"), False
        self.people = [summary(MIRA), summary(ILSE)]
        self.undone: list[str] = []
        self.personas = SimpleNamespace(
            list=lambda search="": list(self.people), portrait_path=lambda persona: None, undo=self.undone.append
        )
        self.kept_adapters = [ADAPTER]
        self.adapters = SimpleNamespace(list=lambda persona_id="": list(self.kept_adapters))
        self.chats, self.training, self.models = Chats(), Training(), Models()
        self.loaded: list[tuple] = []
        self.state = SimpleNamespace(
            state="ready", device="cpu", device_name="Test CPU", base=None, quantization="", memory_used=2**30,
            memory_peak=2**30, memory_total=12 * 2**30, notice="", log_path=Path("/library/logs/engine.log"),
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

    def _import_samples(self):
        self.people += [
            summary(Persona(id=f"sample-{i}", name=one.name)) for i, one in enumerate(self.samples.available())
        ]

    def _load(self, base_id, quantization):
        self.loaded.append((base_id, quantization))
        return Job("load_base")
