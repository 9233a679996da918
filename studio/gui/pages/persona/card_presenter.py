"""The card's fields: what they hold, saving with a way back, and what else the imported card holds. Knows no Qt."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.domain.persona import Persona
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.studio import Studio


@dataclass(frozen=True, kw_only=True)
class Field:
    """One field of the card; ``lines`` is its height."""

    name: str
    label: str
    help: str
    lines: int = 1


def fields() -> tuple[Field, ...]:
    """The fields in the order of the form."""
    return (
        Field(name="name", label=tr("Name"), help=tr("What the persona is called.")),
        Field(name="tagline", label=tr("Tagline"), help=tr("One line under the name.")),
        Field(name="tags", label=tr("Tags"), help=tr("Words to find it by, with commas between them.")),
        Field(
            name="system_prompt", label=tr("System prompt"), lines=4,
            help=tr("Stands before every conversation, in training and chat. Keep it short: the voice is in the data."),
        ),
        Field(
            name="description", label=tr("Description"), lines=9,
            help=tr("Who the persona is. Kept for cards and exports; it is not put into training by itself."),
        ),
        Field(name="greeting", label=tr("Greeting"), lines=5, help=tr("What the persona says first.")),
    )  # fmt: skip


class CardPresenter:
    """One persona's card."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self.persona: Persona | None = None
        self._before: list[tuple[str, object]] = []

    def show(self, persona_id: str) -> Persona:
        """Take up a persona (again)."""
        if self.persona is None or self.persona.id != persona_id:
            self._before = []
        self.persona = self._studio.personas.get(persona_id)
        return self.persona

    def text(self, name: str) -> str:
        """What a field shows."""
        value = getattr(self.persona, name)
        return ", ".join(value) if isinstance(value, tuple) else str(value)

    def save(self, name: str, text: str) -> bool:
        """Store a field if it says something else than before; remember what it said."""
        assert self.persona is not None
        value = _tags(text) if name == "tags" else text
        before = getattr(self.persona, name)
        if value == before:
            return False
        self.persona = self._studio.personas.update(self.persona.id, initiator=self, **{name: value})
        self._before.append((name, before))
        return True

    def undo(self) -> str:
        """Take the last change back; return the field's name, or nothing when there is none."""
        if not self._before or self.persona is None:
            return ""
        name, value = self._before.pop()
        self.persona = self._studio.personas.update(self.persona.id, initiator=self, **{name: value})
        return name

    @property
    def can_undo(self) -> bool:
        """True while there is a change to take back."""
        return bool(self._before)

    def other_entries(self) -> Mapping[str, object]:
        """Everything that the imported card holds."""
        return self.persona.card if self.persona else {}


def _tags(text: str) -> tuple[str, ...]:
    words = (word.strip() for word in text.split(","))
    return tuple(dict.fromkeys(word for word in words if word))


def count_entries(value: object) -> int:
    """How many single values a card holds."""
    if isinstance(value, Mapping):
        return sum(count_entries(one) for one in value.values())
    if isinstance(value, (list, tuple)):
        return sum(count_entries(one) for one in value)
    return 1
