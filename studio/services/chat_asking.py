"""Asking: all columns at once, one reply anew, going on with a reply, what the user might say."""

import secrets
from collections.abc import Sequence
from dataclasses import replace

from studio.domain.chat import SCENE, Chat, ChatMessage, Contestant, Sampler
from studio.domain.clock import now
from studio.domain.conversation import Role
from studio.domain.errors import StudioError
from studio.domain.ids import new_id
from studio.domain.lorebook import LoreHit
from studio.services.chat_desk import ChatPart, refuse_too_many
from studio.services.question import Question
from studio.services.replies import ReplyJob, ReplyRow
from studio.services.scene_turns import scene_question, whose_turn

TITLE_LENGTH = 48


class ChatAsking(ChatPart):
    """Every reply is a message below what it answers, so that nothing that was said is lost."""

    def ask(
        self,
        chat_id: str,
        text: str,
        *,
        sampler: Sampler | None = None,
        seed: int | None = None,
        same_seed: bool | None = None,
    ) -> ReplyJob:
        """Say something to all columns; they answer together. A column's own sampler and seed go before these."""
        chat = self._desk.chat(chat_id)
        if not text.strip():
            raise StudioError("prompt_empty")
        if not chat.columns:
            chat = self._desk.keep(chat_id, columns=tuple((one, "") for one in self._desk.contestants.suggested()))
        first = _drawn(chat.settings.seed if seed is None else seed)
        same = chat.settings.same_seed if same_seed is None else same_seed
        chat = self._say(chat, text)
        questions = []
        for at, (contestant, tip) in enumerate(chat.columns):
            shared = first if same else (first + at) % 2**31
            own = shared if contestant.seed is None else contestant.seed
            questions.append(self._question(chat, at, tip, sampler, own))
        return self._answer(chat, questions)

    def regenerate(
        self,
        chat_id: str,
        column: int,
        *,
        message_id: str = "",
        sampler: Sampler | None = None,
        seed: int | None = None,
    ) -> ReplyJob:
        """Answer once more: the last prompt, or what a reply of the thread answers; the new one stands beside it.

        Without a seed in the words, a fixed one of the column or the chat counts on from reply to reply.
        """
        chat = self._desk.chat(chat_id)
        _, tip = self._desk.column(chat, column)
        if not (message_id or tip):
            raise StudioError("prompt_empty")
        last = self._desk.message(chat_id, message_id or tip)
        speaker = self._speaker(chat, last)
        if last.role is Role.PERSONA:
            chat = self._desk.at(chat, column, last.parent_id)
        elif message_id:
            chat = self._desk.at(chat, column, message_id)
        tip = chat.columns[column][1]
        drawn = self._next_seed(chat, column, tip) if seed is None else seed
        return self._answer(chat, [self._question(chat, column, tip, sampler, drawn, speaker=speaker)])

    def answer_together(self, chat_id: str, columns: Sequence[int], *, seed: int | None = None) -> ReplyJob:
        """Answer the last words of several columns, as one batch; replies that stand there already stay as swipes."""
        chat = self._desk.chat(chat_id)
        shared, questions = _drawn(seed), []
        for at in columns:
            chat, last = self._last(chat_id, at)
            speaker = self._speaker(chat, last)
            if last.role is Role.PERSONA:
                chat = self._desk.at(chat, at, last.parent_id)
            (contestant, tip), manners = chat.columns[at], chat.settings
            fixed = seed is None and (contestant.seed is not None or manners.seed is not None)
            own = shared if manners.same_seed else (shared + at) % 2**31
            drawn = self._next_seed(chat, at, tip) if fixed else own
            questions.append(self._question(chat, at, tip, None, drawn, speaker=speaker))
        return self._answer(chat, questions)

    def speak(self, chat_id: str, speaker: str, *, seed: int | None = None) -> ReplyJob:
        """Let somebody in a scene say the next line."""
        chat = self._desk.chat(chat_id)
        _, tip = self._desk.column(chat, 0)
        drawn = self._next_seed(chat, 0, tip) if seed is None else seed
        return self._answer(chat, [self._question(chat, 0, tip, None, drawn, speaker=speaker)])

    def continue_reply(
        self, chat_id: str, column: int, *, sampler: Sampler | None = None, seed: int | None = None
    ) -> ReplyJob:
        """Go on with the last reply's words; the longer reply stands beside the one that it begins with."""
        chat, last = self._last(chat_id, column)
        if last.role is not Role.PERSONA:
            raise StudioError("nothing_to_continue")
        chat = self._desk.at(chat, column, last.parent_id)
        drawn = self._next_seed(chat, column, last.parent_id) if seed is None else seed
        speaker = str(last.made_by.get("speaker", ""))
        question = self._question(chat, column, last.parent_id, sampler, drawn, speaker=speaker)
        return self._answer(chat, [replace(question, continues=last.text, continued=last.id)])

    def impersonate(
        self, chat_id: str, column: int, *, sampler: Sampler | None = None, seed: int | None = None
    ) -> ReplyJob:
        """What the user might say next, in this column's voice. Nothing is stored; the words are the job's."""
        chat = self._desk.chat(chat_id)
        _, tip = self._desk.column(chat, column)
        question = self._question(chat, column, tip, sampler, _drawn(seed))
        return self._desk.replies.ask([replace(question, impersonates=True)], sampler or chat.sampler)

    def lore_for(self, chat_id: str, column: int) -> list[LoreHit]:
        """The lorebook's entries that the end of a thread calls up, and by which word; what did not fit, too."""
        chat = self._desk.chat(chat_id)
        _, tip = self._desk.column(chat, column)
        return list(self._desk.replies.prompt(self._question(chat, column, tip, None, 0)).lore)

    def left_out(self, chat_id: str, column: int) -> list[ChatMessage]:
        """The messages that no longer fitted into the context when the last reply of a column was written."""
        chat = self._desk.chat(chat_id)
        thread = self._desk.library.chats.thread(self._desk.column(chat, column)[1])
        counts = [one.made_by.get("left_out", 0) for one in thread if one.role is Role.PERSONA]
        gone = counts[-1] if counts else 0
        return thread[:gone] if isinstance(gone, int) else []

    def answer_once(
        self,
        prompt: str,
        contestants: Sequence[Contestant],
        *,
        sampler: Sampler | None = None,
        seed: int | None = None,
    ) -> ReplyJob:
        """Ask without a chat; nothing is stored."""
        refuse_too_many(contestants)
        if not prompt.strip():
            raise StudioError("prompt_empty")
        said = [ChatMessage(id="", chat_id="", parent_id="", role=Role.USER, text=prompt)]
        first = _drawn(seed)
        questions = [
            Question(column=at, contestant=one, thread=said, seed=first if one.seed is None else one.seed)
            for at, one in enumerate(contestants)
        ]
        return self._desk.replies.ask(questions, sampler or Sampler())

    def _question(
        self, chat: Chat, column: int, tip: str, sampler: Sampler | None, seed: int, speaker: str = ""
    ) -> Question:
        contestant, _ = self._desk.column(chat, column)
        thread, earlier = self._desk.library.chats.recent(tip, self._desk.replies.room(contestant))
        question = Question(
            column=column, contestant=contestant, thread=thread, seed=seed, lane=chat.lane(column),
            settings=chat.settings, sampler=contestant.sampler or sampler or chat.sampler,
            earlier=earlier,
        )  # fmt: skip
        return scene_question(question, self._desk.contestants, speaker) if chat.kind == SCENE else question

    def _speaker(self, chat: Chat, last: ChatMessage) -> str:
        """Who answers in a scene: who said the reply that is said anew, or whose turn it is after the user's words."""
        if chat.kind != SCENE:
            return ""
        if last.role is Role.PERSONA:
            return str(last.made_by.get("speaker", ""))
        return whose_turn(chat, self._desk.library.chats.thread(last.id), self._desk.contestants)

    def _last(self, chat_id: str, column: int) -> tuple[Chat, ChatMessage]:
        """A chat and the message at a column's tip."""
        chat = self._desk.chat(chat_id)
        _, tip = self._desk.column(chat, column)
        if not tip:
            raise StudioError("prompt_empty")
        return chat, self._desk.message(chat_id, tip)

    def _next_seed(self, chat: Chat, column: int, parent_id: str) -> int:
        """A fresh seed; a fixed one counts on with every reply that stands there, or all would be the same."""
        fixed = chat.columns[column][0].seed
        fixed = chat.settings.seed if fixed is None else fixed
        return _drawn(None) if fixed is None else (fixed + self._desk.library.chats.count_below(parent_id)) % 2**31

    def _say(self, chat: Chat, text: str) -> Chat:
        """Put the user's words under every column's tip."""
        columns, said = [], []
        for column, (contestant, tip) in enumerate(chat.columns):
            message = ChatMessage(
                id=new_id("say"), chat_id=chat.id, parent_id=tip, role=Role.USER, text=text,
                made_by={"column": chat.lane(column)}, created_at=now(),
            )  # fmt: skip
            said.append(message)
            columns.append((contestant, message.id))
        with self._desk.library.transaction():
            self._desk.library.chats.add_messages(said)
            return self._desk.keep(chat.id, columns=tuple(columns), title=chat.title or _title(text))

    def _answer(self, chat: Chat, questions: Sequence[Question]) -> ReplyJob:
        asked = {question.column: question for question in questions}

        def store(row: ReplyRow, made_by: dict[str, object]) -> str:
            return self._store_reply(chat.id, row, asked[row.column], made_by)

        return self._desk.replies.ask(questions, chat.sampler, store)

    def _store_reply(self, chat_id: str, row: ReplyRow, question: Question, made_by: dict[str, object]) -> str:
        """Keep a reply; its column goes there, unless the user has gone elsewhere meanwhile, or deleted the chat."""
        library = self._desk.library
        chat = library.chats.get(chat_id)
        if chat is None or (question.parent_id and library.chats.message(question.parent_id) is None):
            return ""
        reply = ChatMessage(
            id=new_id("say"), chat_id=chat_id, parent_id=question.parent_id, role=Role.PERSONA, text=row.text,
            made_by=made_by, created_at=now(),
        )  # fmt: skip
        with library.transaction():
            library.chats.add_message(reply)
            at = _where(chat, question)
            if at is not None:
                self._desk.at(chat, at, reply.id)
        return reply.id


def _where(chat: Chat, question: Question) -> int | None:
    """The column that still waits for this reply, by its lane: others may have come or gone meanwhile."""
    for at, (_, tip) in enumerate(chat.columns):
        if chat.lane(at) == question.lane and tip == question.parent_id:
            return at
    return None


def _drawn(seed: int | None) -> int:
    return secrets.randbelow(2**31) if seed is None else seed


def _title(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1].rstrip() + "…"
