"""Phrases that belong to an assistant, not to a persona."""

import re

from studio.checks._sentences import drop_where, off_where, phrase_check
from studio.checks._word_lists import word_set
from studio.checks.check import Repair

_PHRASES = re.compile(
    r"\bas an? (?:ai\b|artificial intelligence|(?:large )?language model)"
    r"|\bI(?:'m| am|\u2019m) (?:just |only )?an? (?:ai\b|(?:large )?language model|virtual assistant)"
    r"|\bhow (?:can|may) I (?:assist|help) you(?: today)?\?"
    r"|\b(?:OpenAI|ChatGPT|Anthropic)\b|\bmy (?:training data|knowledge cutoff|programming)\b"
    r"|\b(?:I hope this helps|is there anything else (?:I can|you(?:'d| would) like me to) help)"
    r"|\bfeel free to (?:ask|reach out)\b",
    re.IGNORECASE,
)

_WORDS = word_set(
    "ai artificial language assistant assist help openai chatgpt anthropic training knowledge programming helps ask "
    "reach"
)

ENTRY = phrase_check(
    "assistant_boilerplate",
    70,
    _PHRASES,
    _WORDS,
    (
        Repair(
            name="boilerplate_drop",
            label="Drop the sentences",
            summary="Takes the sentences with such a phrase out; a turn that is nothing else is switched off.",
            apply=drop_where(_PHRASES),
        ),
        Repair(
            name="boilerplate_off",
            label="Switch those turns off",
            summary="They stay in the conversation, but are not learned.",
            apply=off_where(_PHRASES),
        ),
    ),
)
