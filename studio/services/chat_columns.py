"""Who answers in which column of a chat: contestants come, go and change in the middle of it; threads stay theirs."""

from collections.abc import Sequence
from dataclasses import replace
from functools import cache

from studio.domain.chat import Chat, Contestant, Sampler
from studio.domain.errors import StudioError
from studio.services.card_sampler import CardSamplers
from studio.services.chat_desk import ChatPart, refuse_too_many
from studio.services.contestants import ContestantLabel
from studio.services.job import Job
from studio.services.sliced import Steps, at_once, run_sliced
from studio.services.thread_copies import ThreadCopies

SWEEP = (0.0, 0.25, 0.5, 0.75, 1.0, 1.25)
"""Strengths of a sweep where none are named."""
_Column = tuple[Contestant, str, int]  # with its lane


class ChatColumns(ChatPart):
    """A column keeps its number (its lane) when others come and go, so that swipes are found again."""

    def set_columns(self, chat_id: str, contestants: Sequence[Contestant]) -> Chat:
        """Choose who answers. A contestant that stays keeps its thread; a new one starts empty."""
        refuse_too_many(contestants)
        chat = self._desk.chat(chat_id)
        fresh = self._fresh_lane(chat)
        taken = _matched(_columns(chat), contestants)
        columns: list[_Column] = []
        for wanted, there in zip(contestants, taken, strict=True):
            columns.append((wanted, there[1], there[2]) if there else (self._with_manners(wanted), "", fresh))
            fresh += not there
        return self._keep(chat, columns)

    def arrange(self, chat_id: str, columns: Sequence[tuple[Contestant, str]]) -> Chat:
        """Set the columns, each with the tip that it stands at: one was moved, taken away, or begins where another is.

        Where two stand at one message, the later one gets the same words as a thread of its own.
        """
        with self._desk.library.transaction():
            return at_once(self._arranging(chat_id, columns, ThreadCopies(self._desk.library, chat_id)))

    def arrange_job(self, chat_id: str, columns: Sequence[tuple[Contestant, str]]) -> Job[Chat]:
        """The same in slices; where there is little to copy it has ended when this returns.

        Given up, the columns stay as they were.
        """
        return run_sliced(self._desk.deliver, "arranging", self._arranging_in_slices(chat_id, columns), begun=True)

    def _arranging_in_slices(self, chat_id: str, columns: Sequence[tuple[Contestant, str]]) -> Steps[Chat]:
        copies = ThreadCopies(self._desk.library, chat_id)
        try:
            with self._desk.library.hurried():
                return (yield from self._arranging(chat_id, columns, copies))
        except Exception:
            yield from copies.taking_back()
            raise

    def _arranging(self, chat_id: str, columns: Sequence[tuple[Contestant, str]], copies: ThreadCopies) -> Steps[Chat]:
        refuse_too_many(columns)
        for tip in filter(None, (tip for _, tip in columns)):
            self._desk.message(chat_id, tip)
        chat = self._desk.chat(chat_id)
        lanes = {tip: lane for _, tip, lane in _columns(chat) if tip}
        placed: list[_Column] = []
        fresh, thread = self._fresh_lane(chat), cache(self._desk.library.chats.thread)
        for contestant, tip in columns:
            known = lanes.pop(tip, None) if tip else _empty_lane(chat, contestant, placed)
            if known is None:
                known, fresh = fresh, fresh + 1
                tip = (yield from copies.copying(thread(tip), known)) if tip else tip
            placed.append((contestant, tip, known))
        return self._keep(chat, placed)

    def set_contestant(self, chat_id: str, column: int, contestant: Contestant) -> Chat:
        """Change who answers in a column, or how strongly; its thread stays."""
        chat = self._desk.chat(chat_id)
        before, tip = self._desk.column(chat, column)
        ready = contestant if contestant.voice == before.voice else self._with_manners(contestant)
        return self._desk.with_column(chat, column, ready, tip)

    def continue_with(self, chat_id: str, column: int, onto: Sequence[int] = ()) -> Chat:
        """Let all other columns (or those named) go on from this one's thread; what they had stays as a branch."""
        chat = self._desk.chat(chat_id)
        _, tip = self._desk.column(chat, column)
        thread = self._desk.library.chats.thread(tip)
        others = onto or [at for at in range(len(chat.columns)) if at != column]
        columns = list(chat.columns)
        with self._desk.library.transaction():
            for at in others:
                contestant, _ = self._desk.column(chat, at)
                columns[at] = (contestant, self._desk.copied(thread, chat_id, chat.lane(at)))
            return self._desk.keep(chat_id, columns=tuple(columns))

    def sweep(self, adapter_id: str, strengths: Sequence[float] = SWEEP) -> list[Contestant]:
        """One adapter at several strengths, as columns with one seed."""
        refuse_too_many(strengths)
        if any(not 0 <= strength <= 4 for strength in strengths):
            raise StudioError("strength_invalid", most="4")
        sampled = self._with_manners(Contestant(adapter_id=adapter_id))
        self._desk.contestants.adapter(sampled)
        return [replace(sampled, strength=strength) for strength in dict.fromkeys(strengths)]

    def suggested_contestants(self) -> list[Contestant]:
        """The base, and the newest adapter of each persona: four at most."""
        return [self._with_manners(one) for one in self._desk.contestants.suggested()]

    def contestants_in_training(self) -> list[Contestant]:
        """The run that trains now, if any: it answers with what it has learned so far."""
        return self._desk.contestants.in_training()

    def checkpoints(self, run_id: str) -> list[int]:
        """The steps of a run that can be talked to, the oldest first."""
        return self._desk.contestants.steps(run_id)

    def label(self, contestant: Contestant) -> ContestantLabel:
        """How to call a contestant."""
        return self._desk.contestants.label(contestant)

    def card_sampler(self, contestant: Contestant) -> Sampler | None:
        """Values that a card or an adapter brings for its own replies; None where it says nothing of them."""
        return CardSamplers(self._desk.library, self._desk.contestants).sampler(contestant)

    def _with_manners(self, contestant: Contestant) -> Contestant:
        """Who comes new into a chat speaks as its card says, where it says anything of that."""
        if contestant.sampler is not None:
            return contestant
        return replace(contestant, sampler=self.card_sampler(contestant))

    def _fresh_lane(self, chat: Chat) -> int:
        used = [chat.lane(at) for at in range(len(chat.columns))]
        return max(self._desk.library.chats.last_lane(chat.id), *used, -1) + 1

    def _keep(self, chat: Chat, columns: Sequence[_Column]) -> Chat:
        return self._desk.keep(
            chat.id,
            columns=tuple((one, tip) for one, tip, _ in columns),
            lanes=tuple(lane for _, _, lane in columns),
        )


