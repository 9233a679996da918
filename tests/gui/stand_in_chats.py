"""The stand-in's chats: a tree in memory, replies that a test writes piece by piece."""

from dataclasses import replace
from itertools import count
from types import SimpleNamespace

from studio.domain.chat import Chat, ChatMessage, Contestant, Sampler, ThreadMessage
from studio.domain.conversation import Role
from studio.domain.errors import StudioError
from studio.services.job import Job
from tests.gui.stand_in_things import ADAPTER, MIRA


class ReplyJob(Job):
    """A reply that a test writes piece by piece."""

    def __init__(self, columns):
        super().__init__("reply", on_cancel=lambda: self.fail(StudioError("cancelled")))
        self.columns, self.speakers = columns, {}
        self.deltas, self.rows = [], []

    def on_delta(self, listener):
        self.deltas.append(listener)

    def on_row(self, listener):
        self.rows.append(listener)

    def write(self, column, piece):
        for listener in self.deltas:
            listener(column, piece)


class Chats:
    """A tree in memory."""

    def __init__(self):
        self.stored: dict[str, Chat] = {}
        self.tree: list[ChatMessage] = []
        self.trouble: StudioError | None = None
        self.jobs: list[ReplyJob] = []
        self._ids = count(1)
        self.asked_with: list[tuple] = []
        self.steps: dict[str, list[int]] = {}

    def list(self):
        return list(self.stored.values())

    def get(self, chat_id):
        if chat_id not in self.stored:
            raise StudioError("not_found", what="chat", name=chat_id)
        return self.stored[chat_id]

    def create(self, title="", contestants=()):
        chat = Chat(id=f"chat-{next(self._ids)}", title=title, columns=tuple((one, "") for one in contestants))
        self.stored[chat.id] = chat
        return chat

    def messages(self, chat_id):
        return [one for one in self.tree if one.chat_id == chat_id]

    def thread(self, chat_id, column):
        tip, by_id, found = self.get(chat_id).columns[column][1], {one.id: one for one in self.tree}, []
        while tip:
            found.append(by_id[tip])
            tip = by_id[tip].parent_id
        return found[::-1]

    def view(self, chat_id, column):
        return [self._placed(one) for one in self.thread(chat_id, column)]

    def newer(self, chat_id, column, known):
        return None

    def _placed(self, message):
        ids = [one.id for one in self.siblings(message.id)]
        return ThreadMessage(message=message, place=ids.index(message.id) + 1, count=len(ids))

    def siblings(self, message_id):
        one = next(each for each in self.tree if each.id == message_id)
        return [each for each in self.tree if (each.parent_id, each.role) == (one.parent_id, one.role)]

    def set_columns(self, chat_id, contestants):
        tips = [tip for _, tip in self.get(chat_id).columns]
        tips += [""] * len(contestants)
        return self._keep(replace(self.get(chat_id), columns=tuple(zip(contestants, tips, strict=False))))

    def arrange(self, chat_id, columns):
        return self._keep(replace(self.get(chat_id), columns=tuple(columns)))

    def arrange_job(self, chat_id, columns):
        job = Job("arranging")
        job.finish(self.arrange(chat_id, columns))
        return job

    def set_contestant(self, chat_id, column, contestant):
        columns = list(self.get(chat_id).columns)
        columns[column] = (contestant, columns[column][1])
        return self._keep(replace(self.get(chat_id), columns=tuple(columns)))

    def choose(self, chat_id, column, message_id):
        return self._tip(chat_id, column, message_id)

    def edit(self, chat_id, column, message_id, text):
        old = next(each for each in self.tree if each.id == message_id)
        return self._tip(chat_id, column, self._grow(chat_id, old.parent_id, old.role, text))

    def ask(self, chat_id, text, *, sampler=Sampler(), seed=None, same_seed=True):  # noqa: B008
        if self.trouble:
            raise self.trouble
        self.asked_with.append((text, sampler, seed, same_seed))
        for column, (_, tip) in enumerate(self.get(chat_id).columns):
            self._tip(chat_id, column, self._grow(chat_id, tip, Role.USER, text))
        return self._job(range(len(self.get(chat_id).columns)))

    def regenerate(self, chat_id, column, *, sampler=Sampler(), seed=None):  # noqa: B008
        return self._job([column])

    def answer_together(self, chat_id, columns, *, seed=None):
        return self._job(columns)

    def greetings(self, contestant):
        return []

    def length(self, chat_id, column):
        return len(self.thread(chat_id, column))

    def checkpoints(self, run_id):
        return list(self.steps.get(run_id, ()))

    def set_settings(self, chat_id, settings):
        return self._keep(replace(self.get(chat_id), settings=settings))

    def set_sampler(self, chat_id, sampler):
        return self._keep(replace(self.get(chat_id), sampler=sampler))

    def answer(self, chat_id, column, text, tokens=10, seconds=0.5, reason="end"):
        """For tests: the newest job's row of ``column`` ends with ``text``."""
        job, thread = self.jobs[-1], self.thread(chat_id, column)
        while thread and thread[-1].role is Role.PERSONA:
            thread.pop()
        made = self._grow(chat_id, thread[-1].id if thread else "", Role.PERSONA, text, {"reason": reason})
        self._tip(chat_id, column, made)
        row = SimpleNamespace(column=column, text=text, tokens=tokens, seconds=seconds, reason=reason, message_id=made,
                              first_token_seconds=0.25, prompt_tokens=40, reused_tokens=0, left_out=0)  # fmt: skip
        for listener in job.rows:
            listener(row)

    def delete(self, chat_id):
        del self.stored[chat_id]
        return "token"

    def suggested_contestants(self):
        return [Contestant(), Contestant(adapter_id=ADAPTER.id)]

    def contestants_in_training(self):
        return []

    def label(self, contestant):
        if contestant.is_base:
            return SimpleNamespace(title="Base", subtitle="SmolLM2 135M · no adapter", colour="", portrait=None)
        return SimpleNamespace(title=MIRA.name, subtitle="v3 · rank 16 · +0.82 nats", colour=MIRA.colour, portrait=None)

    def _job(self, columns):
        self.jobs.append(ReplyJob(list(columns)))
        return self.jobs[-1]

    def _keep(self, chat):
        self.stored[chat.id] = chat
        return chat

    def _tip(self, chat_id, column, message_id):
        columns = list(self.get(chat_id).columns)
        columns[column] = (columns[column][0], message_id)
        return self._keep(replace(self.get(chat_id), columns=tuple(columns)))

    def _grow(self, chat_id, parent, role, text, made_by=()):
        made = ChatMessage(id=f"message-{next(self._ids)}", chat_id=chat_id, parent_id=parent, role=role, text=text,
                           made_by=dict(made_by))  # fmt: skip
        self.tree.append(made)
        return made.id
