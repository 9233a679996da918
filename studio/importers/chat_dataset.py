"""Chat datasets: ShareGPT ``conversations`` and OpenAI ``messages``, as JSON, a JSON array or JSON Lines."""

import re
from collections import Counter
from collections.abc import Mapping

from studio.domain.conversation import Conversation, Role, Turn
from studio.domain.errors import StudioError
from studio.importers._json_text import records
from studio.importers._source import Source
from studio.importers._wording import clean, clean_name, note
from studio.importers.importer import Importer, Reading, ReadOptions

LIMIT_MB = 512
_LISTS = ("conversations", "messages", "conversation")
_SIGN = re.compile(r'"(?:conversations?|messages)"\s*:\s*\[')
_ROLES = {
    **dict.fromkeys(("system", "developer"), Role.SYSTEM),
    **dict.fromkeys(("user", "human", "prompter"), Role.USER),
    **dict.fromkeys(("assistant", "gpt", "bot", "chatgpt", "model", "char", "character"), Role.PERSONA),
}


def _sniff(source: Source) -> float:
    text = source.head_text
    return 0.9 if text.lstrip()[:1] in ("{", "[") and _SIGN.search(text) else 0.0


def _read(source: Source, options: ReadOptions) -> Reading:
    reader = _RecordReader(source, options)
    conversations = []
    empty = 0
    for line, record in records(source, limit_mb=LIMIT_MB):
        options.checkpoint()
        if turns := reader.turns(record, line):
            conversations.append(Conversation(turns=turns, title=_title(record), source=source.name))
        else:
            empty += 1
    return Reading(
        persona_name=reader.only_name(),
        conversations=tuple(conversations),
        speakers=tuple(name for name, _ in reader.names.most_common()),
        speaker=reader.only_name(),
        notes=note("records_without_turns", empty),
    )


def _title(record: object) -> str:
    title = record.get("title") if isinstance(record, dict) else None
    return clean_name(title) if isinstance(title, str) else ""


class _RecordReader:
    """Turns records into turns; ``names`` counts what the persona is called in turns that say it."""

    def __init__(self, source: Source, options: ReadOptions) -> None:
        self._path = source.path
        self._roles = dict(_ROLES)
        for name in (options.speaker, options.persona, options.lent):
            if name:
                self._roles.setdefault(name.casefold(), Role.PERSONA)
        self.names: Counter[str] = Counter()

    def only_name(self) -> str:
        """The persona's name, if its turns give exactly one."""
        return next(iter(self.names)) if len(self.names) == 1 else ""

    def turns(self, record: object, line: int) -> tuple[Turn, ...]:
        """Return the turns of one record, a ``system`` text beside them first."""
        if not isinstance(record, dict):
            raise self._invalid(line, "it is no JSON object")
        parts = next((record[key] for key in _LISTS if isinstance(record.get(key), list)), None)
        if parts is None:
            raise self._invalid(line, "it has neither 'conversations' nor 'messages'")
        turns = tuple(self._turn(part, line) for part in parts)
        system = record.get("system")
        if isinstance(system, str) and system.strip() and turns:
            return (Turn(role=Role.SYSTEM, text=clean(system).strip()), *turns)
        return turns

    def _turn(self, part: object, line: int) -> Turn:
        if not isinstance(part, dict):
            raise self._invalid(line, "one of its turns is no JSON object")
        role = self._role(part, line)
        speaker = clean_name(name) if isinstance(name := part.get("name"), str) else ""
        if role is Role.PERSONA and speaker:
            self.names[speaker] += 1
        return Turn(role=role, text=self._text(part, line), speaker=speaker, train=_is_trained(part))

    def _role(self, part: Mapping[str, object], line: int) -> Role:
        said = part.get("from", part.get("role"))
        role = self._roles.get(said.strip().casefold()) if isinstance(said, str) else None
        if role is None:
            shown = clean_name(said) if isinstance(said, str) else "?"
            raise self._invalid(line, f"'{shown}' is no role that the studio knows (system, user/human, assistant/gpt)")
        return role

    def _text(self, part: Mapping[str, object], line: int) -> str:
        said = next((part[key] for key in ("value", "content", "text") if key in part), None)
        pieces = said if isinstance(said, list) else [said]
        texts = [piece.get("text") if isinstance(piece, dict) else piece for piece in pieces]
        words = [text for text in texts if isinstance(text, str)]
        if len(words) < sum(text is not None for text in texts):
            raise self._invalid(line, "the words of one of its turns are no text")
        return clean("".join(words)).strip()

    def _invalid(self, line: int, reason: str) -> StudioError:
        return StudioError("dataset_invalid", path=self._path, line=line, reason=reason)


def _is_trained(part: Mapping[str, object]) -> bool:
    """OpenAI says ``weight`` 0 or 1, axolotl ``train``; nothing said means yes."""
    weight = part.get("weight")
    heavy = not isinstance(weight, int | float) or weight > 0
    return heavy and part.get("train") is not False


ENTRY = Importer(
    name="chat_dataset",
    label="Chat dataset",
    suffixes=(".json", ".jsonl"),
    summary="ShareGPT 'conversations' or OpenAI 'messages': a JSON array, JSON Lines or a single object.",
    sniff=_sniff,
    read=_read,
    order=2,
)