def _columns(chat: Chat) -> list[_Column]:
    return [(one, tip, chat.lane(at)) for at, (one, tip) in enumerate(chat.columns)]


def _matched(there: list[_Column], wanted: Sequence[Contestant]) -> list[_Column | None]:
    """For each contestant the column that was its own: the same one, else the same voice; each is taken once."""
    found: list[_Column | None] = [None] * len(wanted)
    left = list(there)
    for same in (_is_same, _is_voice, _is_adapter):
        for at, one in enumerate(wanted):
            if found[at] is None and (match := next((had for had in left if same(had[0], one)), None)):
                found[at] = match
                left.remove(match)
    return found


def _is_same(one: Contestant, other: Contestant) -> bool:
    return one == other


def _is_voice(one: Contestant, other: Contestant) -> bool:
    return one.voice == other.voice


def _is_adapter(one: Contestant, other: Contestant) -> bool:
    return one.adapter_id == other.adapter_id and one.step == other.step


def _empty_lane(chat: Chat, contestant: Contestant, placed: Sequence[_Column]) -> int | None:
    """The lane of a column that was empty before, with this contestant."""
    taken = {lane for _, _, lane in placed}
    here = [lane for one, tip, lane in _columns(chat) if not tip and one.voice == contestant.voice]
    return next((lane for lane in here if lane not in taken), None)
