"""What a card says, as a persona draft: its short prompt, its one-line description, its greetings."""

import re
from collections.abc import Mapping

from studio.domain.card_text import PROMPT_WORDS, first_sentences, prose
from studio.importers._plan import PersonaDraft
from studio.importers._wording import clean, clean_name

TAGLINE_LENGTH = 120
_COLOUR = re.compile(r"#[0-9a-fA-F]{6}")
_ORIGINAL = re.compile(r"\{\{original\}\}", re.IGNORECASE)


def draft_from(card: Mapping[str, object], data: Mapping[str, object], name: str) -> PersonaDraft:
    """Return the draft for a card; ``data`` is the part that holds the fields (the card itself in V1)."""
    own = _own_extension(data)
    description = text_of(data, "description")
    about = first_sentences(prose(description) or prose(text_of(data, "personality")), PROMPT_WORDS)
    notes = text_of(data, "creator_notes") or text_of(data, "creatorcomment")
    colour = text_of(own, "colour")
    return PersonaDraft(
        name=name,
        tagline=text_of(own, "tagline") or _one_line(notes) or _one_line(about),
        description=description,
        greeting=text_of(data, "first_mes"),
        alternate_greetings=texts_of(data, "alternate_greetings"),
        system_prompt=_ORIGINAL.sub("", text_of(data, "system_prompt")).strip() or f"You are {name}. {about}".strip(),
        tags=tuple(filter(None, map(clean_name, texts_of(data, "tags")))),
        colour=colour.lower() if _COLOUR.fullmatch(colour) else "",
        card=card,
    )


def text_of(data: Mapping[str, object], key: str) -> str:
    """Return a text field, cleaned; anything but a text counts as not given."""
    value = data.get(key)
    return clean(value).strip() if isinstance(value, str) else ""


def texts_of(data: Mapping[str, object], key: str) -> tuple[str, ...]:
    """Return the texts of a list field that say anything."""
    value = data.get(key)
    parts = value if isinstance(value, list) else []
    return tuple(clean(part).strip() for part in parts if isinstance(part, str) and part.strip())


def _one_line(text: str) -> str:
    line = first_sentences(text.split("\n")[0], 30)
    return line if len(line) <= TAGLINE_LENGTH else line[:TAGLINE_LENGTH].rsplit(" ", 1)[0] + "…"


def _own_extension(data: Mapping[str, object]) -> Mapping[str, object]:
    extensions = data.get("extensions")
    own = extensions.get("persona_studio") if isinstance(extensions, dict) else None
    return own if isinstance(own, dict) else {}
