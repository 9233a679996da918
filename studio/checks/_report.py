"""What a run of all checks told: findings, places for the repairs, style, amount, coverage. Kept as JSON."""

from collections.abc import Mapping
from dataclasses import dataclass, field

from studio.checks._coverage import Coverage
from studio.checks._meter import DataMeter
from studio.checks._style_mix import StyleMix
from studio.domain.checks import Finding


@dataclass(frozen=True, kw_only=True)
class CheckReport:
    """The whole result, in plain values.

    ``flagged`` has every conversation of a finding. ``turns_flagged`` (finding, conversation, turns) is kept only for
    what shows over all data, because the rest can be seen again in the turn itself; ``surplus`` are those of them that
    a repair acts on, ``removals`` the conversations that one takes out. ``prints`` tells whether a conversation is
    still what was looked at.
    """

    findings: tuple[Finding, ...] = ()
    flagged: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    turns_flagged: Mapping[str, Mapping[str, tuple[int, ...]]] = field(default_factory=dict)
    surplus: Mapping[str, Mapping[str, tuple[int, ...]]] = field(default_factory=dict)
    removals: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
    prints: Mapping[str, int] = field(default_factory=dict)
    style: StyleMix = field(default_factory=StyleMix)
    meter: DataMeter = field(default_factory=DataMeter)
    coverage: Coverage = field(default_factory=Coverage)
    conversations: int = 0
    persona_turns: int = 0
