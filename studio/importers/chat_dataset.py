"""Chat datasets: ShareGPT ``conversations`` and OpenAI ``messages``, as JSON, a JSON array or JSON Lines."""

import re
from collections.abc import Mapping

from studio.domain.conversation import Conversation
from studio.importers._chat_records import LISTS, conversation_of, persona_name_of
from studio.importers._gathered import Gathered
from studio.importers._json_text import records
from studio.importers._messages import MessageReader
from studio.importers._record_heads import first_keys, is_json, keys_in_sight
from studio.importers._source import Source
from studio.importers.importer import Importer, Reading, ReadOptions

LIMIT_MB = 512
_SIGN = re.compile(rf'"(?:{"|".join(LISTS)})"\s*:\s*\[')
_SPEAKING = (
    frozenset({"from", "value"}), frozenset({"role", "content"}), frozenset({"role", "value"}),
    frozenset({"role", "text"}), frozenset({"is_human", "message"}),
)  # fmt: skip
_LOOSE = (frozenset({"role", "content"}), frozenset({"from", "value"}))


def _sniff(source: Source) -> float:
    if not is_json(source):
        return 0.0
    speaking = any(keys <= keys_in_sight(source) for keys in _SPEAKING)
    if _SIGN.search(source.head_text):
        return 0.9 if speaking else 0.3
    return 0.6 if any(keys <= first_keys(source) for keys in _LOOSE) else 0.0


def _read(source: Source, options: ReadOptions) -> Reading:
    messages, gathered = MessageReader(source.path, options), Gathered(source.path, options)
    loose: list[object] = []
    for line, record in records(source, limit_mb=LIMIT_MB):
        options.checkpoint()
        if _is_message(record):
            loose.append(record)
            continue
        whole = _as_record(record, messages, line)
        gathered.add(conversation_of(whole, messages, line, source.name), persona_name_of(whole))
    if loose:
        gathered.add(Conversation(turns=messages.turns(loose, 1), source=source.name))
    return gathered.reading(messages)


def _is_message(record: object) -> bool:
    """A file may be the messages of one chat and nothing around them."""
    return isinstance(record, dict) and any(keys <= record.keys() for keys in _LOOSE)


def _as_record(record: object, messages: MessageReader, line: int) -> Mapping[str, object]:
    if isinstance(record, list):
        return {"messages": record}
    if not isinstance(record, dict):
        raise messages.invalid(line, "it is no JSON object")
    return record


ENTRY = Importer(
    name="chat_dataset",
    label="Chat dataset",
    suffixes=(".json", ".jsonl"),
    summary="OpenAI 'messages', ShareGPT 'conversations' and their kin: a JSON array, JSON Lines or a single object.",
    sniff=_sniff,
    read=_read,
    order=2,
)
