"""Changes to many conversations at once: what is to be replaced, and how it would look."""

from dataclasses import dataclass

from studio.domain.conversation import Role


@dataclass(frozen=True, kw_only=True)
class Replacing:
    """What to look for and what to put there. ``replacement`` may name groups (``\\1``) of a regular expression.

    Without ``roles`` every turn is looked at.
    """

    find: str
    replacement: str = ""
    regex: bool = False
    match_case: bool = False
    whole_words: bool = False
    roles: frozenset[Role] = frozenset()


@dataclass(frozen=True, kw_only=True)
class ChangeSample:
    """A turn before and after. ``removed``: it goes altogether (``turn`` -1: the whole conversation does)."""

    conversation_id: str
    turn: int
    before: str
    after: str = ""
    removed: bool = False


@dataclass(frozen=True, kw_only=True)
class ChangePreview:
    """What a change would do: how many conversations, how many places in them, and the first of these."""

    conversations: int = 0
    places: int = 0
    samples: tuple[ChangeSample, ...] = ()
