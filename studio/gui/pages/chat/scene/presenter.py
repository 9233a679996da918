"""A group scene: who takes part, whose turn it is, running by itself, speaking up. Knows no Qt."""

from collections.abc import Callable, Sequence
from dataclasses import replace
from typing import TYPE_CHECKING

from studio.domain.chat import SCENE, Contestant, Speaker
from studio.domain.errors import StudioError
from studio.domain.scene import BY_HAND, ORDERS
from studio.gui.pages.chat.talk.screen import ColumnView
from studio.gui.widgets.message import Message
from studio.texts import tr, tr_plural

if TYPE_CHECKING:
    from studio.gui.pages.chat.presenter import Presenter
    from studio.services.job import Job
    from studio.services.replies import ReplyJob
    from studio.services.scene import SceneJob, SpeakerView
    from studio.services.studio import Studio

FEWEST = 2


def order_words(order: str) -> tuple[str, str]:
    """A way of taking turns: its name, and what it means."""
    return {
        "round": (tr("In turn"), tr("One after the other, always in the same order.")),
        "mention": (tr("Who is named"), tr("Whoever was named last speaks; else the next in turn.")),
        "talkative": (tr("As they like"), tr("Whoever was named; else by chance, the talkative more often.")),
        "hand": (tr("You choose"), tr("Nobody speaks until you say who.")),
    }[order]


