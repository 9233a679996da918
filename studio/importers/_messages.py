"""Messages as datasets write them, who said it and the words in many spellings, into turns."""

from collections import Counter
from collections.abc import Iterator, Mapping
from pathlib import Path

from studio.domain.checks import Finding
from studio.domain.conversation import Role, Turn
from studio.domain.errors import StudioError
from studio.importers._wording import clean, clean_name, note
from studio.importers.importer import ReadOptions

ROLES = {
    **dict.fromkeys(("system", "developer"), Role.SYSTEM),
    **dict.fromkeys(("user", "human", "prompter"), Role.USER),
    **dict.fromkeys(
        (
            "assistant", "gpt", "bot", "chatbot", "chatgpt", "gpt-3.5", "gpt-4", "bing", "bard", "claude", "gemini",
            "model", "ai", "char", "character", "persona",
        ),
        Role.PERSONA,
    ),
}  # fmt: skip
TOOL_ROLES = frozenset(
    ("tool", "tools", "tool_call", "tool_response", "function", "function_call", "function_response", "observation",
     "ipython")
)  # fmt: skip
_CALLS = ("tool_calls", "function_call")
_SAID_BY = ("role", "from")
_WORDS = ("value", "content", "text", "message")
_NAMES = ("name", "speaker")


class MessageReader:
    """Turns messages into turns. ``names`` counts what the persona is called where messages say it."""

    def __init__(self, path: Path, options: ReadOptions) -> None:
        self._path = path
        self._roles = dict(ROLES)
        for name in (options.speaker, options.persona, options.lent):
            if name:
                self._roles.setdefault(name.casefold(), Role.PERSONA)
        self.names: Counter[str] = Counter()
        self._tool_turns = 0
        self._attachments = 0

    def only_name(self) -> str:
        """The persona's name, if the file gives exactly one."""
        return next(iter(self.names)) if len(self.names) == 1 else ""

    def speakers(self) -> tuple[str, ...]:
        """Every name of the persona, the most frequent first."""
        return tuple(name for name, _ in self.names.most_common())

    def notes(self) -> tuple[Finding, ...]:
        """What was left out of the messages."""
        return (
            *note("tool_turns_left_out", self._tool_turns),
            *note("attachments_left_out", self._attachments),
        )

    def turns(self, parts: object, line: int) -> tuple[Turn, ...]:
        """Return the turns of a list of messages; what tools were told and answered is left out."""
        if not isinstance(parts, list):
            raise self.invalid(line, "its messages are no list")
        return tuple(self._turns(parts, line))

    def role_of(self, said: object, line: int) -> Role | None:
        """Return the role that a word means, ``None`` for a tool's; refuse words that mean none."""
        word = said.strip().casefold() if isinstance(said, str) else ""
        if word in TOOL_ROLES:
            return None
        if word not in self._roles:
            shown = clean_name(said) if isinstance(said, str) else "?"
            raise self.invalid(line, f"'{shown}' is no role that the studio knows (system, user/human, assistant/gpt)")
        return self._roles[word]

    def invalid(self, line: int, reason: str) -> StudioError:
        """The trouble with a record."""
        return StudioError("dataset_invalid", path=self._path, line=line, reason=reason)

    def _turns(self, parts: list[object], line: int) -> Iterator[Turn]:
        for part in parts:
            if not isinstance(part, dict):
                raise self.invalid(line, "one of its turns is no JSON object")
            role = self._role(part, line)
            text = self._text(part, line)
            if role is None or (not text and any(part.get(key) for key in _CALLS)):
                self._tool_turns += 1
                continue
            yield self._turn(part, role, text)

    def _turn(self, part: Mapping[str, object], role: Role, text: str) -> Turn:
        speaker = next((name for key in _NAMES if (name := one_line(part.get(key)))), "")
        if role is Role.PERSONA and speaker:
            self.names[speaker] += 1
        return Turn(
            role=role,
            text=text,
            speaker=speaker,
            train=is_trained(part),
            alternatives=other_answers(text, part.get("alternatives")),
            marks=tuple(words(part.get("marks"))),
        )

    def _role(self, part: Mapping[str, object], line: int) -> Role | None:
        if isinstance(human := part.get("is_human"), bool):
            return Role.USER if human else Role.PERSONA
        return self.role_of(next((part[key] for key in _SAID_BY if part.get(key) is not None), None), line)

    def _text(self, part: Mapping[str, object], line: int) -> str:
        said = next((part[key] for key in _WORDS if part.get(key) is not None), None)
        pieces = [self._piece(piece, line) for piece in (said if isinstance(said, list) else [said])]
        return clean("".join(pieces)).strip()

    def _piece(self, piece: object, line: int) -> str:
        """Words, or a part of a message: text, picture, sound."""
        if isinstance(piece, dict):
            self._attachments += piece.get("text") is None and piece.get("type") != "text"
            piece = piece.get("text")
        if piece is None or isinstance(piece, str):
            return piece or ""
        raise self.invalid(line, "the words of one of its turns are no text")


def is_trained(part: Mapping[str, object]) -> bool:
    """OpenAI says ``weight`` 0 or 1, axolotl ``train`` or a ``weight`` for each part; nothing said means yes."""
    pieces = part.get("content")
    if isinstance(pieces, list) and pieces and all(isinstance(piece, dict) for piece in pieces):
        return _is_on(part) and any(_is_on(piece) for piece in pieces)
    return _is_on(part)


def _is_on(part: Mapping[str, object]) -> bool:
    weight = part.get("weight")
    heavy = not isinstance(weight, int | float) or weight > 0
    return heavy and part.get("train") is not False


def other_answers(chosen: str, others: object) -> tuple[str, ...]:
    """Return the answers that were passed over, each once."""
    texts = (clean(other).strip() for other in others if isinstance(other, str)) if isinstance(others, list) else ()
    return tuple(dict.fromkeys(text for text in texts if text and text != chosen))


def words(value: object) -> list[str]:
    """Return a list of names, marks or tags, whatever else is in it left out."""
    found = (one_line(word) for word in value) if isinstance(value, list) else ()
    return list(dict.fromkeys(word for word in found if word))


def one_line(value: object) -> str:
    """Return a name or title, empty for anything that is none."""
    return clean_name(value) if isinstance(value, str) else ""
