"""Real people's chats made fit to learn from: names become placeholders or invented ones, details become their kind.

In a talk of two the other is ``{{user}}``, who will be talking to the persona later. Where several others speak, each
has an invented name, the same one over the whole file. The persona is ``{{char}}``.
"""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass, replace

from studio.domain.checks import Finding
from studio.domain.conversation import Conversation, Role, Turn
from studio.importers._private_details import DetailMask
from studio.importers._private_names import CHARACTER, USER, NameMask
from studio.importers._wording import note


def protect(
    conversations: Sequence[Conversation],
    speakers: Sequence[str],
    persona_name: str,
    *,
    names: bool,
    details: bool,
    checkpoint: Callable[[], None] = lambda: None,
) -> tuple[tuple[Conversation, ...], tuple[Finding, ...]]:
    """Return the conversations without what was asked to be hidden, and what to tell about it.

    ``persona_name`` is the persona's name among the speakers. The count of ``names_hidden`` is one of people, that of
    ``details_hidden`` one of places. ``checkpoint`` is called between conversations and raises when the user cancelled.
    """
    own, others = _people(conversations, speakers, persona_name)
    name_mask = NameMask(others, own, _texts(conversations)) if names else None
    detail_mask = DetailMask() if details else None
    changed = []
    for talk in conversations:
        checkpoint()
        curtain = _Curtain(name_mask, detail_mask, _only_other(talk, name_mask, others) if name_mask else "")
        changed.append(_changed(talk, curtain))
    hidden = detail_mask.hidden if detail_mask else 0
    people = len(others) + 1 if names and conversations else 0
    return tuple(changed), (*note("names_hidden", people), *note("details_hidden", hidden))


@dataclass(frozen=True)
class _Curtain:
    """What is hidden in one conversation; ``user`` is the one other who speaks in it, case folded."""

    names: NameMask | None
    details: DetailMask | None
    user: str

    def words(self, text: str) -> str:
        """Labels first: people who are no contacts are called by their number. Then details, which may hold names."""
        if self.names:
            text = self.names.without_labels(text, self.user)
        if self.details:
            text = self.details.masked(text)
        return self.names.without_names(text, self.user) if self.names else text

    def source(self, name: str) -> str:
        """A file's name without people's; messengers put the other's into it."""
        return self.names.without_names(name, self.user) if self.names else name

    def speaker(self, turn: Turn) -> str:
        """What the speaker of a turn is called."""
        if not turn.speaker:
            return ""
        if self.names:
            return CHARACTER if turn.role is Role.PERSONA else self.names.name_of(turn.speaker, self.user)
        return self.details.masked(turn.speaker) if self.details else turn.speaker


def _people(
    conversations: Sequence[Conversation], speakers: Sequence[str], persona_name: str
) -> tuple[list[str], list[str]]:
    """The persona's names in the file, and everybody else's; spellings that differ in case are one."""
    turns = [turn for talk in conversations for turn in talk.turns if turn.speaker]
    own = _once([persona_name, *(turn.speaker for turn in turns if turn.role is Role.PERSONA)], without=())
    named = (*speakers, *(turn.speaker for turn in turns if turn.role is Role.USER))
    return own, _once(named, without=own)


def _once(names: Iterable[str], *, without: Sequence[str]) -> list[str]:
    known = {name.casefold() for name in (*without, CHARACTER, USER, "")}
    found: dict[str, str] = {}
    for name in names:
        if name.casefold() not in known:
            found.setdefault(name.casefold(), name)
    return list(found.values())


def _only_other(talk: Conversation, mask: NameMask, others: Sequence[str]) -> str:
    """The one who talks with the persona, or nothing when there are several."""
    known = {name.casefold() for name in others}
    heard: set[str] = set()
    for turn in talk.turns:
        if turn.role is Role.USER:
            heard |= {turn.speaker.casefold()} & known or set(mask.others_in(turn.text))
    return next(iter(heard)) if len(heard) == 1 else ""


def _texts(conversations: Sequence[Conversation]) -> Iterator[str]:
    return (turn.text for talk in conversations for turn in talk.turns)


def _changed(talk: Conversation, curtain: _Curtain) -> Conversation:
    turns = tuple(
        replace(
            turn,
            text=curtain.words(turn.text),
            speaker=curtain.speaker(turn),
            alternatives=tuple(curtain.words(other) for other in turn.alternatives),
        )
        for turn in talk.turns
    )
    return replace(talk, turns=turns, title=curtain.words(talk.title), source=curtain.source(talk.source))
