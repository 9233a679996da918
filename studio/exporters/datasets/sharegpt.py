"""ShareGPT as JSON Lines: 'conversations' of human and gpt."""

from pathlib import Path

from studio.domain.conversation import Role, Turn
from studio.exporters.datasets._json_lines import Record, about, about_turn, write_records
from studio.exporters.datasets.dataset_exporter import (
    DatasetExporter,
    DatasetExportRequest,
    ExportCount,
    ExportedConversation,
)

_FROM = {Role.SYSTEM: "system", Role.USER: "human", Role.PERSONA: "gpt"}


def _write(request: DatasetExportRequest, path: Path) -> ExportCount:
    return write_records(request, path, lambda one: [_record(one, request)])


def _record(one: ExportedConversation, request: DatasetExportRequest) -> Record:
    return {"conversations": [_said(turn) for turn in one.conversation.turns], **about(one, request)}


def _said(turn: Turn) -> Record:
    named = {"speaker": turn.speaker} if turn.speaker else {}
    return {"from": _FROM[turn.role], "value": turn.text, **named, **about_turn(turn)}


ENTRY = DatasetExporter(
    name="sharegpt",
    label="ShareGPT",
    summary="JSON Lines with 'conversations' of human and gpt: for axolotl, LLaMA-Factory and FastChat.",
    suffix=".jsonl",
    write=_write,
    order=2,
)
