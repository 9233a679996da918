"""What the "New run" card shows and what it starts: persona, base, method, preset, options. Knows no Qt."""

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.domain.base_model import BaseModel
from studio.domain.errors import StudioError
from studio.domain.run import Run
from studio.gui import figures
from studio.options import Option, checked
from studio.texts import sentence, tr

if TYPE_CHECKING:
    from studio.methods.method import Method
    from studio.services.memory_estimate import MemoryEstimate
    from studio.services.presets import Preset
    from studio.services.studio import Studio

RANK = "rank"
RANKS = (4, 8, 12, 16, 24, 32, 48, 64, 96, 128)
"""The steps of the capacity dial."""
_CAPACITY = (
    (8, "Manner only: tone, rhythm, favourite words. Hard to overdo."),
    (16, "Enough for voice and manner; facts belong in the card."),
    (32, "Voice and habits of thought; wants a few hundred lines."),
    (64, "Room for knowledge; with little data it learns lines by heart."),
    (128, "A great deal of room: only for thousands of lines."),
)


@dataclass(frozen=True)
class PersonaChoice:
    """One line of the persona picker."""

    id: str
    name: str
    line: str
    lines: int
    colour: str


@dataclass(frozen=True)
class Obstacle:
    """Why a run cannot start, and where to go about it (a page's name, or nothing)."""

    reason: str
    page: str = ""
    button: str = ""


def rank_sentence(rank: int) -> str:
    """What this capacity is good for."""
    return tr(next((words for limit, words in _CAPACITY if rank <= limit), _CAPACITY[-1][1]))


def nearest_rank(value: int) -> int:
    """The position on the dial that stands for ``value``."""
    return min(range(len(RANKS)), key=lambda place: abs(RANKS[place] - value))


class NewRun:
    """The form's state. Every ``choose`` keeps what the user set by hand where it still applies."""

    def __init__(self, studio: "Studio") -> None:
        self._studio = studio
        self.persona_id = ""
        self.base_id = ""
        self.preset = "balanced"
        self.method = "qlora"
        self.by_hand: dict[str, object] = {}
        self.wrong: dict[str, str] = {}
        self._from_preset: Mapping[str, object] = {}
        self.refresh()

    def refresh(self) -> None:
        """Look again at what there is to choose from (personas and bases come and go)."""
        personas, bases = self.personas(), self.bases()
        if self.persona_id not in {one.id for one in personas}:
            ready = [one for one in personas if one.lines] or personas
            self.persona_id = ready[0].id if ready else ""
        if self.base_id not in {one.id for one in bases}:
            self.base_id = self._default_base()
        methods = [one.name for one in self._studio.training.methods()]
        if self.method not in methods and methods:
            self.method = methods[0]
        self._read_preset()

    def personas(self) -> list[PersonaChoice]:
        """Who can be trained, as the picker shows them."""
        return [
            PersonaChoice(
                id=one.persona.id,
                name=one.persona.name,
                line=" · ".join((figures.conversations(one.conversations), figures.lines(one.persona_turns))),
                lines=one.persona_turns,
                colour=one.persona.colour,
            )
            for one in self._studio.personas.list()
        ]

    def persona(self) -> PersonaChoice | None:
        """Who is chosen."""
        return next((one for one in self.personas() if one.id == self.persona_id), None)

    def bases(self) -> list[BaseModel]:
        """What can be trained on."""
        return self._studio.models.list()

    def base(self) -> BaseModel | None:
        """The chosen base."""
        return next((one for one in self.bases() if one.id == self.base_id), None)

    def methods(self) -> "list[Method]":
        """The ways to train (``Method``)."""
        return self._studio.training.methods()

    def presets(self) -> "list[Preset]":
        """The starting points (``Preset``)."""
        return self._studio.training.presets()

    def options(self) -> dict[str, Option]:
        """The method's options, by name."""
        return self._studio.training.options(self.method)

    def values(self) -> dict[str, object]:
        """Every option's value: default, then preset, then what was set by hand."""
        known = self.options()
        values = {name: one.default for name, one in known.items()}
        for layer in (self._from_preset, self.by_hand):
            values.update({name: value for name, value in layer.items() if name in known})
        return values

    def choose(self, *, persona_id: str = "", base_id: str = "", method: str = "") -> None:
        """Change persona, base or method."""
        self.persona_id = persona_id or self.persona_id
        self.base_id = base_id or self.base_id
        self.method = method or self.method
        self._read_preset()

    def choose_preset(self, name: str) -> None:
        """Take a preset; what was set by hand is let go, for that is what one expects of the button."""
        self.preset = name
        self.by_hand.clear()
        self.wrong.clear()
        self._read_preset()

    def set_value(self, name: str, value: object) -> str:
        """Set one option by hand; returns what is wrong with it, or nothing."""
        try:
            self.by_hand[name] = checked(self.options()[name], value)
        except (ValueError, KeyError) as error:
            self.wrong[name] = str(error)
        else:
            self.wrong.pop(name, None)
        return self.wrong.get(name, "")

    def reasons(self) -> str:
        """One sentence on the chosen preset."""
        chosen = next((one for one in self._studio.training.presets() if one.name == self.preset), None)
        return tr(chosen.summary) if chosen else ""

    def estimate(self) -> "MemoryEstimate | None":
        """What the run will take (``MemoryEstimate``), or nothing without a base."""
        base = self.base()
        if base is None:
            return None
        return self._studio.training.estimate(base, self.method, self.values())

    def obstacle(self) -> Obstacle | None:
        """What stands in the way of starting, the first thing first."""
        persona = self.persona()
        if self._studio.read_only:
            return Obstacle(sentence(StudioError("library_read_only")))
        if persona is None:
            return Obstacle(tr("There is no persona to train yet."), "personas", tr("Go to Personas"))
        if self.base() is None:
            return Obstacle(tr("A base model is needed first."), "models", tr("Get a base"))
        if not persona.lines:
            return Obstacle(
                tr("{name} has no lines to learn from yet.", name=persona.name), "personas", tr("Import conversations")
            )
        if self.wrong:
            return Obstacle(next(iter(self.wrong.values())))
        return None

    def start(self) -> Run:
        """Put the run into the queue."""
        return self._studio.training.start(
            self.persona_id, base_id=self.base_id, method=self.method, preset=self.preset, options=self.values()
        )

    def _default_base(self) -> str:
        try:
            return self._studio.models.get("").id
        except StudioError:
            return ""

    def _read_preset(self) -> None:
        base = self.base()
        if base is None or not self.persona_id:
            chosen = next((one for one in self._studio.training.presets() if one.name == self.preset), None)
            self._from_preset = chosen.options if chosen else {}
            return
        self._from_preset = self._studio.training.preset_options(self.preset, self.persona_id, base)
