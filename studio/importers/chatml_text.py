"""Text with the marks of a chat template in it: ChatML, Llama 3, Gemma and their kin, raw or as ``text`` of records."""

from collections.abc import Iterator, Mapping

from studio.importers._chat_records import dressed, persona_name_of
from studio.importers._gathered import Gathered
from studio.importers._json_text import records
from studio.importers._messages import MessageReader
from studio.importers._record_heads import first_keys, first_record, is_json
from studio.importers._source import Source
from studio.importers._template_text import template_of
from studio.importers._told_text import told_conversations
from studio.importers.importer import Importer, Reading, ReadOptions

LIMIT_MB = 128
KEYS = ("text", "content", "conversation", "chat")


def _sniff(source: Source) -> float:
    if not is_json(source):
        return 0.9 if template_of(source.head_text) else 0.0
    keys = first_keys(source)
    if not any(key in keys for key in KEYS) or not template_of(_first_text(source)):
        return 0.0
    return 0.85 if len(keys) < 8 else 0.5


def _first_text(source: Source) -> str:
    """The words of the first record, or of as much of it as the head holds."""
    record = first_record(source)
    if record is None:
        return source.head_text.replace("\\n", "\n")
    return next((said for key in KEYS if isinstance(said := record.get(key), str)), "")


def _read(source: Source, options: ReadOptions) -> Reading:
    messages, gathered = MessageReader(source.path, options), Gathered(source.path, options)
    for line, record in _texts(source, options, messages):
        said = next((record[key] for key in KEYS if isinstance(record.get(key), str)), "")
        for turns in told_conversations(str(said), messages, line):
            options.checkpoint()
            gathered.add(dressed(turns, record, source.name), persona_name_of(record))
    return gathered.reading(messages)


def _texts(source: Source, options: ReadOptions, messages: MessageReader) -> Iterator[tuple[int, Mapping[str, object]]]:
    if not is_json(source):
        yield 1, {"text": source.text(limit_mb=LIMIT_MB)}
        return
    for line, record in records(source, limit_mb=LIMIT_MB):
        options.checkpoint()
        if not isinstance(record, dict):
            raise messages.invalid(line, "it is no JSON object")
        yield line, record


ENTRY = Importer(
    name="chatml_text",
    label="Chat template text",
    suffixes=(".txt", ".jsonl"),
    summary="ChatML and other templates' text (Llama 3, Gemma, Phi, Mistral, Alpaca marks), raw or as 'text' records.",
    sniff=_sniff,
    read=_read,
    order=2,
)
