"""Preference pairs as JSON Lines, in TRL's conversational form: prompt, chosen and rejected are lists of messages."""

from collections.abc import Iterator
from pathlib import Path

from studio.domain.conversation import Conversation, Role, Turn
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
        for passed_over in turns[index].alternatives:
            yield {
                "prompt": [_message(turn.role, turn.text) for turn in turns[:index]],
                "chosen": [_message(Role.PERSONA, turns[index].text)],
                "rejected": [_message(Role.PERSONA, passed_over)],
                **about(one, request),
            }


def preferred_turns(conversation: Conversation) -> Iterator[int]:
    """Yield the turns that were preferred over others.

    Only where the user had asked something and went on afterwards: the last swipe shown is no choice in itself.
    """
    spoken = [index for index, turn in enumerate(conversation.turns) if turn.role is Role.USER]
    for index, turn in enumerate(conversation.turns):
        if spoken and spoken[0] < index < spoken[-1] and _is_preferred(turn):
            yield index


def _is_preferred(turn: Turn) -> bool:
    return turn.role is Role.PERSONA and turn.train and bool(turn.alternatives)


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
