"""OpenAI messages as JSON Lines: what most trainers and the hosted ones take."""

import re
from pathlib import Path

from studio.domain.conversation import Turn
from studio.exporters.datasets._json_lines import Record, about, about_turn, write_records
from studio.exporters.datasets.dataset_exporter import (
    DatasetExporter,
    DatasetExportRequest,
    ExportCount,
    ExportedConversation,
)

_NAME = re.compile(r"[A-Za-z0-9_-]{1,64}")
"""What OpenAI takes for a ``name``; other names stand under a key that it does not read."""


def _write(request: DatasetExportRequest, path: Path) -> ExportCount:
    return write_records(request, path, lambda one: [_record(one, request)])


def _record(one: ExportedConversation, request: DatasetExportRequest) -> Record:
    return {"messages": [_message(turn) for turn in one.conversation.turns], **about(one, request)}


def _message(turn: Turn) -> Record:
    named = {("name" if _NAME.fullmatch(turn.speaker) else "speaker"): turn.speaker} if turn.speaker else {}
    return {"role": turn.role.value, "content": turn.text, **named, **about_turn(turn)}


ENTRY = DatasetExporter(
    name="messages",
    label="OpenAI messages",
    summary="JSON Lines with 'messages': for TRL, axolotl, Unsloth, LLaMA-Factory and hosted training.",
    suffix=".jsonl",
    write=_write,
    order=1,
)
