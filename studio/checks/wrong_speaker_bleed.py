"""The persona's turn goes on with what somebody else says."""

from collections.abc import Iterator
from dataclasses import replace

from studio.checks._labels import labelled_parts, other_label, other_names, own_names
from studio.checks._look import Look, TurnLook, excerpt
from studio.checks._surgery import edited, joinable, joined, take_out, with_turns
from studio.checks.check import Check, Context, Repair, RepairContext, Repaired
from studio.domain.checks import Severity
from studio.domain.conversation import Conversation, Role, Turn


def _find(turn: TurnLook, look: Look) -> str:
    if ":" not in turn.text:
        return ""
    match = other_label(other_names(look.conversation, look.context)).search(turn.text)
    return excerpt(turn.text, match.start()) if match else ""


def _cut_off(key: str, conversation: Conversation, given: RepairContext) -> Repaired:
    del key
    label = other_label(other_names(conversation, given.context))
    turns = [
        edited(turn, turn.text[: match.start()].rstrip())
        if _learned(turn) and (match := label.search(turn.text))
        else turn
        for turn in conversation.turns
    ]
    emptied = [index for index, turn in enumerate(turns) if not turn.text and conversation.turns[index].text]
    return take_out(replace(conversation, turns=tuple(turns)), emptied, conversation)


def _split(key: str, conversation: Conversation, given: RepairContext) -> Repaired:
    del key
    label = other_label(other_names(conversation, given.context))
    turns: list[Turn] = []
    grown = False
    for turn in conversation.turns:
        bleeds = _learned(turn) and ":" in turn.text and bool(label.search(turn.text))
        parts = list(_parts(turn, conversation, given.context)) if bleeds else [turn]
        for part in parts:
            if (grown or bleeds) and turns and joinable(turns[-1], part):
                turns[-1] = joined(turns[-1], part)
            else:
                turns.append(part)
        grown = bleeds
    return with_turns(conversation, turns)


def _learned(turn: Turn) -> bool:
    return turn.role is Role.PERSONA and turn.train


def _parts(turn: Turn, conversation: Conversation, context: Context) -> Iterator[Turn]:
    """The turn as several: the persona's words and the others', each without its label."""
    others, own = other_names(conversation, context), own_names(conversation, context)
    whole = replace(turn, alternatives=())
    for other, name, words in labelled_parts(turn.text, others, own):
        if not words:
            continue
        if other:
            speaker = name if name in others else _usual_speaker(conversation)
            yield replace(edited(whole, words), role=Role.USER, speaker=speaker, train=True)
        else:
            yield edited(whole, words)


def _usual_speaker(conversation: Conversation) -> str:
    return next((turn.speaker for turn in conversation.turns if turn.role is Role.USER), "")


ENTRY = Check(
    code="wrong_speaker_bleed",
    severity=Severity.WARN,
    order=50,
    in_turn=_find,
    at_once=True,
    repairs=(
        Repair(
            name="bleed_split",
            label="Split into turns",
            summary="What stands after somebody's name becomes a turn of theirs.",
            apply=_split,
        ),
        Repair(
            name="bleed_cut",
            label="Cut off what comes after",
            summary="The persona's turn ends before the other's name; the rest of it is deleted.",
            apply=_cut_off,
        ),
    ),
)
