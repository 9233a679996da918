"""Questions with their answers: Alpaca's instruction, input and output, and plain prompt and completion."""

from studio.importers._chat_records import LISTS
from studio.importers._pair_records import read_pairs
from studio.importers._pairs import ANSWERS, BAD, LABELS, QUESTIONS
from studio.importers._record_heads import first_keys
from studio.importers._source import Source
from studio.importers.importer import Importer, Reading, ReadOptions

LIMIT_MB = 512


def _sniff(source: Source) -> float:
    keys = first_keys(source)
    if not keys & set(QUESTIONS) or not keys & set(ANSWERS) or keys & {BAD, "chosen", "spec", *LABELS, *LISTS}:
        return 0.0
    return 0.85 if {"instruction", "output"} <= keys else 0.7


def _read(source: Source, options: ReadOptions) -> Reading:
    return read_pairs(source, options, limit_mb=LIMIT_MB)


ENTRY = Importer(
    name="alpaca",
    label="Instructions (Alpaca)",
    suffixes=(".json", ".jsonl"),
    summary="Records of instruction, input and output (also system and history), or of prompt and completion.",
    sniff=_sniff,
    read=_read,
    order=2,
)
