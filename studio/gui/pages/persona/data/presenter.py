"""What the Data tab shows: list entries, the filter, figures, findings, what can be undone. Knows no Qt."""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from studio.domain.conversation import DOUBTFUL, GENERATED, Conversation, Role
from studio.domain.data_filter import Filter
from studio.domain.dataset import StoredConversation
from studio.gui.pages.persona.data.alternatives import AlternativeOrder
from studio.gui.pages.persona.data.figures import Figures, Gauge, figures_of, gauge_of
from studio.gui.pages.persona.data.filter_words import finding_words
from studio.gui.pages.persona.data.findings import PlaceWalk, Remark, remarks
from studio.texts import tr, tr_plural

if TYPE_CHECKING:
    from studio.checks import CheckReport
    from studio.domain.acts import Act
    from studio.domain.data_filter import Facets
    from studio.services.studio import Studio

CHECKED_AT_ONCE = 3000
"""Conversations. More are checked again when the user asks, not after every edit."""


@dataclass(frozen=True, kw_only=True)
class Entry:
    """One conversation in the list. ``badges`` are shown behind ``turns`` and ``side``."""

    id: str
    asked: str
    answered: str
    turns: str
    side: str
    held_out: bool
    title: str = ""
    badges: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()

    @property
    def spoken(self) -> str:
        """What a screen reader says."""
        said = (self.title, self.asked, self.answered, self.turns, self.side, *self.badges, *self.findings)
        return ", ".join(word for word in said if word)

    @property
    def hint(self) -> str:
        """What a mouse that rests on it is told."""
        return "\n".join(word for word in (self.title, *self.findings) if word)


@dataclass(frozen=True, kw_only=True)
class Undoable:
    """What would be undone and done again; empty: nothing."""

    undo: str = ""
    redo: str = ""


