"""A persona: who is to be learned, as the library keeps it."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Persona:
    """A character. ``card`` is the imported card exactly as it was, unknown keys included.

    ``colour`` is ``#rrggbb``; ``portrait`` is the SHA-256 of an image in the file vault, or empty. ``original`` is that
    of the imported file, kept where it holds more than card and portrait (the pictures of a CHARX archive).
    ``system_prompt`` is the short form that stands before every training conversation and chat.
    """

    id: str
    name: str
    tagline: str = ""
    description: str = ""
    greeting: str = ""
    alternate_greetings: tuple[str, ...] = ()
    system_prompt: str = ""
    tags: tuple[str, ...] = ()
    colour: str = "#8ea6ff"
    portrait: str = ""
    card: Mapping[str, object] = field(default_factory=dict)
    original: str = ""
    created_at: str = ""
