"""Records as JSON Lines: the keys that all formats share, and writing them one at a time."""

import json
from collections.abc import Callable, Iterable, Mapping
from pathlib import Path

from studio.domain.conversation import Role, Turn
from studio.exporters.datasets._conversations import conversations
from studio.exporters.datasets.dataset_exporter import DatasetExportRequest, ExportCount, ExportedConversation

Record = dict[str, object]


def write_records(
    request: DatasetExportRequest, path: Path, records_of: Callable[[ExportedConversation], Iterable[Record]]
) -> ExportCount:
    """Write a line for each record of each conversation."""
    written = rows = 0
    with path.open("w", encoding="utf-8", newline="\n") as file:
        for one in conversations(request):
            before = rows
            for record in records_of(one):
                file.write(json.dumps(record, ensure_ascii=False) + "\n")
                rows += 1
            written += rows > before
    return ExportCount(conversations=written, rows=rows)


def about(one: ExportedConversation, request: DatasetExportRequest) -> Record:
    """What a record says beside its turns; other programs pass over these keys."""
    conversation = one.conversation
    said: Record = {"id": one.key, "title": conversation.title, "tags": list(conversation.tags)}
    return {key: value for key, value in (said | {"persona_name": request.persona.name}).items() if value}


def about_turn(turn: Turn) -> Mapping[str, object]:
    """What a turn says beside its words: OpenAI's ``weight`` where the persona is not to learn it, and keys of ours."""
    said: Record = {}
    if not turn.train:
        said |= {"weight": 0} if turn.role is Role.PERSONA else {"train": False}
    if turn.alternatives:
        said["alternatives"] = list(turn.alternatives)
    return said | ({"marks": list(turn.marks)} if turn.marks else {})
