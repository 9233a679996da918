"""A table for spreadsheets: one row a turn, everything that a turn has in a column of its own."""

import csv
import json
from collections.abc import Iterator
from pathlib import Path

from studio.domain.conversation import Turn
from studio.exporters.datasets._conversations import conversations, side_of
from studio.exporters.datasets.dataset_exporter import (
    DatasetExporter,
    DatasetExportRequest,
    ExportCount,
    ExportedConversation,
)

COLUMNS = (
    "conversation", "title", "tags", "split", "persona_name", "role", "speaker", "text", "train", "alternatives",
    "marks",
)  # fmt: skip


def _write(request: DatasetExportRequest, path: Path) -> ExportCount:
    written = rows = 0
    # Spreadsheets take a file for UTF-8 only when it begins with a byte order mark.
    with path.open("w", encoding="utf-8-sig", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(COLUMNS)
        for one in conversations(request):
            writer.writerows(_rows(one, request))
            written += 1
            rows += len(one.conversation.turns)
    return ExportCount(conversations=written, rows=rows)


def _rows(one: ExportedConversation, request: DatasetExportRequest) -> Iterator[list[str]]:
    conversation = one.conversation
    shared = [one.key, conversation.title, _listed(conversation.tags), side_of(one), request.persona.name]
    for turn in conversation.turns:
        yield [*shared, *_cells(turn)]


def _cells(turn: Turn) -> list[str]:
    train = "yes" if turn.train else "no"
    return [turn.role.value, turn.speaker, turn.text, train, _listed(turn.alternatives), _listed(turn.marks)]


def _listed(words: tuple[str, ...]) -> str:
    """A list in one cell: as JSON, because every other separator may stand in the words."""
    return json.dumps(words, ensure_ascii=False) if words else ""


ENTRY = DatasetExporter(
    name="csv",
    label="CSV table",
    summary="One row a turn, for spreadsheets and scripts.",
    suffix=".csv",
    write=_write,
    order=4,
)
