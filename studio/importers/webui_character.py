"""Characters of text-generation-webui: YAML with name, greeting and context, and a picture beside it."""

import re

from studio.domain.errors import StudioError
from studio.importers._card_draft import text_of
from studio.importers._card_portrait import is_picture
from studio.importers._definition import labelled_parts, split_definition, without_label
from studio.importers._plan import PersonaDraft
from studio.importers._png_chunks import FILE_LIMIT_MB
from studio.importers._source import Source
from studio.importers._v2_card import examples, greetings, v2_draft
from studio.importers._wording import clean, clean_name, clean_tree
from studio.importers._yaml_text import yaml_object
from studio.importers.importer import Importer, Reading, ReadOptions

LIMIT_MB = 2
_NAME = re.compile(r"^(?:name|bot) ?: *\S", re.MULTILINE)
_WORDS = re.compile(r"^(?:greeting|context|example_dialogue) ?:(?: |$)", re.MULTILINE)
_PICTURES = (".png", ".jpg", ".jpeg", ".webp", ".gif")
_OWN = ("name", "bot", "greeting", "context", "example_dialogue", "user")


def _sniff(source: Source) -> float:
    text = source.head_text
    if text.lstrip()[:1] in ("{", "[", "") or "\0" in text:
        return 0.0
    return 0.9 if _NAME.search(text) and _WORDS.search(text) else 0.0


def _read(source: Source, options: ReadOptions) -> Reading:
    text = clean(source.text(limit_mb=LIMIT_MB).removeprefix("\ufeff"))
    found = clean_tree(yaml_object(text, source.path))
    character = found if isinstance(found, dict) else {}
    name = clean_name(text_of(character, "name") or text_of(character, "bot")) or options.persona
    if not name:
        raise StudioError("card_invalid", path=source.path, reason="it has no name")
    if not any(text_of(character, field) for field in ("greeting", "context", "example_dialogue")):
        raise StudioError("card_invalid", path=source.path, reason="it has neither a greeting nor a context")
    options.checkpoint()
    draft = _draft(character, name)
    return Reading(
        persona_name=name,
        card=draft,
        conversations=(*greetings(draft, source.name), *examples(draft, source.name)),
        speakers=(name,),
        speaker=name,
        portrait=_portrait(source),
    )


def _draft(character: dict[str, object], name: str) -> PersonaDraft:
    """The context is description and example dialogue in one; the rest of the file is kept as it was."""
    prose, dialogue = split_definition(text_of(character, "context"), name)
    rest = {key: value for key, value in character.items() if key not in _OWN}
    fields = {
        **labelled_parts(without_label(prose, name)),
        "first_mes": text_of(character, "greeting"),
        "mes_example": "\n".join(filter(None, (dialogue, text_of(character, "example_dialogue")))),
        "extensions": {"text_generation_webui": rest} if rest else {},
    }
    return v2_draft(fields, name)


def _portrait(source: Source) -> bytes:
    """The picture that the program shows for the character: the same name, another suffix."""
    for suffix in _PICTURES:
        picture = source.beside(f"{source.path.stem}{suffix}")
        if picture and picture.size <= FILE_LIMIT_MB * 1024 * 1024 and is_picture(picture.head):
            return picture.whole(limit_mb=FILE_LIMIT_MB)
    return b""


ENTRY = Importer(
    name="webui_character",
    label="text-generation-webui character",
    suffixes=(".yaml", ".yml"),
    summary="Characters as YAML with the picture beside them: who the persona is, greeting, example dialogue.",
    sniff=_sniff,
    read=_read,
    introduces=True,
    order=10,
)
