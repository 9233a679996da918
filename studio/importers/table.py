"""Tables: CSV and its kin with any delimiter, Parquet and Arrow; which column is what is guessed or asked."""

from collections.abc import Mapping
from dataclasses import replace

from studio.domain.errors import StudioError
from studio.importers._arrow_tables import arrow_table, is_arrow
from studio.importers._cells import Cells
from studio.importers._columns import guessed, mapping_of
from studio.importers._csv_tables import csv_form, csv_table
from studio.importers._gathered import Gathered
from studio.importers._headings import folded
from studio.importers._messages import MessageReader
from studio.importers._people import chosen_speaker
from studio.importers._source import Source
from studio.importers._table_rows import MarkedRows, MessageRows, PairRows, Way
from studio.importers._table_threads import RoleRows, RoundRows, SpeakerRows
from studio.importers._tables import Table
from studio.importers._wording import note
from studio.importers.importer import Importer, Reading, ReadOptions

LIMIT_MB = 512
_DISCORD = {"authorid", "author", "content"}
"""The columns of DiscordChatExporter, which has an importer of its own."""
_NAMED_AS_TABLE = (".csv", ".tsv", ".tab", ".psv")


def _sniff(source: Source) -> float:
    if is_arrow(source):
        return 0.95
    form = csv_form(source)
    if form is None or {folded(name) for name in form.columns} >= _DISCORD:
        return 0.0
    if guessed(csv_table(source, form, limit_mb=LIMIT_MB), ReadOptions()):
        return 0.85
    return 0.5 if source.path.suffix.lower() in _NAMED_AS_TABLE else 0.0


def _read(source: Source, options: ReadOptions) -> Reading:
    table = _table(source)
    mapping = mapping_of(table, options, source.path)
    messages, gathered = MessageReader(source.path, options), Gathered(source.path, options)
    way = _way(mapping, messages, gathered, source, options)
    left_out = 0
    for line, row in table.rows(tuple(dict.fromkeys(mapping.values()))):
        options.checkpoint()
        left_out += row is None or not way.add(row, line)
    notes = way.finish(gathered)
    reading = gathered.reading(messages, *notes, *note("rows_left_out", left_out))
    if isinstance(way, SpeakerRows):
        reading = replace(reading, persona_name=way.persona, speaker=way.persona, speakers=way.cast.names)
    return replace(reading, columns=table.columns, mapping=mapping)


def _table(source: Source) -> Table:
    if is_arrow(source):
        return arrow_table(source, limit_mb=LIMIT_MB)
    form = csv_form(source)
    if form is None:
        raise StudioError("table_broken", path=source.path, reason="its lines do not fall into the same columns")
    return csv_table(source, form, limit_mb=LIMIT_MB)


def _way(
    mapping: Mapping[str, str], messages: MessageReader, gathered: Gathered, source: Source, options: ReadOptions
) -> Way:
    cells = Cells(mapping)
    if "messages" in mapping:
        return MessageRows(cells, messages, gathered, source.name)
    if "persona" in mapping:
        return (RoundRows if "conversation" in mapping else PairRows)(cells, messages, source.name)
    if "role" in mapping:
        return RoleRows(cells, messages, source.name)
    if "speaker" in mapping:
        return SpeakerRows(cells, messages, source.name, lambda cast: chosen_speaker(cast, options, source.path))
    return MarkedRows(cells, messages, gathered, source.name)


ENTRY = Importer(
    name="table",
    label="Table",
    suffixes=(".csv", ".tsv", ".parquet", ".arrow"),
    summary="CSV, TSV, Parquet and Arrow: lines with speakers, questions with answers, or lists of messages.",
    sniff=_sniff,
    read=_read,
    order=5,
)
