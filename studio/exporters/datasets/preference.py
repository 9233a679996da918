"""Preference pairs as JSON Lines, in TRL's conversational form: prompt, chosen and rejected are lists of messages."""

from collections.abc import Iterator
from pathlib import Path

from studio.domain.conversation import Role
from studio.domain.preferences import passed_over, preferred_turns
from studio.exporters.datasets._json_lines import Record, about, write_records
from studio.exporters.datasets.dataset_exporter import (
    DatasetExporter,
    DatasetExportRequest,
    ExportCount,
    ExportedConversation,
)


def _write(request: DatasetExportRequest, path: Path) -> ExportCount:
    return write_records(request, path, lambda one: _records(one, request))


def _records(one: ExportedConversation, request: DatasetExportRequest) -> Iterator[Record]:
    turns = one.conversation.turns
    for index in preferred_turns(one.conversation):
        for other in passed_over(turns[index]):
            yield {
                "prompt": [_message(turn.role, turn.text) for turn in turns[:index]],
                "chosen": [_message(Role.PERSONA, turns[index].text)],
                "rejected": [_message(Role.PERSONA, other)],
                **about(one, request),
            }


def _message(role: Role, text: str) -> Record:
    return {"role": role.value, "content": text}


ENTRY = DatasetExporter(
    name="preference",
    label="Preference pairs",
    summary="Chosen replies against the swipes passed over, only where the chat went on: for TRL's DPO and its kin.",
    suffix=".jsonl",
    write=_write,
    order=3,
)