class ScenePresenter:
    """A ``Curtain`` for the one column of a scene. ``show`` is called when something about the scene changed."""

    def __init__(self, studio: "Studio", presenter: "Presenter", show: Callable[[], None]) -> None:
        self._studio, self._presenter, self._show = studio, presenter, show

    # -- what is shown -------------------------------------------------------------------------------------------

    @property
    def here(self) -> bool:
        """True when the open chat is a scene."""
        chat = self._presenter.open_chat.chat
        return chat is not None and chat.kind == SCENE

    @property
    def order(self) -> str:
        """How they take turns."""
        chat = self._presenter.open_chat.chat
        return chat.settings.scene.order if chat else ORDERS[0]

    @property
    def by_hand(self) -> bool:
        """True when the user says who speaks."""
        return self.order == BY_HAND

    def speakers(self) -> list["SpeakerView"]:
        """Everybody in the scene."""
        return self._studio.scenes.speakers(self._presenter.chat_id) if self.here else []

    def next(self) -> str:
        """The key of whoever speaks next; empty when that is the user's to say."""
        if not self.here or self.order == "talkative":
            return ""
        return self._studio.scenes.next(self._presenter.chat_id)

    @property
    def job(self) -> "SceneJob | None":
        """The job by which the scene runs by itself."""
        return self._studio.scenes.running(self._presenter.chat_id) if self.here else None

    @property
    def running(self) -> bool:
        """True while lines follow each other by themselves."""
        job = self.job
        return job is not None and not job.paused

    @property
    def paused(self) -> bool:
        """True when it waits to go on."""
        job = self.job
        return job is not None and job.paused

    def progress(self) -> str:
        """``Line 3 of 8``."""
        job = self.job
        return tr("Line {done} of {turns}", done=min(job.done + 1, job.turns), turns=job.turns) if job else ""

    def header(self, column: int, view: ColumnView) -> ColumnView:
        """``Curtain``: the scene instead of its first speaker."""
        if not self.here:
            return view
        chat = self._presenter.open_chat.chat
        setting = chat.settings.scene.setting if chat else ""
        count = len(chat.settings.scene.speakers) if chat else 0
        speakers = tr_plural("{count} speaker on one base", "{count} speakers on one base", count)
        return replace(
            view, title=tr("Scene"), subtitle=" ".join(setting.split()) or speakers, colour="", portrait=None,
            is_base=True, cast=True, blended=False, own=False,
        )  # fmt: skip

    def thread(self, column: int, messages: list[Message]) -> list[Message]:
        """``Curtain``: the lines as they are."""
        return messages

    # -- acting --------------------------------------------------------------------------------------------------

    def start(
        self, contestants: Sequence[Contestant], *, order: str, setting: str, opening: str = "", turns: int = 0
    ) -> str:
        """Begin a scene; ``opening`` is what the user says first, ``turns`` how long it runs by itself at once."""
        chat = self._studio.scenes.create(contestants, setting=setting.strip(), order=order)
        if opening.strip():
            self._studio.scenes.say(chat.id, opening)
        self._presenter.open(chat.id)
        if turns and order != BY_HAND:
            self.run(turns)
        return chat.id

    def change(self, contestants: Sequence[Contestant], *, order: str, setting: str) -> None:
        """Other speakers, another order, another place; who stays keeps lines, colour and manners."""
        chat = self._presenter.open_chat.chat
        if chat is None:
            return
        scene = chat.settings.scene
        speakers = _kept(scene.speakers, contestants)
        self._studio.scenes.set_scene(chat.id, replace(scene, speakers=speakers, order=order, setting=setting.strip()))
        self._read()

    def set_order(self, order: str) -> None:
        """Take turns in another way."""
        chat = self._presenter.open_chat.chat
        if chat is not None and order != self.order:
            self._studio.scenes.set_scene(chat.id, replace(chat.settings.scene, order=order))
            self._read()

    def silence(self, key: str, silent: bool) -> None:
        """Let somebody keep quiet, or speak again."""
        self._with_speaker(key, silent=silent)

    def set_talkativeness(self, key: str, share: float) -> None:
        """How often somebody speaks where it goes by chance."""
        self._with_speaker(key, talkativeness=share)

    def say(self, text: str) -> bool:
        """Say something into the scene; who comes next answers, unless the user chooses or it runs by itself."""
        if not self.here or not text.strip():
            return False
        job = self.job
        writing = self._presenter.replies.busy
        if writing and job is None:
            return False
        self._studio.scenes.say(self._presenter.chat_id, text)
        self._read()
        if not writing and job is None and not self.by_hand:
            self.step()
        return True

    def step(self, key: str = "") -> None:
        """Let one line be said: by this speaker, or by who comes next."""
        if not self.here or self._presenter.replies.busy or self.running:
            return
        self._follow(self._studio.scenes.step(self._presenter.chat_id, key))

    def run(self, turns: int) -> None:
        """Let them speak to each other for so many lines."""
        if not self.here or self._presenter.replies.busy or self.job is not None:
            return
        job = self._studio.scenes.run_by_itself(self._presenter.chat_id, turns)
        job.on_turn(lambda _, reply: self._follow(reply))
        job.on_progress(lambda _: self._show())
        job.on_end(self._ended)
        self._show()

    def pause(self) -> None:
        """Let the line end, then wait; or go on."""
        job = self.job
        if job is not None:
            (job.resume if job.paused else job.pause)()
            self._show()

    def stop(self) -> None:
        """End it now; what was written so far stays."""
        job = self.job
        if job is not None:
            job.cancel()

    # -- inside --------------------------------------------------------------------------------------------------

    def _follow(self, job: "ReplyJob") -> None:
        self._presenter.talk.follow(job, [0], "")
        self._show()

    def _ended(self, job: "Job[int]") -> None:
        self._show()
        if job.error is not None and isinstance(job.error, StudioError):
            self._presenter.failed(job.error)

    def _with_speaker(self, key: str, **fields: object) -> None:
        chat = self._presenter.open_chat.chat
        if chat is None:
            return
        scene = chat.settings.scene
        changed = tuple(replace(one, **fields) if one.key == key else one for one in scene.speakers)  # type: ignore[arg-type]
        self._studio.scenes.set_scene(chat.id, replace(scene, speakers=changed))
        self._read()

    def _read(self) -> None:
        self._presenter.open_chat.read()
        self._presenter.refresh()
        self._show()


def _kept(present: Sequence[Speaker], contestants: Sequence[Contestant]) -> tuple[Speaker, ...]:
    """Speakers for these contestants; who was there keeps the key that stands on the lines."""
    left, taken, found = list(present), {one.key for one in present}, []
    for contestant in contestants:
        known = next((one for one in left if one.contestant == contestant), None)
        if known is not None:
            left.remove(known)
        else:
            key = next(key for key in (f"s{number}" for number in range(1, 1000)) if key not in taken)
            taken.add(key)
            known = Speaker(key=key, contestant=contestant)
        found.append(known)
    return tuple(found)
