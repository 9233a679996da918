"""A question as the engine reads it: whose card, which lore, which notes, what was said."""

from collections.abc import Mapping, Sequence
from dataclasses import replace
from datetime import datetime

from msgspec import structs

from studio.domain.card_macros import Macros, fill
from studio.domain.card_text import card_extension, card_field
from studio.domain.chat import CARD_FULL, Sampler
from studio.domain.clock import now
from studio.domain.conversation import Role
from studio.domain.lore_entry import number
from studio.domain.lorebook import LoreHit, book_of, called
from studio.domain.macros import resolve
from studio.domain.persona import Persona
from studio.domain.prompt_parts import Note, Prompt, Said, assembled, with_original
from studio.domain.scene import heard, stage_direction
from studio.protocol import commands
from studio.services.contestants import Contestants
from studio.services.lore_patterns import stands_in
from studio.services.question import Question

NOTE_DEPTH = 4
"""Messages before the end, where a card's own note does not say."""


class Prompts:
    """An adapter reads the short form that it was trained with; what cards say beyond that stands with the whole card.

    In what was said only names are filled in; the words around it know all placeholders of cards.
    """

    def __init__(self, contestants: Contestants) -> None:
        self._contestants = contestants

    def prompt(self, question: Question) -> Prompt:
        """Everything that stands before the reply, filled in."""
        persona = self._contestants.persona(question.contestant)
        char, user = self._contestants.name(question.contestant), self._contestants.user_name
        said = [(role, resolve(text, char=char, user=user)) for role, text in _said(question)]
        macros = _macros(question, persona, said, char, user)
        system, notes = self._system(question, persona), self._notes(question, persona)
        return assembled(
            fill(system, macros),
            said,
            lore=self._lore(question, persona, said, macros),
            notes=[replace(note, text=fill(note.text, macros)) for note in notes],
        )

    def row(self, question: Question, sampler: Sampler) -> commands.Row:
        """The question as a row of a batch, still without the adapters that speak (see ``voiced``)."""
        prompt = self.prompt(question)
        return commands.Row(
            messages=[commands.Message(role=role.value, text=text) for role, text in prompt.said],
            seed=question.seed,
            sampling=sampling_of(sampler, self._stops(question)),
            write_as="user" if question.impersonates else "assistant",
            continues=question.continues,
            pinned=prompt.pinned,
        )

    def voiced(self, row: commands.Row, question: Question) -> commands.Row:
        """The row with its adapters; a checkpoint that was not made into one yet is made now, which takes time."""
        return structs.replace(row, gates=self._contestants.gates(question.contestant))

    def _system(self, question: Question, persona: Persona | None) -> str:
        """The column's own words, else the chat's, else the card's; each may hold what it replaces."""
        contestant, settings = question.contestant, question.settings
        card = self._contestants.card_prompt(contestant, persona)
        system = with_original(contestant.system_prompt, with_original(settings.system_prompt, card))
        if question.speaking is None:
            return system
        return "\n\n".join(filter(None, (system, stage_direction(question.speaking))))

    def _notes(self, question: Question, persona: Persona | None) -> list[Note]:
        settings = question.settings
        whole = persona if question.contestant.card == CARD_FULL else None
        last = with_original(settings.post_history, card_field(whole, "post_history_instructions") if whole else "")
        notes = [Note(text=settings.author_note, depth=settings.author_depth), Note(text=last)]
        return [note for note in (*(_depth_note(whole) if whole else ()), *notes) if note.text.strip()]

    def _lore(self, question: Question, persona: Persona | None, said: Sequence[Said], macros: Macros) -> list[LoreHit]:
        if persona is None or not question.settings.use_lorebook:
            return []
        texts = [text for role, text in said if role is not Role.SYSTEM]
        replies = sum(role is Role.PERSONA for role, _ in said)
        return called(
            book_of(persona.card), texts, replies=replies, fill=lambda text: fill(text, macros), finds=stands_in
        )

    def _stops(self, question: Question) -> tuple[str, ...]:
        if question.speaking is not None:
            return question.speaking.stops
        if question.impersonates:
            return (f"\n{self._contestants.name(question.contestant)}:",)
        return ()


def _depth_note(persona: Persona) -> list[Note]:
    """The note that SillyTavern keeps with a character, at its depth."""
    kept = card_extension(persona, "depth_prompt")
    text = kept.get("prompt") if isinstance(kept, Mapping) else None
    if not isinstance(kept, Mapping) or not isinstance(text, str):
        return []
    depth = number(kept.get("depth"))
    return [Note(text=text, depth=NOTE_DEPTH if depth is None else max(int(depth), 0))]


def _said(question: Question) -> list[Said]:
    if question.speaking is not None:
        return heard(question.thread, question.speaking)
    return [(message.role, message.text) for message in question.thread]


def _macros(question: Question, persona: Persona | None, said: Sequence[Said], char: str, user: str) -> Macros:
    mine = [text for role, text in said if role is Role.USER]
    theirs = [text for role, text in said if role is Role.PERSONA]
    speaking = question.speaking
    return Macros(
        char=char, user=user, persona=persona, last=said[-1][1] if said else "",
        last_user=mine[-1] if mine else "", last_char=theirs[-1] if theirs else "",
        everybody=", ".join(speaking.names.values()) if speaking else "", chance=str(question.seed),
        chat=question.thread[0].chat_id if question.thread else "", at=datetime.fromisoformat(now()).astimezone(),
    )  # fmt: skip


def sampling_of(sampler: Sampler, stops: Sequence[str] = ()) -> commands.Sampling:
    """The sampler as the engine reads it, with further words at which the reply ends."""
    return commands.Sampling(
        temperature=sampler.temperature, top_p=sampler.top_p, top_k=sampler.top_k, min_p=sampler.min_p,
        repetition_penalty=sampler.repetition_penalty, max_tokens=sampler.max_tokens,
        dry_multiplier=sampler.dry_multiplier, dry_base=sampler.dry_base,
        dry_allowed_length=sampler.dry_allowed_length,
        stop=[word for word in dict.fromkeys((*sampler.stop, *stops)) if word],
    )  # fmt: skip
