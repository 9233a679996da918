"""Other courses of the same chat: what is new in them, and nothing learned twice that both share."""

from dataclasses import replace

from studio.domain.conversation import Conversation, Role, Turn


def graft(trunk: Conversation, branch: Conversation) -> tuple[Conversation, Conversation | None]:
    """Return the trunk, and the branch if it is worth a conversation of its own.

    A branch that ends in another reply becomes an alternative in the trunk. In one that goes on, the shared turns are
    only context: they are learned from the trunk.
    """
    shared = _shared(trunk.turns, branch.turns)
    new = branch.turns[shared:]
    if len(new) == 1 and shared < len(trunk.turns) and _replies(new[0], trunk.turns[shared]):
        return trunk.with_turn(shared, _with_alternative(trunk.turns[shared], new[0].text)), None
    if not any(turn.role is Role.PERSONA for turn in new):
        return trunk, None
    context = (replace(turn, train=False, alternatives=()) for turn in branch.turns[:shared])
    return trunk, replace(branch, turns=(*context, *new))


def _shared(first: tuple[Turn, ...], second: tuple[Turn, ...]) -> int:
    pairs = zip(first, second, strict=False)
    return next(
        (index for index, (one, other) in enumerate(pairs) if (one.role, one.text) != (other.role, other.text)),
        min(len(first), len(second)),
    )


def _replies(first: Turn, second: Turn) -> bool:
    return first.role is Role.PERSONA and second.role is Role.PERSONA


def _with_alternative(turn: Turn, text: str) -> Turn:
    return turn if text in turn.alternatives else replace(turn, alternatives=(*turn.alternatives, text))
