"""Sentences with which an assistant declines."""

import re

from studio.checks._sentences import drop_where, off_where, phrase_check
from studio.checks._word_lists import word_set
from studio.checks.check import Repair

_NOT = r"(?: cannot| can['\u2019]t|(?: am|['\u2019]m) (?:not able|unable) to| won['\u2019]t be able to)"
_PHRASES = re.compile(
    rf"\bI{_NOT} (?:assist|help (?:you )?with|provide|fulfil|comply|engage|generate|create (?:content|that)"
    r"|continue with th)"
    rf"|\bI(?:'m| am|\u2019m) sorry, but I{_NOT}"
    r"|\b(?:goes|is) against (?:my|our|the) (?:guidelines|content policy|policies|ethical)"
    r"|\bI (?:must|have to) (?:respectfully )?decline (?:to|this|your) (?:request|engage|generate|write|continue)",
    re.IGNORECASE,
)

_WORDS = word_set(
    "assist help provide fulfil comply engage generate create continue sorry guidelines policy policies ethical decline"
)

ENTRY = phrase_check(
    "refusals",
    80,
    _PHRASES,
    _WORDS,
    (
        Repair(
            name="refusals_off",
            label="Switch those turns off",
            summary="They stay in the conversation, but are not learned.",
            apply=off_where(_PHRASES),
        ),
        Repair(
            name="refusals_drop",
            label="Drop the sentences",
            summary="Takes the declining sentences out; a turn that is nothing else is switched off.",
            apply=drop_where(_PHRASES),
        ),
    ),
)
