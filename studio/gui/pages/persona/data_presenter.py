"""What the Data tab shows and does: list entries, figures, findings, alternatives. Knows no Qt."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.domain.checks import Finding, Place, Severity
from studio.domain.conversation import Conversation, Role, Turn
from studio.domain.dataset import StoredConversation
from studio.gui import figures
from studio.texts import FINDINGS, tr, tr_plural

if TYPE_CHECKING:
    from studio.services.data import DataOverview
    from studio.services.studio import Studio

PAGE = 200
MEASURED_AT_ONCE = 3000  # more conversations than this are measured when asked to


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One conversation in the list."""

    id: str
    asked: str
    answered: str
    turns: str
    side: str
    held_out: bool

    @property
    def spoken(self) -> str:
        """What a screen reader says."""
        return ", ".join(word for word in (self.asked, self.answered, self.turns, self.side) if word)


@dataclass(frozen=True, kw_only=True)
class Remark:
    """A finding as a card."""

    code: str
    title: str
    why: str
    icon: str
    role: str
    places: tuple[Place, ...]


@dataclass(frozen=True, kw_only=True)
class Figures:
    """The figures above the data."""

    words: str
    train: int
    heldout: int
    split: str
    lengths: tuple[int, ...]


_ICONS = {
    "duplicate_turns": "mdi6.content-duplicate", "unresolved_macros": "mdi6.code-braces",
    "empty_turns": "mdi6.text-box-remove-outline",
    "template_tokens": "mdi6.code-tags", "few_turns": "mdi6.gauge-low", "same_opening": "mdi6.repeat",
    "wrong_speaker_bleed": "mdi6.account-switch-outline", "out_of_character": "mdi6.comment-off-outline",
    "assistant_boilerplate": "mdi6.robot-outline", "one_word_turns": "mdi6.format-letter-case",
}  # fmt: skip
_ROLES = {Severity.BLOCK: "bad", Severity.WARN: "warn", Severity.NOTE: "muted"}


class DataPresenter:
    """One persona's data."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self.persona_id = ""
        self.search = ""
        self._orders: dict[tuple[str, int], tuple[str, ...]] = {}
        self._shown_place: dict[str, int] = {}

    # -- the list -----------------------------------------------------------------------------------------------

    def show(self, persona_id: str) -> None:
        """Take up a persona."""
        self.persona_id, self.search = persona_id, ""
        self._orders.clear()
        self._shown_place.clear()

    def count(self) -> int:
        """How many conversations the filter lets through."""
        return self._studio.data.count(self.persona_id, search=self.search)

    def entries(self, offset: int) -> list[Entry]:
        """One page of the list."""
        found = self._studio.data.conversations(self.persona_id, search=self.search, offset=offset, limit=PAGE)
        return [self.entry(stored) for stored in found]

    def entry(self, stored: StoredConversation) -> Entry:
        """One line of the list."""
        held_out = self._studio.data.is_held_out(stored)
        turns = stored.conversation.turns
        return Entry(
            id=stored.id,
            asked=_first(stored.conversation, Role.USER) or stored.conversation.title,
            answered=_first(stored.conversation, Role.PERSONA),
            turns=tr_plural("{count} turn", "{count} turns", len(turns)),
            side=tr("held out") if held_out else tr("train"),
            held_out=held_out,
        )

    # -- figures and findings -----------------------------------------------------------------------------------

    def measured_at_once(self) -> bool:
        """True when the data is small enough to be measured without being asked."""
        return self._studio.data.count(self.persona_id) <= MEASURED_AT_ONCE

    def figures(self) -> Figures:
        """Count everything."""
        seen = self._studio.data.overview(self.persona_id)
        return Figures(
            words=_amount(seen),
            train=seen.train,
            heldout=seen.heldout,
            split=tr("{train} to learn from · {heldout} held out", train=seen.train, heldout=seen.heldout),
            lengths=tuple(seen.turn_lengths),
        )

    def remarks(self) -> list[Remark]:
        """Check everything."""
        return [_remark(finding) for finding in self._studio.data.check(self.persona_id)]

    def next_place(self, remark: Remark) -> tuple[Place, int] | None:
        """The next place of a remark, round and round, with its number."""
        if not remark.places:
            return None
        number = self._shown_place.get(remark.code, -1) + 1
        number %= len(remark.places)
        self._shown_place[remark.code] = number
        return remark.places[number], number + 1

    # -- alternatives -------------------------------------------------------------------------------------------

    def position(self, conversation_id: str, index: int, turn: Turn) -> tuple[int, int]:
        """Which of how many alternatives is chosen, counted from 1. The order stays while one leafs through them."""
        order = self._order(conversation_id, index, turn)
        return order.index(turn.text) + 1, len(order)

    def alternative(self, conversation_id: str, index: int, turn: Turn, by: int) -> int | None:
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


def _first(conversation: Conversation, role: Role) -> str:
    return next((" ".join(turn.text.split())[:200] for turn in conversation.turns if turn.role is role), "")


def _amount(seen: DataOverview) -> str:
    tokens = figures.whole(seen.tokens)
    about = tr("{count} tokens", count=tokens) if seen.tokens_exact else tr("about {count} tokens", count=tokens)
    return " · ".join((figures.conversations(seen.conversations), figures.lines(seen.persona_turns), about))


def _remark(finding: Finding) -> Remark:
    title, why = FINDINGS[finding.code]
    words = f"{figures.whole(finding.count)} × {tr(title)}" if finding.count > 1 else tr(title)
    return Remark(
        code=finding.code,
        title=words,
        why=tr(why),
        icon=_ICONS.get(
            finding.code, "mdi6.alert-outline" if finding.severity is not Severity.NOTE else "mdi6.information-outline"
        ),
        role=_ROLES[finding.severity],
        places=finding.places,
    )
