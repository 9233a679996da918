"""What every dataset format begins with: the asked-for side, the system prompt in place, placeholders filled in."""

from collections.abc import Callable, Iterator
from dataclasses import replace

from studio.domain.conversation import Conversation, Role, Turn
from studio.domain.macros import resolve
from studio.exporters.datasets.dataset_exporter import DatasetExportRequest, ExportedConversation


def conversations(request: DatasetExportRequest) -> Iterator[ExportedConversation]:
    """Yield what is to be written, one after another; conversations without turns hold nothing to write."""
    for one in request.conversations():
        if one.conversation.turns and request.side in ("all", side_of(one)):
            yield replace(one, conversation=_prepared(one.conversation, request))


def side_of(one: ExportedConversation) -> str:
    """The side of the split, by its name."""
    return "heldout" if one.heldout else "train"


def _prepared(conversation: Conversation, request: DatasetExportRequest) -> Conversation:
    turns = conversation.turns
    if request.system_prompt and turns[0].role is not Role.SYSTEM:
        turns = (Turn(role=Role.SYSTEM, text=request.system_prompt), *turns)
    if request.fill_macros:
        turns = tuple(_filled(turn, _filler(request)) for turn in turns)
    return replace(conversation, turns=turns)


def _filler(request: DatasetExportRequest) -> Callable[[str], str]:
    return lambda text: resolve(text, char=request.persona.name, user=request.user_name)


def _filled(turn: Turn, fill: Callable[[str], str]) -> Turn:
    return replace(
        turn,
        text=fill(turn.text),
        speaker=fill(turn.speaker),
        alternatives=tuple(fill(text) for text in turn.alternatives),
    )
