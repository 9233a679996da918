"""What the "New run" card shows and what it starts: persona, data, base, method, preset, options. Knows no Qt."""

from collections.abc import Mapping
from datetime import datetime
from typing import TYPE_CHECKING

from studio.domain.base_model import BaseModel
from studio.domain.clock import now
from studio.domain.errors import StudioError
from studio.domain.run import Run, RunState
from studio.gui import figures
from studio.gui.pages.train import new_run_words
from studio.gui.pages.train.new_run_fixed import fixed_by_adapter, fixed_by_version
from studio.gui.pages.train.new_run_words import Choice, Obstacle, PersonaChoice
from studio.gui.pages.train.when import moment_words
from studio.options import Option, checked
from studio.services.card_presets import CardPreset, card_presets
from studio.services.run_plan import preset_for
from studio.texts import sentence, tr

if TYPE_CHECKING:
    from studio.domain.adapter import Adapter
    from studio.gui.pages.train.run.findings import Prefill
    from studio.methods.method import Method
    from studio.services.memory_advice import MethodAdvice
    from studio.services.memory_estimate import MemoryEstimate
    from studio.services.presets import Preset
    from studio.services.studio import Studio

RANK = "rank"


class NewRun:
    """The form's state. Every ``choose`` keeps what the user set by hand where it still applies."""

    def __init__(self, studio: "Studio") -> None:
        self._studio = studio
        self.persona_id = ""
        self.version_id = ""
        self.base_id = ""
        self.preset = "balanced"
        self.method = "qlora"
        self.continues = ""
        self.starts_at = ""
        self.by_hand: dict[str, object] = {}
        self.wrong: dict[str, str] = {}
        self._preset: Preset | None = None
        self._fixed: dict[str, object] = {}
        self.refresh()

    def refresh(self) -> None:
        """Look again at what there is to choose from (personas, versions, adapters and bases come and go)."""
        personas, bases = self.personas(), self.bases()
        if self.persona_id not in {one.id for one in personas}:
            ready = [one for one in personas if one.lines] or personas
            self.persona_id = ready[0].id if ready else ""
        if self.base_id not in {one.id for one in bases}:
            self.base_id = self._default_base()
        methods = [one.name for one in self.methods()]
        if self.method not in methods and methods:
            self.method = methods[0]
        self._drop_what_is_gone()
        self._read_preset()

    # -- what there is -------------------------------------------------------------------------------------------

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

    def versions(self) -> list[Choice]:
        """What can be learned from: the data as it is, and every version."""
        found = self._studio.data.versions(self.persona_id) if self.persona_id else []
        return new_run_words.version_choices(found)

    def starting_points(self) -> list[Choice]:
        """A fresh adapter, and the persona's adapters on the chosen base."""
        fresh = Choice(id="", label=tr("a fresh adapter"))
        return [fresh, *(Choice(id=one.id, label=one.name) for one in self._adapters())]

    def bases(self) -> list[BaseModel]:
        """What can be trained on."""
        return self._studio.models.list()

    def base(self) -> BaseModel | None:
        """The chosen base."""
        return next((one for one in self.bases() if one.id == self.base_id), None)

    def methods(self) -> "list[Method]":
        """The ways to train (``Method``)."""
        return self._studio.training.methods()

    def chosen_method(self) -> "Method":
        """The method that is chosen."""
        return next(one for one in self.methods() if one.name == self.method)

    def presets(self) -> "list[Preset]":
        """The starting points (``Preset``)."""
        return self._studio.training.presets()

    def card_presets(self) -> "list[Preset]":
        """The starting points by the memory of the card; what they choose is known when the base is."""
        return list(card_presets())

    def options(self) -> dict[str, Option]:
        """The method's options, by name."""
        return self._studio.training.options(self.method)

    def values(self) -> dict[str, object]:
        """Every option's value: default, then preset, then what was set by hand, then what an adapter fixes."""
        known = self.options()
        values = {name: one.default for name, one in known.items()}
        for layer in (self._preset_values(), self.by_hand, self.fixed()):
            values.update({name: value for name, value in layer.items() if name in known})
        return values

    def fixed(self) -> dict[str, object]:
        """What comes with the adapter that is continued, or with the version of the data, and cannot be chosen."""
        return self._fixed

    # -- choosing ------------------------------------------------------------------------------------------------

    def choose(
        self, *, persona_id: str = "", base_id: str = "", method: str = "", version_id: str | None = None
    ) -> None:
        """Change persona, base, method or data."""
        self.persona_id = persona_id or self.persona_id
        self.base_id = base_id or self.base_id
        self.method = method or self.method
        self.version_id = self.version_id if version_id is None else version_id
        self._drop_what_is_gone()
        self._read_preset()

    def continue_from(self, adapter_id: str) -> None:
        """Go on from an adapter, which brings its persona, base and method; nothing: begin with a fresh one."""
        self.continues = adapter_id
        found = next((one for one in self._studio.adapters.list() if one.id == adapter_id), None)
        if found is None:
            self.choose()
        else:
            self.choose(persona_id=found.persona_id, base_id=found.base_id, method=found.method)

    def prefill(self, wanted: "Prefill") -> None:
        """Show a run as it was, with what is to be changed; what its preset would choose anyway is not by hand."""
        self.wrong.clear()
        self.continues = ""
        names = {one.name for one in (*self.presets(), *self.card_presets())}
        self.preset = wanted.preset if wanted.preset in names else self.preset
        self.choose(persona_id=wanted.persona_id, base_id=wanted.base_id, method=wanted.method, version_id="")
        if wanted.continues:
            self.continue_from(wanted.continues)
        self.by_hand = {}
        usual = self.values()
        self.by_hand = {name: value for name, value in wanted.options.items() if usual.get(name, value) != value}

    def choose_preset(self, name: str) -> None:
        """Take a preset; what was set by hand is let go, for that is what one expects of the button."""
        self.preset = name
        self.by_hand.clear()
        self.wrong.clear()
        self._read_preset()
        if isinstance(self._preset, CardPreset) and not self.continues:
            self.choose(method=self._preset.method)

    def set_value(self, name: str, value: object) -> str:
        """Set one option by hand; returns what is wrong with it, or nothing."""
        try:
            self.by_hand[name] = checked(self.options()[name], value)
        except (ValueError, KeyError) as error:
            self.wrong[name] = str(error)
        else:
            self.wrong.pop(name, None)
        return self.wrong.get(name, "")

    # -- what comes of it ----------------------------------------------------------------------------------------

    def summary(self) -> str:
        """One sentence on the chosen preset."""
        return self._preset.summary if self._preset else ""

    def reasons(self) -> list[str]:
        """Why the preset chose its values, one sentence each; not those that were set by hand or fixed."""
        if self._preset is None or self.base() is None:
            return []
        chosen = self.by_hand.keys() | self.fixed().keys()
        own = {name: reason for name, reason in self._preset.reasons.items() if name not in chosen}
        return [*self._why_the_method(own), *new_run_words.reason_lines(own, self.values(), self.options())]

    def _why_the_method(self, reasons: Mapping[str, str]) -> list[str]:
        wanted = self._preset.method if isinstance(self._preset, CardPreset) else ""
        if wanted != self.method or "method" not in reasons:
            return []
        return [tr("{method}: {reason}", method=tr(self.chosen_method().label), reason=reasons["method"])]

    def estimate(self) -> "MemoryEstimate | None":
        """What the run will take (``MemoryEstimate``), or nothing without a base."""
        base = self.base()
        return self._studio.training.estimate(base, self.method, self.values()) if base else None

    def advice(self) -> "MethodAdvice | None":
        """Which method is recommended on this base and card, and why."""
        base = self.base()
        return self._studio.training.recommended_method(base, self.values()) if base else None

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
        return Obstacle(next(iter(self.wrong.values()))) if self.wrong else None

    def start_words(self) -> str:
        """What the button says: start now, wait for one's turn, or wait for a time."""
        if self.starts_at:
            return tr("Start {moment}", moment=moment_words(self.starts_at, datetime.fromisoformat(now())))
        waiting = (RunState.RUNNING, RunState.QUEUED)
        busy = any(one.state in waiting and not one.starts_at for one in self._studio.training.queue())
        return tr("Add to the queue") if busy else tr("Start")

    def start(self) -> Run:
        """Put the run into the queue."""
        return self._studio.training.start(
            self.persona_id, base_id=self.base_id, method=self.method, preset=self.preset, options=self.values(),
            starts_at=self.starts_at, continues=self.continues, version_id=self.version_id,
        )  # fmt: skip

    def _adapters(self) -> "list[Adapter]":
        found = self._studio.adapters.list(self.persona_id) if self.persona_id else []
        return [one for one in found if one.base_id == self.base_id]

    def _default_base(self) -> str:
        try:
            return self._studio.models.get("").id
        except StudioError:
            return ""

    def _drop_what_is_gone(self) -> None:
        """A version or adapter of another persona, or one whose method is not the chosen one."""
        if self.version_id not in {one.id for one in self.versions()}:
            self.version_id = ""
        if self.continues not in {one.id for one in self._adapters() if one.method == self.method}:
            self.continues = ""
        adapter = next((one for one in self._adapters() if one.id == self.continues), None)
        self._fixed = fixed_by_adapter(self._studio, adapter) | fixed_by_version(self._studio, self.version_id)

    def _read_preset(self) -> None:
        base = self.base()
        if base is None or not self.persona_id:
            self._preset = next((one for one in self.presets() if one.name == self.preset), None)
        else:
            self._preset = self._studio.training.preset(self.preset, self.persona_id, base)

    def _preset_values(self) -> Mapping[str, object]:
        if self._preset is None:
            return {}
        return preset_for(self.chosen_method(), self._preset.options)
