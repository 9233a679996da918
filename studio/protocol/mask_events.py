"""What the engine tells about tokens and windows, before anything is trained."""

from msgspec import Struct

from studio.protocol.event import Event


class ShownToken(Struct, frozen=True, array_like=True, forbid_unknown_fields=True):
    """A token. ``kind`` is trained, context, special (the template's own) or cut (in no window).

    ``turn`` is the turn that it belongs to, the template's marks around its words included (-1: none); ``window`` is
    -1 for what is cut.
    """

    id: int
    text: str
    kind: str
    turn: int
    window: int


class MaskProblem(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """Something to know about a mask; ``code`` and ``details`` make a sentence in ``texts``. ``turn`` -1: no one turn.

    ``refused``: a run would stop here.
    """

    code: str
    details: dict[str, object]
    turn: int = -1
    refused: bool = False


class TokensShown(Event, frozen=True, kw_only=True, tag="tokens_shown"):
    """Tokens in the order of the conversation; ``left_out`` more would be too many for one message."""

    tokens: list[ShownToken]
    windows: int
    problems: list[MaskProblem]
    left_out: int = 0


class LongReply(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """A reply that does not fit into a window with what stands right before it; ``turn`` as in the dataset file."""

    key: str
    turn: int
    tokens: int
    trained: bool


class LengthsMeasured(Event, frozen=True, kw_only=True, tag="lengths_measured"):
    """``long``: tokens of each conversation over the window, by key; ``refused``: codes of what was refused, by key."""

    long: dict[str, int]
    replies: list[LongReply]
    refused: dict[str, str]
    conversations: int