class DataPresenter:
    """One persona's data."""

    def __init__(self, studio: Studio) -> None:
        self._studio = studio
        self.persona_id = ""
        self.where = Filter()
        self.order = AlternativeOrder()
        self.walk = PlaceWalk()
        self.report: CheckReport | None = None
        self.fresh = False
        self._total = -1
        self._flagged: dict[str, frozenset[str]] = {}

    def origin(self, conversation_id: str) -> tuple[str, bool]:
        """From which chat a conversation was taught (empty: from none), and whether that chat is still there."""
        found = self._studio.teaching.origin(conversation_id)
        if found is None:
            return "", False
        words = tr("Taught in the chat “{title}”", title=found.title) if found.is_there else tr("Taught in a chat")
        return words, found.is_there

    # -- the list -----------------------------------------------------------------------------------------------

    def show(self, persona_id: str) -> None:
        """Take up a persona."""
        self.persona_id, self.where, self._total = persona_id, Filter(), -1
        self.order.forget()
        self.walk.forget()
        self.report, self.fresh, self._flagged = None, False, {}

    def recount(self) -> None:
        """Something happened: conversations may have come or gone."""
        self._total = -1

    def total(self) -> int:
        """How many conversations there are; counted when that may have changed, because it is asked often."""
        if self._total < 0:
            self._total = self._studio.data.count(self.persona_id)
        return self._total

    def count(self) -> int:
        """How many conversations the filter lets through."""
        return self.total() if self.where.is_empty else self._studio.data.count(self.persona_id, self.where)

    def entries(self, offset: int, limit: int) -> list[Entry]:
        """One page of the list."""
        found = self._studio.data.conversations(self.persona_id, self.where, offset=offset, limit=limit)
        return [self.entry(stored) for stored in found]

    def ids(self) -> list[str]:
        """All conversations that the filter lets through."""
        return self._studio.data.ids(self.persona_id, self.where)

    def row_of(self, conversation_id: str) -> int:
        """The row of a conversation in the filtered list, or -1."""
        return self._studio.data.row_of(self.persona_id, self.where, conversation_id)

    def facets(self) -> Facets:
        """What there is to filter by."""
        return self._studio.data.facets(self.persona_id)

    def entry(self, stored: StoredConversation) -> Entry:
        """One line of the list."""
        held_out = self._studio.data.is_held_out(stored)
        talk = stored.conversation
        return Entry(
            id=stored.id,
            asked=_first(talk, Role.USER) or talk.title,
            answered=_first(talk, Role.PERSONA),
            turns=tr_plural("{count} turn", "{count} turns", len(talk.turns)),
            side=tr("held out") if held_out else tr("train"),
            held_out=held_out,
            title=talk.title,
            badges=_badges(talk),
            findings=tuple(finding_words(code) for code, keys in self._flagged.items() if stored.id in keys),
        )

    # -- what the checks found ----------------------------------------------------------------------------------

    def take_stored_check(self) -> bool:
        """Take up the check that was kept, if there is one."""
        kept = self._studio.data.checked(self.persona_id)
        self.take_report(kept.report if kept else None, fresh=bool(kept and kept.fresh))
        return kept is not None

    def take_report(self, report: CheckReport | None, *, fresh: bool) -> None:
        """Show this report from now on."""
        if report is not self.report:
            self._flagged = {code: frozenset(keys) for code, keys in report.flagged.items()} if report else {}
        self.report, self.fresh = report, fresh

    def is_small(self) -> bool:
        """True when the data is checked again after every edit, without being asked."""
        return self.total() <= CHECKED_AT_ONCE

    def remarks(self) -> list[Remark]:
        """What the checks found, the gravest first."""
        return remarks(self.report.findings) if self.report else []

    @property
    def can_look(self) -> bool:
        """Whether there is a persona to look at, and the library is open."""
        return bool(self.persona_id) and self._studio.is_open

    def figures(self) -> Figures:
        """How much there is."""
        return figures_of(self._studio.data.overview(self.persona_id))

    def gauge(self) -> Gauge | None:
        """What the amount is good for, and how it is written; None before the first check."""
        return gauge_of(self.report) if self.report else None

    # -- undo ---------------------------------------------------------------------------------------------------

    def undoable(self) -> Undoable:
        """What Undo and Redo would do now."""
        return Undoable(undo=_label(self.newest_standing()), redo=_label(self.newest_undone()))

    def newest_standing(self) -> Act | None:
        """What Undo would take back."""
        return next((act for act in self._studio.data.history(self.persona_id) if not act.undone), None)

    def newest_undone(self) -> Act | None:
        """What Redo would do: the deepest of those undone on top of the history."""
        found = None
        for act in self._studio.data.history(self.persona_id):
            if not act.undone:
                break
            found = act
        return found

    def known_tags(self) -> tuple[str, ...]:
        """Tags in use, for completing what is typed."""
        return tuple(tag for tag, _ in self.facets().tags)

    def is_flagged(self, code: str) -> bool:
        """Whether the list can be filtered by a finding: some are about all of the data."""
        return bool(self._flagged.get(code))

    def with_finding(self, code: str) -> Filter:
        """A filter for one finding alone."""
        return replace(Filter(), finding=code)


def _label(act: Act | None) -> str:
    return act.label if act else ""


def _first(conversation: Conversation, role: Role) -> str:
    return next((" ".join(turn.text.split())[:200] for turn in conversation.turns if turn.role is role), "")


def _badges(talk: Conversation) -> tuple[str, ...]:
    marks = {mark for turn in talk.turns for mark in turn.marks}
    swipes = sum(len(turn.alternatives) for turn in talk.turns)
    silent = bool(talk.persona_turns) and not any(turn.train for turn in talk.persona_turns)
    found = [
        tr("generated") if GENERATED in marks else "",
        tr("speaker guessed") if DOUBTFUL in marks else "",
        tr_plural("{count} alternative", "{count} alternatives", swipes) if swipes else "",
        tr("not trained") if silent else "",
        *talk.tags,
    ]
    return tuple(word for word in found if word)
