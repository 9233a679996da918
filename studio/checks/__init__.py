"""What would be learned wrongly, and how it is mended: the contract, one file per check, and the amount of data.

``run_checks`` looks through everything in one pass; ``repair_each`` runs one repair over what it is given.
A new check is one file, ``studio/checks/<name>.py``, with an ``ENTRY`` of ``Check``, and its title and reason in
``texts/findings.py``.
"""

from studio.checks._coverage import Coverage, CoverageItem
from studio.checks._meter import DataMeter
from studio.checks._repairing import repair_each, repairs
from studio.checks._report import CheckReport
from studio.checks._run import check_conversations, run_checks, turn_findings
from studio.checks._style_mix import StyleMix
from studio.checks.check import CHECKS, Check, Context, Repair, RepairContext, Repaired, Split

__all__ = [
    "CHECKS",
    "Check",
    "CheckReport",
    "Context",
    "Coverage",
    "CoverageItem",
    "DataMeter",
    "Repair",
    "RepairContext",
    "Repaired",
    "Split",
    "StyleMix",
    "check_conversations",
    "repair_each",
    "repairs",
    "run_checks",
    "turn_findings",
]
