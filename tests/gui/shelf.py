"""A studio in memory for the window and the persona pages: a few personas, no files, no engine."""

from dataclasses import replace
from pathlib import Path
from types import SimpleNamespace

from studio.domain.adapter import Adapter
from studio.domain.changes import Kind
from studio.domain.persona import Persona
from studio.domain.run import Run, RunState
from studio.services.change_feed import ChangeFeed

PEOPLE = [
    ("Mira Vane", "Airship smuggler who bargains with the weather.", 214, 0.82, ("pirate", "banter"), "#f2937b"),
    ("Brother Oswin", "A monk who answers in recipes and doubts.", 168, 0.91, ("slow", "kind"), "#7fb3ff"),
    ("Tik", "Clockwork child. Counts everything. Trusts no stairs.", 132, 1.14, ("terse",), "#6fd0a8"),
    ("Ilse Marrow", "Coroner, dry as paper, allergic to metaphor.", 96, None, ("noir",), "#c79bff"),
    ("Captain Roon", "Retired, lying about it, and about most other things that happened before the flood.", 41, None,
     ("sea", "liar", "storyteller", "harbour", "rum"), "#f0c05b"),
    ("Vesper", "", 0, None, (), "#ff8fb8"),
]  # fmt: skip


def adapter(persona_id: str, gain: float) -> Adapter:
    """An adapter with a gain."""
    return Adapter(
        id=f"adapter-{persona_id}", name=f"{persona_id} v3", persona_id=persona_id, base_id="base-1",
        base_fingerprint="f", run_id=f"run-{persona_id}", method="qlora", rank=16, alpha=32.0, step=120, path="",
        content="", size_bytes=9_800_000, gain=gain, created_at="2026-11-21T10:00:00+00:00",
    )  # fmt: skip


def shelf(count: int = len(PEOPLE)) -> SimpleNamespace:
    """Return what the window takes for a Studio, with ``count`` personas."""
    feed = ChangeFeed()
    people = {f"p{i}": _person(i) for i in range(count)}
    return SimpleNamespace(
        changes=feed, personas=Personas(feed, people), settings=Settings(feed),
        engine=SimpleNamespace(status=_status, restart=lambda: None),
        training=SimpleNamespace(
            runs=lambda persona_id="": [], live=lambda run_id: None, points=lambda run_id: [],
            when_ended=lambda listener: lambda: None,
        ),
        samples=SimpleNamespace(available=lambda: ["one"]), close=lambda: None,
    )  # fmt: skip


def _person(i: int) -> Persona:
    name, tagline, _, _, tags, colour = PEOPLE[i % len(PEOPLE)]
    name = name if i < len(PEOPLE) else f"{name} {i}"
    return Persona(id=f"p{i}", name=name, tagline=tagline, tags=tags, colour=colour, system_prompt=f"You are {name}.")


def _status() -> SimpleNamespace:
    return SimpleNamespace(
        state="ready", device="cpu", device_name="", base=SimpleNamespace(name="SmolLM2 135M"), quantization="nf4",
        memory_used=5_600_000_000, memory_peak=0, memory_total=12_000_000_000, notice="", notices=0,
        log_path="engine.log",
    )  # fmt: skip


class Settings:
    """A dictionary that tells."""

    def __init__(self, feed: ChangeFeed) -> None:
        self._feed = feed
        self.values: dict[str, object] = {"theme": "dark", "first_start_done": True, "language": ""}

    def get(self, name: str) -> object:
        return self.values[name]

    def set(self, name: str, value: object) -> None:
        self.values[name] = value
        self._feed.tell(Kind.SETTING, ids=(name,))


class Personas:
    """Personas in a dictionary, with a trash."""

    def __init__(self, feed: ChangeFeed, people: dict[str, Persona]) -> None:
        self._feed, self.people, self._trash = feed, people, dict[str, Persona]()
        self.searches: list[str] = []

    def list(self, search: str = "") -> list[SimpleNamespace]:
        self.searches.append(search)
        found = [one for one in self.people.values() if search.lower() in f"{one.name} {one.tags}".lower()]
        return [self._summary(one) for one in found]

    def _summary(self, one: Persona) -> SimpleNamespace:
        i = int(one.id[1:]) if one.id[1:].isdigit() else 5
        _, _, talks, gain, _, _ = PEOPLE[i % len(PEOPLE)]
        run = Run(id="r", persona_id=one.id, base_id="b", dataset_id="d", recipe_id="r", state=RunState.RUNNING)
        return SimpleNamespace(
            persona=one, conversations=talks, persona_turns=talks * 6,
            newest_adapter=adapter(one.id, gain) if gain else None, active_run=run if i == 3 else None,
        )  # fmt: skip

    def get(self, name: str) -> Persona:
        return self.people[name]

    def create(self, name: str) -> Persona:
        self.people["new"] = Persona(id="new", name=name)
        self._feed.tell(Kind.PERSONA, ids=("new",))
        return self.people["new"]

    def update(self, persona_id: str, *, initiator: object = None, **fields: object) -> Persona:
        self.people[persona_id] = replace(self.people[persona_id], **fields)  # type: ignore[arg-type]
        self._feed.tell(Kind.PERSONA, ids=(persona_id,), initiator=initiator)
        return self.people[persona_id]

    def portrait_path(self, persona: Persona) -> Path | None:
        return None

    def delete(self, persona_id: str) -> str:
        self._trash[persona_id] = self.people.pop(persona_id)
        self._feed.tell(Kind.PERSONA, ids=(persona_id,))
        return persona_id

    def undo(self, token: str) -> None:
        self.people[token] = self._trash.pop(token)
        self._feed.tell(Kind.PERSONA, ids=(token,))
