"""Chats: one prompt, many voices. A chat is a tree of messages; a column is a contestant with the tip of its thread."""

import secrets
from collections.abc import Sequence
from dataclasses import replace

from studio.domain.changes import Kind
from studio.domain.chat import Chat, ChatMessage, Contestant, Sampler
from studio.domain.clock import now
from studio.domain.conversation import Role
from studio.domain.errors import StudioError
from studio.domain.ids import new_id
from studio.library.library import Library
from studio.services.change_feed import ChangeFeed
from studio.services.contestants import ContestantLabel, Contestants
from studio.services.replies import Question, Replies, ReplyJob, ReplyRow
from studio.services.undo import Undo

COLUMN_LIMIT = 8
TITLE_LENGTH = 48
_SAMPLER = Sampler()
_Messages = list[ChatMessage]  # inside the class, ``list`` is the method
_Contestants = list[Contestant]


class Chats:
    """The user's words are stored before anybody answers; a reply is stored when it ends, however it ends."""

    def __init__(
        self, library: Library, changes: ChangeFeed, contestants: Contestants, replies: Replies, undo: Undo
    ) -> None:
        self._library = library
        self._changes = changes
        self._contestants = contestants
        self._replies = replies
        self._undo = undo

    def list(self) -> list[Chat]:
        """All chats, the one last spoken in first."""
        return self._library.chats.all()

    def get(self, chat_id: str) -> Chat:
        """One chat."""
        chat = self._library.chats.get(chat_id)
        if chat is None:
            raise StudioError("not_found", what="chat", name=chat_id)
        return chat

    def create(self, title: str = "", contestants: Sequence[Contestant] = ()) -> Chat:
        """Begin a chat; without contestants, the suggested ones."""
        chosen = list(contestants) or self.suggested_contestants()
        _check_count(chosen)
        chat = Chat(id=new_id("chat"), title=title, columns=tuple((one, "") for one in chosen), created_at=now())
        self._library.chats.add(chat)
        self._changes.tell(Kind.CHAT, ids=(chat.id,))
        return chat

    def messages(self, chat_id: str) -> _Messages:
        """The whole tree, oldest first."""
        return self._library.chats.messages(chat_id)

    def thread(self, chat_id: str, column: int) -> _Messages:
        """What a column shows: the messages from the root to its tip."""
        return self._library.chats.thread(self._column(self.get(chat_id), column)[1])

    def siblings(self, message_id: str) -> _Messages:
        """The swipes and branches beside a message, itself included: those that were made in the same column."""
        everyone = self._library.chats.siblings(message_id)
        column = next((_made_in(one) for one in everyone if one.id == message_id), 0)
        return [one for one in everyone if _made_in(one) == column]

    def set_columns(self, chat_id: str, contestants: Sequence[Contestant]) -> Chat:
        """Choose who answers. A contestant that stays keeps its thread; a new one starts empty."""
        _check_count(contestants)
        left = list(self.get(chat_id).columns)
        return self._keep(chat_id, columns=tuple((one, _taken_tip(left, one)) for one in contestants))

    def set_contestant(self, chat_id: str, column: int, contestant: Contestant) -> Chat:
        """Change who answers in a column, or how strongly; its thread stays."""
        chat = self.get(chat_id)
        return self._with_column(chat, column, contestant, self._column(chat, column)[1])

    def choose(self, chat_id: str, column: int, message_id: str) -> Chat:
        """Show the branch of a message: its newest leaf becomes the tip."""
        chat = self.get(chat_id)
        self._message(chat_id, message_id)
        tip = self._library.chats.newest_leaf(message_id)
        return self._with_column(chat, column, self._column(chat, column)[0], tip)

    def ask(
        self,
        chat_id: str,
        text: str,
        *,
        sampler: Sampler = _SAMPLER,
        seed: int | None = None,
        same_seed: bool = True,
    ) -> ReplyJob:
        """Say something to all columns; they answer together."""
        chat = self.get(chat_id)
        if not text.strip():
            raise StudioError("prompt_empty")
        if not chat.columns:
            chat = self.set_columns(chat_id, self.suggested_contestants())
        first = _first_seed(seed)
        chat = self._say(chat, text)
        questions = [
            self._question(chat, column, first if same_seed else (first + column) % 2**31)
            for column in range(len(chat.columns))
        ]
        return self._answer(chat_id, questions, sampler)

    def regenerate(
        self, chat_id: str, column: int, *, sampler: Sampler = _SAMPLER, seed: int | None = None
    ) -> ReplyJob:
        """Answer a column's last prompt once more; the new reply stands beside the old one."""
        chat = self.get(chat_id)
        contestant, tip = self._column(chat, column)
        if not tip:
            raise StudioError("prompt_empty")
        last = self._message(chat_id, tip)
        if last.role is Role.PERSONA:
            chat = self._with_column(chat, column, contestant, last.parent_id)
        return self._answer(chat_id, [self._question(chat, column, _first_seed(seed))], sampler)

    def edit(self, chat_id: str, column: int, message_id: str, text: str) -> Chat:
        """Write a message anew, as a branch beside the old one; the column goes on from there."""
        if not text.strip():
            raise StudioError("prompt_empty")
        chat, old = self.get(chat_id), self._message(chat_id, message_id)
        edited = replace(old, id=new_id("say"), text=text, made_by=_edited(old, column), created_at=now())
        self._library.chats.add_message(edited)
        return self._with_column(chat, column, self._column(chat, column)[0], edited.id)

    def rename(self, chat_id: str, title: str) -> Chat:
        """Give a chat another title."""
        return self._keep(chat_id, title=" ".join(title.split()))

    def delete(self, chat_id: str) -> str:
        """Move a chat to the trash; return the token of ``undo``."""
        return self._undo.remove(Kind.CHAT, chat_id)

    def suggested_contestants(self) -> _Contestants:
        """The base, and the newest adapter of each persona: four at most."""
        return self._contestants.suggested()

    def contestants_in_training(self) -> _Contestants:
        """The run that trains now, if any: it answers with what it has learned so far."""
        return self._contestants.in_training()

    def label(self, contestant: Contestant) -> ContestantLabel:
        """How to call a contestant."""
        return self._contestants.label(contestant)

    def answer_once(
        self,
        prompt: str,
        contestants: Sequence[Contestant],
        *,
        sampler: Sampler = _SAMPLER,
        seed: int | None = None,
    ) -> ReplyJob:
        """Ask without a chat; nothing is stored."""
        _check_count(contestants)
        if not prompt.strip():
            raise StudioError("prompt_empty")
        said = [ChatMessage(id="", chat_id="", parent_id="", role=Role.USER, text=prompt)]
        first = _first_seed(seed)
        questions = [
            Question(column=column, contestant=one, thread=said, seed=first) for column, one in enumerate(contestants)
        ]
        return self._replies.ask(questions, sampler)

    def _answer(self, chat_id: str, questions: Sequence[Question], sampler: Sampler) -> ReplyJob:
        tips = {question.column: question.thread[-1].id for question in questions}

        def store(row: ReplyRow, made_by: dict[str, object]) -> str:
            return self._store_reply(chat_id, row, tips[row.column], made_by)

        return self._replies.ask(questions, sampler, store)

    def _say(self, chat: Chat, text: str) -> Chat:
        """Put the user's words under every column's tip."""
        columns, said = [], []
        for column, (contestant, tip) in enumerate(chat.columns):
            message = ChatMessage(
                id=new_id("say"), chat_id=chat.id, parent_id=tip, role=Role.USER, text=text,
                made_by={"column": column}, created_at=now(),
            )  # fmt: skip
            said.append(message)
            columns.append((contestant, message.id))
        with self._library.transaction():
            self._library.chats.add_messages(said)
            return self._keep(chat.id, columns=tuple(columns), title=chat.title or _title(text))

    def _question(self, chat: Chat, column: int, seed: int) -> Question:
        contestant, tip = self._column(chat, column)
        return Question(column=column, contestant=contestant, thread=self._library.chats.thread(tip), seed=seed)

    def _store_reply(self, chat_id: str, row: ReplyRow, parent_id: str, made_by: dict[str, object]) -> str:
        """Keep a reply; its column goes there, unless the user has gone elsewhere meanwhile, or deleted the chat."""
        chat = self._library.chats.get(chat_id)
        if chat is None:
            return ""
        reply = ChatMessage(
            id=new_id("say"), chat_id=chat_id, parent_id=parent_id, role=Role.PERSONA, text=row.text,
            made_by=made_by, created_at=now(),
        )  # fmt: skip
        with self._library.transaction():
            self._library.chats.add_message(reply)
            if row.column < len(chat.columns) and chat.columns[row.column][1] == parent_id:
                self._with_column(chat, row.column, chat.columns[row.column][0], reply.id)
        return reply.id

    def _column(self, chat: Chat, column: int) -> tuple[Contestant, str]:
        if not 0 <= column < len(chat.columns):
            raise StudioError("not_found", what="column", name=str(column))
        return chat.columns[column]

    def _message(self, chat_id: str, message_id: str) -> ChatMessage:
        found = self._library.chats.message(message_id)
        if found is None or found.chat_id != chat_id:
            raise StudioError("not_found", what="message", name=message_id)
        return found

    def _with_column(self, chat: Chat, column: int, contestant: Contestant, tip: str) -> Chat:
        changed = (*chat.columns[:column], (contestant, tip), *chat.columns[column + 1 :])
        return self._keep(chat.id, columns=changed)

    def _keep(self, chat_id: str, **fields: object) -> Chat:
        chat = replace(self.get(chat_id), **fields)  # type: ignore[arg-type]
        self._library.chats.update(chat)
        self._changes.tell(Kind.CHAT, ids=(chat_id,))
        return chat


def _check_count(contestants: Sequence[Contestant]) -> None:
    if len(contestants) > COLUMN_LIMIT:
        raise StudioError("too_many_rows", limit=COLUMN_LIMIT)


def _taken_tip(left: list[tuple[Contestant, str]], wanted: Contestant) -> str:
    """The tip of the first column left with this adapter; each is taken once."""
    for at, (contestant, tip) in enumerate(left):
        if contestant.adapter_id == wanted.adapter_id:
            del left[at]
            return tip
    return ""


def _made_in(message: ChatMessage) -> object:
    return message.made_by.get("column", 0)


def _edited(old: ChatMessage, column: int) -> dict[str, object]:
    made_by = dict(old.made_by) | {"column": column}
    return made_by | {"edited": True} if old.role is Role.PERSONA else made_by


def _first_seed(seed: int | None) -> int:
    return secrets.randbelow(2**31) if seed is None else seed


def _title(text: str) -> str:
    line = " ".join(text.split())
    return line if len(line) <= TITLE_LENGTH else line[: TITLE_LENGTH - 1].rstrip() + "…"
