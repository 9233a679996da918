"""Saves of KoboldCpp, its Lite page and KoboldAI: chats, instructions and adventures, with their branches."""

import re
from dataclasses import replace

from studio.domain.errors import StudioError
from studio.importers._json_fields import Fields, part, words
from studio.importers._json_stream import walk
from studio.importers._kobold_lore import lorebook
from studio.importers._kobold_save import branches_of, messages_of, pieces_of
from studio.importers._kobold_script import Script, script_for
from studio.importers._roleplay_log import ChatLog, Message
from studio.importers._source import MEGABYTE, Source
from studio.importers._wording import note
from studio.importers.importer import Importer, Reading, ReadOptions

_SIGN = re.compile(r'"gamestarted"\s*:')
_FIELDS = ('"prompt"', '"memory"', '"actions"', '"authorsnote"', '"authornote"', '"actions_metadata"')
LIMIT_MB = 256
TEXT_LIMIT = 24 * MEGABYTE
"""Characters in all texts together: the words of forty novels, taken apart in memory."""
NUMBERED_ACTIONS = ("actions", "actions")
_PASSED_OVER = ("completed_imgs_meta", "documentdb_data")
_OPENED = {(), ("actions",), ("altbranches",), *((name,) for name in _PASSED_OVER)}
_NO_NAMES = ("koboldai", "koboldgpt")
"""What a character is called that nobody has named."""
_NOTES = ("memory", "authorsnote", "authornote")


def _sniff(source: Source) -> float:
    text = source.head_text
    if not text.lstrip().startswith("{") or not _SIGN.search(text):
        return 0.0
    return 0.95 if sum(field in text for field in _FIELDS) >= 2 else 0.0


def _read(source: Source, options: ReadOptions) -> Reading:
    save = _save(source, options)
    trunk = pieces_of(save)
    text = "".join(piece.text for piece in trunk)
    if not text.strip():
        raise StudioError("nothing_to_import", path=source.path)
    script = script_for(text, part(save, "savedsettings") or save)
    if script is None:
        raise StudioError("kobold_story", path=source.path)
    log = ChatLog(source, options, character=_character(script), user=script.user)
    log.add(_named(messages_of(script, trunk), options), source.path.stem)
    for branch in branches_of(save):
        log.add(_named(messages_of(script, branch), options), source.path.stem, branch=True)
    reading = log.reading(notes=note("story_notes_left_out", sum(bool(words(save, key).strip()) for key in _NOTES)))
    return replace(reading, lorebook=lorebook(save))


def _save(source: Source, options: ReadOptions) -> Fields:
    """The parts of a save that are read here; pictures that were baked into it are gone over one by one."""
    save: dict[str, object] = {}
    lists: dict[str, list[object]] = {"actions": [], "altbranches": []}
    size = 0
    for _, path, value in walk(source, _OPENED, limit_mb=LIMIT_MB):
        options.checkpoint()
        if not path or path[0] in _PASSED_OVER:
            continue
        size += _characters(value)
        if size > TEXT_LIMIT:
            raise StudioError("file_too_large", path=source.path, size=size // MEGABYTE, limit=TEXT_LIMIT // MEGABYTE)
        if path[1:] == ("*",) and path[0] in lists:
            lists[path[0]].append(value)
        elif path == NUMBERED_ACTIONS:
            save[path[0]] = {path[1]: value}
        elif len(path) == 1:
            save[path[0]] = value
    return {**save, **{key: found for key, found in lists.items() if found}}


def _characters(value: object) -> int:
    texts = value if isinstance(value, list) else [value]
    return sum(len(text) for text in texts if isinstance(text, str))


def _character(script: Script) -> str:
    """The only character, if somebody gave it a name."""
    name = script.characters[0] if len(script.characters) == 1 else ""
    return "" if name.casefold() in _NO_NAMES else name


def _named(messages: list[Message], options: ReadOptions) -> list[Message]:
    """The program's own name for a character gives way to a persona that is known from elsewhere."""
    if not options.expected:
        return messages
    return [replace(one, name="") if one.name.casefold() in _NO_NAMES else one for one in messages]


ENTRY = Importer(
    name="koboldcpp",
    label="KoboldCpp save",
    suffixes=(".json",),
    summary="Saves of KoboldCpp and KoboldAI in chat, instruct and adventure mode; branches become alternatives.",
    sniff=_sniff,
    read=_read,
    order=21,
)
