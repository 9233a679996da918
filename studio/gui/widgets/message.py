"""One message as it is painted. Knows no Qt, so that presenters can make them."""

from dataclasses import dataclass


@dataclass(frozen=True)
class Message:
    """``place`` of ``count`` tells which of its siblings (swipes) it is; ``streaming``: it still grows."""

    id: str
    mine: bool
    text: str
    colour: str = ""
    speaker: str = ""
    place: int = 1
    count: int = 1
    streaming: bool = False
