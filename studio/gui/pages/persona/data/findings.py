"""Findings as cards: what, how many, why, which repairs; and the walk through their places. Knows no Qt."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.domain.checks import Finding, Place, Severity
from studio.gui import figures
from studio.texts import FINDINGS, tr

if TYPE_CHECKING:
    from studio.checks import Repair


@dataclass(frozen=True, kw_only=True)
class Mending:
    """A repair as a menu shows it."""

    name: str
    label: str
    summary: str


@dataclass(frozen=True, kw_only=True)
class Remark:
    """A finding as a card. ``severity`` is said in words, because colour alone says nothing to many."""

    code: str
    title: str
    why: str
    severity: str
    icon: str
    role: str
    count: int
    places: tuple[Place, ...]
    mendings: tuple[Mending, ...] = ()

    @property
    def spoken(self) -> str:
        """What a screen reader says."""
        return f"{self.severity}: {self.title}. {self.why}"


_ICONS = {
    "duplicate_turns": "mdi6.content-duplicate", "near_duplicates": "mdi6.content-duplicate",
    "unresolved_macros": "mdi6.code-braces", "empty_turns": "mdi6.text-box-remove-outline",
    "template_tokens": "mdi6.code-tags", "few_turns": "mdi6.gauge-low", "same_opening": "mdi6.repeat",
    "wrong_speaker_bleed": "mdi6.account-switch-outline", "out_of_character": "mdi6.comment-off-outline",
    "assistant_boilerplate": "mdi6.robot-outline", "one_word_turns": "mdi6.format-letter-case",
    "mixed_styles": "mdi6.format-quote-close", "mojibake": "mdi6.alphabet-latin", "language_drift": "mdi6.translate",
    "personal_data": "mdi6.shield-account-outline", "rows_too_long": "mdi6.content-cut",
    "repeated_greeting": "mdi6.hand-wave-outline", "split_leak": "mdi6.source-branch-remove",
}  # fmt: skip
_ROLES = {Severity.BLOCK: "bad", Severity.WARN: "warn", Severity.NOTE: "muted"}


def severity_words(severity: Severity) -> str:
    """How grave it is."""
    return {
        Severity.BLOCK: tr("Stops a run"), Severity.WARN: tr("Worth a look"), Severity.NOTE: tr("Good to know")
    }[severity]  # fmt: skip


def remark(finding: Finding, known: dict[str, Repair]) -> Remark:
    """A finding in words."""
    title, why = FINDINGS.get(finding.code, (finding.code, ""))
    count = figures.whole(finding.count)
    words = tr("{title} · {count}", title=tr(title), count=count) if finding.count > 1 else tr(title)
    usual = "mdi6.information-outline" if finding.severity is Severity.NOTE else "mdi6.alert-outline"
    return Remark(
        code=finding.code,
        title=words,
        why=tr(why) if why else "",
        severity=severity_words(finding.severity),
        icon=_ICONS.get(finding.code, usual),
        role=_ROLES[finding.severity],
        count=finding.count,
        places=finding.places,
        mendings=tuple(
            Mending(name=name, label=tr(known[name].label), summary=tr(known[name].summary))
            for name in finding.repairs
            if name in known
        ),
    )


def remarks(found: Sequence[Finding]) -> list[Remark]:
    """All findings in words, in their order (gravest first)."""
    from studio.services.catalogue import repairs

    known = repairs()
    return [remark(finding, known) for finding in found]


class PlaceWalk:
    """Where one is in the places of each finding."""

    def __init__(self) -> None:
        self._at: dict[str, int] = {}

    def forget(self) -> None:
        """Begin anew."""
        self._at.clear()

    def step(self, shown: Remark, by: int = 1) -> tuple[Place, int] | None:
        """The next place, round and round, with its number counted from 1."""
        if not shown.places:
            return None
        number = (self._at.get(shown.code, -1 if by > 0 else 0) + by) % len(shown.places)
        self._at[shown.code] = number
        return shown.places[number], number + 1

    def stand_before(self, shown: Remark, number: int) -> None:
        """Let the next step lead to this place (counted from 0)."""
        self._at[shown.code] = number - 1
