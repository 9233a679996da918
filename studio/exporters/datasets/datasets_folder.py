"""A folder that ``datasets.load_from_disk`` opens: splits train and heldout, one row a conversation."""

import tempfile
from collections.abc import Iterable, Iterator
from contextlib import ExitStack
from itertools import islice
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio.domain.conversation import Turn
from studio.exporters.datasets._conversations import conversations, side_of
from studio.exporters.datasets.dataset_exporter import (
    DatasetExporter,
    DatasetExportRequest,
    ExportCount,
    ExportedConversation,
)

if TYPE_CHECKING:
    from datasets import Dataset

_ROWS_AT_ONCE = 500

Row = dict[str, object]


def _write(request: DatasetExportRequest, folder: Path) -> ExportCount:
    from datasets import DatasetDict, disable_progress_bars

    disable_progress_bars()
    # What is memory-mapped cannot be deleted on Windows before it is let go; the system clears what is left.
    with tempfile.TemporaryDirectory(prefix="persona-studio-", ignore_cleanup_errors=True) as drafts:
        counts = _write_drafts(request, Path(drafts))
        splits = DatasetDict({name: _opened(Path(drafts, name)) for name in sorted(counts, reverse=True)})
        splits.save_to_disk(folder)
        del splits
    return ExportCount(conversations=sum(counts.values()), rows=sum(counts.values()))


def _write_drafts(request: DatasetExportRequest, drafts: Path) -> dict[str, int]:
    """Write one Arrow file for each split that has rows, in a single pass; one empty file when there are none."""
    counts: dict[str, int] = {}
    with ExitStack() as files:
        writers: dict[str, Any] = {}
        for split, rows in _batches(request):
            if split not in writers:
                writers[split] = files.enter_context(_writer(drafts / split))
            writers[split].write_batch(_batch(rows))
            counts[split] = counts.get(split, 0) + len(rows)
        if not counts:
            files.enter_context(_writer(drafts / "train"))
    return counts or {"train": 0}


def _batches(request: DatasetExportRequest) -> Iterator[tuple[str, list[Row]]]:
    """Yield (split, rows) with a bounded number of conversations in memory."""
    remaining = conversations(request)
    while some := list(islice(remaining, _ROWS_AT_ONCE)):
        for split in sorted({side_of(one) for one in some}):
            yield split, [_row(one, request) for one in some if side_of(one) == split]


def _row(one: ExportedConversation, request: DatasetExportRequest) -> Row:
    conversation = one.conversation
    return {
        "id": one.key,
        "title": conversation.title,
        "tags": list(conversation.tags),
        "persona_name": request.persona.name,
        "messages": [_message(turn) for turn in conversation.turns],
    }


def _message(turn: Turn) -> Row:
    return {
        "role": turn.role.value,
        "content": turn.text,
        "speaker": turn.speaker,
        "train": turn.train,
        "alternatives": list(turn.alternatives),
        "marks": list(turn.marks),
    }


def _schema() -> Any:
    """Every column has its type from the start, so that no row decides what the others may hold."""
    from datasets import Features, List, Value

    text, texts = Value("string"), List(Value("string"))
    message = {
        "role": text, "content": text, "speaker": text, "train": Value("bool"), "alternatives": texts, "marks": texts,
    }  # fmt: skip
    row = {"id": text, "title": text, "tags": texts, "persona_name": text, "messages": List(message)}
    return Features(row).arrow_schema


def _writer(file: Path) -> Any:
    import pyarrow

    return pyarrow.ipc.new_stream(str(file), _schema())


def _batch(rows: Iterable[Row]) -> Any:
    import pyarrow

    return pyarrow.RecordBatch.from_pylist(list(rows), schema=_schema())


def _opened(file: Path) -> "Dataset":
    from datasets import Dataset

    return Dataset.from_file(str(file))


ENTRY = DatasetExporter(
    name="datasets",
    label="Datasets folder",
    summary="For 'datasets.load_from_disk', with the splits train and heldout.",
    suffix="",
    write=_write,
    folder=True,
    order=5,
)
