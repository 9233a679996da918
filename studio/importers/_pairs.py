"""One record of a question and its answer, or of a good and a bad answer, in the spellings of the trainers."""

from collections.abc import Mapping
from dataclasses import dataclass, replace

from studio.domain.conversation import Role, Turn
from studio.importers._chat_records import LISTS, system_turn
from studio.importers._messages import MessageReader
from studio.importers._template_text import conversations_in, labelled_template_of
from studio.importers._wording import clean

QUESTIONS = ("prompt", "instruction", "question", "query", "input", "human", "user")
ANSWERS = ("chosen", "completion", "output", "response", "answer", "reply", "assistant", "bot")
BAD = "rejected"
LABELS = ("label", "kto_tag")
_MORE = ("input", "context")

Turns = tuple[Turn, ...]


@dataclass(frozen=True, kw_only=True)
class Pair:
    """``before`` is what was asked; ``bad`` are answers that ``answer`` was preferred to, or bad ones without it.

    ``compared``: the record is about good and bad, and may have others to the same question beside it.
    """

    before: Turns
    answer: Turns
    bad: tuple[str, ...]
    compared: bool


def pair_of(record: Mapping[str, object], messages: MessageReader, line: int) -> Pair:
    """Take a record apart; ``dataset_invalid`` when a part of it is no text and no message."""
    before, answer, bad = _parts(record, messages, line)
    label = next((_is_true(record[key]) for key in LABELS if record.get(key) is not None), None)
    if label is not None and not answer and before and before[-1].role is Role.PERSONA:
        before, answer = before[:-1], before[-1:]
    if label is False:
        answer, bad = (), (answer[0].text,) if answer else bad[:1]
    compared = bool(bad) or label is not None
    known = compared or isinstance(record.get("prompt"), list)
    return Pair(before=_as_context(before) if known else before, answer=answer, bad=bad, compared=compared)


def _parts(record: Mapping[str, object], messages: MessageReader, line: int) -> tuple[Turns, Turns, tuple[str, ...]]:
    """Return question, answer and bad answers; what good and bad answers both begin with belongs to the question."""
    asked = _asked(record, messages, line)
    before, answer = _beyond(asked, _answer(record, messages, line))
    bad = [_beyond(asked, turns)[1] for turns in _bad(record, messages, line)]
    shared = _shared(answer, bad[0]) if bad else 0
    texts = tuple(turns[shared].text for turns in bad if len(turns) > shared)
    return (*before, *answer[:shared]), answer[shared:], texts


def _asked(record: Mapping[str, object], messages: MessageReader, line: int) -> Turns:
    """The question with all that stands before it."""
    listed = next((record[key] for key in LISTS if isinstance(record.get(key), list)), None)
    key = next((key for key in QUESTIONS if _is_there(record.get(key))), "")
    turns = _said(record.get(key) if listed is None else listed, Role.USER, messages, line)
    more = next((text for name in _MORE if name != key and (text := _text(record.get(name)))), "")
    if key == "instruction" and turns and more:
        turns = (*turns[:-1], replace(turns[-1], text=f"{turns[-1].text}\n\n{more}"))
    system = () if turns and turns[0].role is Role.SYSTEM else system_turn(record)
    return (*system, *_history(record.get("history"), messages, line), *turns)


def _history(said: object, messages: MessageReader, line: int) -> Turns:
    """Alpaca's earlier rounds, each a list of question and answer; elsewhere messages."""
    turns: list[Turn] = []
    for one in said if isinstance(said, list) else []:
        if isinstance(one, list):
            for role, words in zip((Role.USER, Role.PERSONA), one, strict=False):
                turns += _said(words, role, messages, line)
        else:
            turns += _said(one, Role.USER, messages, line)
    return tuple(turns)


def _answer(record: Mapping[str, object], messages: MessageReader, line: int) -> Turns:
    said = next((record[key] for key in ANSWERS if _is_there(record.get(key))), None)
    return _said(next(iter(_ranking(said)), said), Role.PERSONA, messages, line)


def _bad(record: Mapping[str, object], messages: MessageReader, line: int) -> list[Turns]:
    """The bad answers: ``rejected``, one or several, and all but the first of a list of answers."""
    ranked = next((ranking for key in ANSWERS if (ranking := _ranking(record.get(key)))), [])
    rejected = record.get(BAD)
    said = [*ranked[1:], *(_ranking(rejected) or [rejected])]
    return [turns for one in said if (turns := _said(one, Role.PERSONA, messages, line))]


def _said(said: object, role: Role, messages: MessageReader, line: int) -> Turns:
    """Words of one side, a message, or a list of messages; words may have been through a chat template."""
    if isinstance(said, dict | list):
        return messages.turns(said if isinstance(said, list) else [said], line)
    if said is not None and (isinstance(said, bool) or not isinstance(said, str | int | float)):
        raise messages.invalid(line, "a question or an answer in it is no text")
    text = _text("" if said is None else str(said))
    if template := labelled_template_of(text):
        told = next(conversations_in(text, template), [])
        return tuple(turn for _, message in told for turn in messages.turns([message], line))
    return (Turn(role=role, text=text),) if text else ()


def _beyond(asked: Turns, told: Turns) -> tuple[Turns, Turns]:
    """Return (the question, the answer) where the answer's messages begin with the question once more."""
    spoken = [turn for turn in asked if turn.role is not Role.SYSTEM]
    for end in range(len(spoken), len(told)) if spoken else ():
        if all(_same(one, other) for one, other in zip(told[end - len(spoken) : end], spoken, strict=True)):
            return (told[:end] if end > len(asked) else asked), told[end:]
        if told[end - len(spoken)].role is not Role.SYSTEM:
            break
    return asked, told


def _shared(answer: Turns, bad: Turns) -> int:
    """How many turns both begin with; a good answer that is the bad one keeps its last turn."""
    most = min(len(answer), len(bad)) - 1
    return next((count for count in range(most) if not _same(answer[count], bad[count])), max(0, most))


def _same(one: Turn, other: Turn) -> bool:
    return (one.role, one.text) == (other.role, other.text)


def _as_context(turns: Turns) -> Turns:
    """Only the answer is to be learned: the same rounds stand before other answers too."""
    return tuple(replace(turn, train=False) if turn.role is Role.PERSONA else turn for turn in turns)


def _is_there(value: object) -> bool:
    return value not in (None, "", [], {})


def _ranking(value: object) -> list[object]:
    """A list of answers, the best first; empty for anything else, such as a list of messages."""
    return value if isinstance(value, list) and all(isinstance(one, str) for one in value) else []


def _is_true(value: object) -> bool:
    return value.strip().casefold() in ("true", "1", "yes", "good") if isinstance(value, str) else bool(value)


def _text(value: object) -> str:
    return clean(value).strip() if isinstance(value, str) else ""
