"""The fake engine's masks: ChatML around words and spaces, cut into windows after replies as the real one does it."""

import re
import zlib
from collections.abc import Iterator
from pathlib import Path

from studio.protocol import commands, events
from studio.protocol.dataset_file import TurnLine, read_dataset

_PIECES = re.compile(r" ?\w{1,7}|\w{1,7}| ?[^\w\s]|\s")
_DEFAULT = "You are a helpful AI assistant named SmolLM, trained by Hugging Face"
Piece = tuple[str, str, int]
"""Text, kind, turn."""


def show_tokens(command: commands.ShowTokens) -> events.TokensShown:
    """Everything that a conversation can show: trained, context, special, cut, several windows, a problem."""
    windows = _windows(command.turns, command.max_length)
    tokens: list[events.ShownToken] = []
    number = 0
    for chosen in windows:
        learned = any(_trains(command.turns[index]) for index in chosen)
        for text, kind, turn in _read(command.turns, chosen):
            shown = kind if learned else "cut"
            tokens.append(events.ShownToken(_id(text), text, shown, turn, number if learned else -1))
        number += learned
    problems = [] if number else [events.MaskProblem(code="mask_nothing_learned", details={})]
    return events.TokensShown(job=command.job, tokens=tokens, windows=number, problems=problems)


def measure_lengths(command: commands.MeasureLengths) -> events.LengthsMeasured:
    """Which conversations are longer than the window."""
    lines = list(read_dataset(Path(command.data)))
    sizes = {line.key: _size(line.turns, range(len(line.turns))) for line in lines}
    long = {key: size for key, size in sizes.items() if size > command.max_length}
    replies = [
        events.LongReply(key=line.key, turn=index, tokens=size, trained=turn.train)
        for line in lines
        for index, turn in enumerate(line.turns)
        if turn.role == "assistant" and (size := _size(line.turns, [index])) > command.max_length
    ]
    return events.LengthsMeasured(job=command.job, long=long, replies=replies, refused={}, conversations=len(lines))


def _trains(turn: TurnLine) -> bool:
    return turn.role == "assistant" and turn.train


def _size(turns: list[TurnLine], chosen: "range | list[int]") -> int:
    return sum(1 for _ in _read(turns, list(chosen)))


def _windows(turns: list[TurnLine], limit: int) -> list[list[int]]:
    """Each as long as it may be, ending with a reply; a leading system turn is in all of them."""
    head = [0] if turns and turns[0].role == "system" else []
    found: list[list[int]] = []
    rest = list(range(len(head), len(turns)))
    while rest:
        ends = [place + 1 for place, index in enumerate(rest) if turns[index].role == "assistant"] or [len(rest)]
        fitting = [end for end in [*ends, len(rest)] if _size(turns, [*head, *rest[:end]]) <= limit]
        end = max(fitting, default=ends[0])
        found.append([*head, *rest[:end]])
        rest = rest[end:]
    return found


def _read(turns: list[TurnLine], chosen: list[int]) -> Iterator[Piece]:
    if turns[chosen[0]].role != "system":
        yield from (("<|im_start|>", "special", -1), ("system", "special", -1), ("\n", "special", -1))
        yield from ((piece, "special", -1) for piece in _PIECES.findall(_DEFAULT))
        yield from (("<|im_end|>", "special", -1), ("\n", "special", -1))
    for index in chosen:
        turn = turns[index]
        kind = "trained" if _trains(turn) else "context"
        yield from (("<|im_start|>", "special", index), (turn.role, "special", index), ("\n", "special", index))
        yield from ((piece, kind, index) for piece in _PIECES.findall(turn.text))
        yield ("<|im_end|>", kind if kind == "trained" else "special", index)
        yield ("\n", "special", index)


def _id(text: str) -> int:
    return zlib.crc32(text.encode()) % 49152
