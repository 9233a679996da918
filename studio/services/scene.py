"""A scene: two or more personas take turns in one thread, on one base; by hand, by name, or by themselves."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from studio.domain.card_text import card_extension
from studio.domain.chat import SCENE, Chat, ChatMessage, ChatSettings, Contestant, SceneSettings, Speaker
from studio.domain.clock import now
from studio.domain.conversation import Role
from studio.domain.errors import StudioError
from studio.domain.ids import new_id
from studio.domain.lore_entry import number
from studio.domain.scene import BY_HAND, ORDERS
from studio.services.chat_desk import COLUMN_LIMIT
from studio.services.chats import Chats
from studio.services.contestants import ContestantLabel
from studio.services.job import Job, Progress
from studio.services.replies import ReplyJob, ReplyRow
from studio.services.scene_turns import names_of, next_key, speaker_of, whose_turn

FEWEST, MOST_TURNS = 2, 200


@dataclass(frozen=True, kw_only=True)
class SpeakerView:
    """A speaker as a list shows it: the name by which the others call it, and how it is called and coloured."""

    key: str
    name: str
    label: ContestantLabel
    contestant: Contestant
    talkativeness: float
    silent: bool


class SceneJob(Job[int]):
    """A scene that runs by itself; the result is how many lines were said. Cancelling stops the line being written."""

    def __init__(self, turns: int) -> None:
        super().__init__("scene")
        self.turns = turns
        self.done = 0
        self.paused = False
        self.reply: ReplyJob | None = None
        self.speaking = ""
        self.waiting: list[str] = []
        """What the user has said while a line was written; it comes right after that line."""
        self.go_on: Callable[[], None] = lambda: None
        self._listeners: list[Callable[[str, ReplyJob], None]] = []

    def on_turn(self, listener: Callable[[str, ReplyJob], None]) -> "SceneJob":
        """Hear of each line when it begins: the speaker's key, and the reply that streams. Who comes late hears of
        the line that is being written."""
        if self.reply is not None and not self.reply.ended:
            listener(self.speaking, self.reply)
        self._listeners.append(listener)
        return self

    def pause(self) -> None:
        """Let the line that is written end, then wait."""
        self.paused = True

    def resume(self) -> None:
        """Go on after ``pause``."""
        if self.paused and not self.ended:
            self.paused = False
            if self.reply is None or self.reply.ended:
                self.go_on()

    def begin(self, key: str, reply: ReplyJob) -> None:
        """For the service: a line begins."""
        self.speaking, self.reply = key, reply
        for listener in self._listeners:
            listener(key, reply)


class Scene:
    """A scene is a chat of one column: what a tree can do, it can do too, through ``Chats`` with column 0."""

    def __init__(self, chats: Chats) -> None:
        self._chats = chats
        self._desk = chats.desk
        self._running: dict[str, SceneJob] = {}

    def create(
        self, contestants: Sequence[Contestant], *, title: str = "", setting: str = "", order: str = "mention"
    ) -> Chat:
        """Begin a scene with these speakers."""
        scene = SceneSettings(speakers=tuple(self._speakers(contestants)), order=order, setting=setting)
        self._check(scene)
        called = title or " · ".join(names_of(scene, self._desk.contestants).values())
        return self._chats.create(called, contestants[:1], settings=ChatSettings(scene=scene), kind=SCENE)

    def set_scene(self, chat_id: str, scene: SceneSettings) -> Chat:
        """Change who takes part, whose turn comes next, or where it plays; lines that were said stay."""
        self._check(scene)
        chat = self._scene(chat_id)
        chat = self._chats.set_settings(chat_id, replace(chat.settings, scene=scene))
        return self._desk.with_column(chat, 0, scene.speakers[0].contestant, chat.columns[0][1])

    def with_speaker(self, chat_id: str, contestant: Contestant) -> Chat:
        """Let somebody join."""
        scene = self._scene(chat_id).settings.scene
        taken = {one.key for one in scene.speakers}
        key = next(key for key in (f"s{number}" for number in range(1, 10_000)) if key not in taken)
        joined = (*scene.speakers, self._speaker(key, contestant))
        return self.set_scene(chat_id, replace(scene, speakers=joined))

    def speakers(self, chat_id: str) -> list[SpeakerView]:
        """Everybody in the scene, in its order."""
        scene = self._scene(chat_id).settings.scene
        names = names_of(scene, self._desk.contestants)
        return [
            SpeakerView(
                key=one.key, name=names[one.key], label=self._chats.label(one.contestant), contestant=one.contestant,
                talkativeness=one.talkativeness, silent=one.silent,
            )
            for one in scene.speakers
        ]  # fmt: skip

    def say(self, chat_id: str, text: str) -> Chat:
        """The user says something; nobody answers yet. While a line is written, it comes right after that line."""
        if not text.strip():
            raise StudioError("prompt_empty")
        chat, job = self._scene(chat_id), self._running.get(chat_id)
        if job is not None and job.reply is not None and not job.reply.ended:
            job.waiting.append(text)
            return chat
        tip = chat.columns[0][1]
        message = ChatMessage(
            id=new_id("say"), chat_id=chat_id, parent_id=tip, role=Role.USER, text=text.strip(),
            made_by={"column": chat.lane(0), "name": self._desk.contestants.user_name}, created_at=now(),
        )  # fmt: skip
        with self._desk.library.transaction():
            self._desk.library.chats.add_message(message)
            return self._desk.at(chat, 0, message.id)

    def next(self, chat_id: str) -> str:
        """The key of whoever would speak next; empty where the order is by hand."""
        return next_key(self._scene(chat_id), self._chats.thread(chat_id, 0), self._desk.contestants)

    def step(self, chat_id: str, speaker: str = "") -> ReplyJob:
        """Let somebody speak: the one with this key, else whoever comes next."""
        chat = self._scene(chat_id)
        key = speaker or whose_turn(chat, self._chats.thread(chat_id, 0), self._desk.contestants)
        speaker_of(chat.settings.scene, key)
        return self._chats.speak(chat_id, key)

    def run_by_itself(self, chat_id: str, turns: int) -> SceneJob:
        """Let them speak for so many lines; it can be paused, and the user may say something meanwhile."""
        self.step_allowed(chat_id)
        if not 1 <= turns <= MOST_TURNS:
            raise StudioError("scene_turns_wrong", most=MOST_TURNS)
        job = SceneJob(turns)
        self._running[chat_id] = job
        job.go_on = lambda: self._next_line(chat_id, job)
        job.when_cancelled(lambda: self._stop(job))
        job.on_end(lambda _: self._forget(chat_id, job))
        job.go_on()
        return job

    def running(self, chat_id: str) -> SceneJob | None:
        """The job by which a scene runs, if it does."""
        return self._running.get(chat_id)

    def step_allowed(self, chat_id: str) -> None:
        """Raise what is in the way of a scene that runs by itself."""
        scene = self._scene(chat_id).settings.scene
        if scene.order == BY_HAND:
            raise StudioError("scene_choose_speaker")
        if all(one.silent for one in scene.speakers):
            raise StudioError("scene_all_silent")
        if chat_id in self._running:
            raise StudioError("scene_runs")

    def _next_line(self, chat_id: str, job: SceneJob) -> None:
        if job.ended or job.paused:
            return
        try:
            key = self.next(chat_id)
            reply = self.step(chat_id, key)
        except StudioError as error:  # the scene was deleted, or an adapter is gone
            job.fail(error)
            return
        job.begin(key, reply)
        reply.on_end(lambda ended: self._line_ended(chat_id, job, ended))

    def _line_ended(self, chat_id: str, job: SceneJob, reply: Job[list[ReplyRow]]) -> None:
        if reply.error is not None:
            job.fail(reply.error)
            return
        job.done += 1
        while job.waiting:
            self.say(chat_id, job.waiting.pop(0))
        job.advance(Progress(what="scene", done=job.done, total=job.turns))
        if job.done >= job.turns:
            job.finish(job.done)
        else:
            self._next_line(chat_id, job)

    def _stop(self, job: SceneJob) -> None:
        if job.reply is not None and not job.reply.ended:
            job.reply.cancel()
        else:
            job.fail(StudioError("cancelled"))

    def _forget(self, chat_id: str, job: SceneJob) -> None:
        if self._running.get(chat_id) is job:
            del self._running[chat_id]

    def _scene(self, chat_id: str) -> Chat:
        chat = self._chats.get(chat_id)
        if chat.kind != SCENE:
            raise StudioError("not_found", what="scene", name=chat_id)
        return chat

    def _check(self, scene: SceneSettings) -> None:
        if not FEWEST <= len(scene.speakers) <= COLUMN_LIMIT:
            raise StudioError("scene_speakers", fewest=FEWEST, most=COLUMN_LIMIT)
        if scene.order not in ORDERS:
            raise ValueError(f"no order of a scene: {scene.order}")

    def _speakers(self, contestants: Sequence[Contestant]) -> list[Speaker]:
        return [self._speaker(f"s{place}", one) for place, one in enumerate(contestants, 1)]

    def _speaker(self, key: str, contestant: Contestant) -> Speaker:
        """As talkative as the card says, where it says anything of that."""
        persona = self._desk.contestants.persona(contestant)
        said = number(card_extension(persona, "talkativeness")) if persona else None
        speaker = Speaker(key=key, contestant=contestant)
        return speaker if said is None else replace(speaker, talkativeness=min(max(said, 0.0), 1.0))
