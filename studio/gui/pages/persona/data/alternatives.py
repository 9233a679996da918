"""The order in which one leafs through a turn's alternatives. Knows no Qt."""

from studio.domain.conversation import Turn


class AlternativeOrder:
    """Choosing swaps a turn's words with one of its alternatives; the order that the user sees stays all the same."""

    def __init__(self) -> None:
        self._orders: dict[tuple[str, int], tuple[str, ...]] = {}

    def forget(self) -> None:
        """Begin anew."""
        self._orders.clear()

    def position(self, conversation_id: str, index: int, turn: Turn) -> tuple[int, int]:
        """Which of how many alternatives is chosen, counted from 1."""
        order = self._order(conversation_id, index, turn)
        return order.index(turn.text) + 1, len(order)

    def step(self, conversation_id: str, index: int, turn: Turn, by: int) -> int | None:
        """The index among ``turn.alternatives`` that lies ``by`` further in that order."""
        order = self._order(conversation_id, index, turn)
        wanted = order[(order.index(turn.text) + by) % len(order)]
        return turn.alternatives.index(wanted) if wanted in turn.alternatives else None

    def _order(self, conversation_id: str, index: int, turn: Turn) -> tuple[str, ...]:
        present = (turn.text, *turn.alternatives)
        known = self._orders.get((conversation_id, index), ())
        if sorted(known) != sorted(present):
            self._orders[conversation_id, index] = known = present
        return known
