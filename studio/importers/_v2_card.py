"""Characters of other programs in the shape of a card V2, so that everything that reads cards can read them."""

from collections.abc import Mapping

from studio.domain.conversation import Conversation, Role, Turn
from studio.importers._card_draft import draft_from
from studio.importers._mes_example import example_conversations
from studio.importers._plan import PersonaDraft
from studio.texts import tr

_TEXTS = (
    "name", "description", "personality", "scenario", "first_mes", "mes_example", "creator_notes", "system_prompt",
    "post_history_instructions", "creator", "character_version",
)  # fmt: skip


def v2_draft(fields: Mapping[str, object], name: str) -> PersonaDraft:
    """Return the draft for the fields of a card; what they lack is empty, as the specification wants it."""
    data: dict[str, object] = dict.fromkeys(_TEXTS, "")
    data |= {"alternate_greetings": [], "tags": [], "extensions": {}}
    data |= {key: value for key, value in fields.items() if value}
    data["name"] = name
    return draft_from({"spec": "chara_card_v2", "spec_version": "2.0", "data": data}, data, name)


def greetings(draft: PersonaDraft, source: str) -> tuple[Conversation, ...]:
    """Return a conversation for each greeting."""
    said = dict.fromkeys(filter(None, (draft.greeting, *draft.alternate_greetings)))
    return tuple(
        Conversation(
            turns=(Turn(role=Role.PERSONA, text=greeting, speaker=draft.name),),
            title=tr("Greeting {number}", number=number),
            source=source,
            tags=("greeting",),
        )
        for number, greeting in enumerate(said, start=1)
    )


def examples(draft: PersonaDraft, source: str) -> tuple[Conversation, ...]:
    """Return the example dialogue of the card."""
    data = draft.card.get("data")
    text = data.get("mes_example") if isinstance(data, Mapping) else ""
    return example_conversations(text, (draft.name,), source) if isinstance(text, str) else ()
