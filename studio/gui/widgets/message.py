"""One message as it is painted. Knows no Qt, so that presenters can make them."""

from dataclasses import dataclass
from pathlib import Path

NOTE = "note"
"""``Message.kind`` of a line between messages that nobody said."""


@dataclass(frozen=True)
class Message:
    """``place`` of ``count`` tells which of its siblings (swipes) it is; ``streaming``: it still grows.

    ``named``: face and name stand above it (a scene has many speakers); ``faded``: it was not read for the last reply;
    ``rating`` is the user's thumb; ``taught``: it is an example in the persona's data;
    ``locked``: it can only be read and copied; ``greeting``: words of the card, which answer nothing.
    """

    id: str
    mine: bool
    text: str
    colour: str = ""
    speaker: str = ""
    place: int = 1
    count: int = 1
    streaming: bool = False
    kind: str = ""
    portrait: Path | None = None
    named: bool = False
    faded: bool = False
    rating: int = 0
    taught: bool = False
    locked: bool = False
    greeting: bool = False

    @property
    def said(self) -> bool:
        """True for a message, False for a note between messages."""
        return self.kind != NOTE

    @property
    def marked(self) -> bool:
        """True when a line below tells something about it."""
        return self.said and not self.streaming and (self.count > 1 or bool(self.rating) or self.taught)
