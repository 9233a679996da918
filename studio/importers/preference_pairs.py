"""Preference pairs: a good and a bad answer to the same prompt, as TRL, LLaMA-Factory and KTO write them."""

from studio.importers._chat_records import LISTS
from studio.importers._pair_records import read_pairs
from studio.importers._pairs import ANSWERS, BAD, LABELS, QUESTIONS
from studio.importers._record_heads import first_keys
from studio.importers._source import Source
from studio.importers.importer import Importer, Reading, ReadOptions

LIMIT_MB = 512


def _sniff(source: Source) -> float:
    keys = first_keys(source)
    if {"chosen", BAD} <= keys:
        return 0.95
    asked = keys & {*QUESTIONS, *LISTS}
    answered = keys & {*ANSWERS, *LISTS}
    return 0.95 if keys & set(LABELS) and asked and answered else 0.0


def _read(source: Source, options: ReadOptions) -> Reading:
    return read_pairs(source, options, limit_mb=LIMIT_MB)


ENTRY = Importer(
    name="preference_pairs",
    label="Preference pairs",
    suffixes=(".json", ".jsonl"),
    summary="Chosen and rejected answers (DPO), or answers with a label (KTO); the bad ones become alternatives.",
    sniff=_sniff,
    read=_read,
    order=2,
)
