"""Scenes of the chat page: two, four and eight columns, choosing who answers, sweep, blend, bake, a long chat."""

from collections.abc import Callable, Sequence
from itertools import cycle, islice

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QDialog, QWidget

from studio.domain.chat import CARD_FULL, BlendPart, Contestant
from studio.domain.clock import now
from studio.domain.conversation import Role
from studio.domain.errors import StudioError
from studio.domain.ids import new_id
from studio.gui.pages.chat.columns.popover import Popover
from studio.gui.pages.chat.page import Page
from studio.services.job import Job
from studio.services.replies import ReplyJob
from tests.stage import Stage

PROMPTS = (
    "The barometer just fell off the wall. What do we do?",
    "And the cargo? It is roped to the rail, but the rail is not what it was.",
)
LONG = 2000


def page_of(stage: Stage) -> Page:
    """The chat page, shown."""
    stage.window.open_page("chat")
    page = stage.window.pages.page("chat")
    assert isinstance(page, Page)
    return page


def calm(page: Page) -> Page:
    """What the scene before has left open is closed again."""
    page.presenter.talk.stop()
    page.presenter.replies.forget()
    if page.drawer.isVisible():
        page.drawer_acts.toggle()
    page.modes.find.close()
    page.bottom.show_trouble("")
    for one in page.board.columns:
        one.view.pointer.point_at(-1)
    for sheet in page.findChildren(Popover):
        sheet.close()
        sheet.setParent(None)
    return page


def voices(stage: Stage) -> list[Contestant]:
    """Eight different ones."""
    adapters = [one.id for one in stage.studio.adapters.list()]
    people = stage.people()
    mira, other = adapters[0], adapters[-1]
    found = [
        Contestant(), Contestant(adapter_id=mira), Contestant(adapter_id=other),
        Contestant(persona_id=people[0].id, card=CARD_FULL),
        Contestant(adapter_id=mira, strength=0.6),
        Contestant(adapter_id=mira, strength=0.7, blend=(BlendPart(adapter_id=other, weight=0.5),)),
        Contestant(adapter_id=other, strength=1.3), Contestant(persona_id=people[1].id),
    ]  # fmt: skip
    return list(islice(cycle(found), 8))


def asked(stage: Stage, title: str, contestants: Sequence[Contestant]) -> str:
    """A chat of this title with two turns, made once."""
    known = [chat for chat in stage.studio.chats.list() if chat.title == title]
    if known:
        return known[0].id
    chat = stage.studio.chats.create(title, contestants)
    for words in PROMPTS:
        stage.finished(stage.studio.chats.ask(chat.id, words, seed=7))  # type: ignore[arg-type]
    return chat.id


def _columns(title: str, count: int) -> Callable[[Stage], None]:
    def show(stage: Stage) -> None:
        calm(page_of(stage)).open(asked(stage, title, voices(stage)[:count]))
        stage.spin(0.2)

    return show


def _sheet(wish: str) -> Callable[[Stage], QWidget]:
    """What floats is photographed alone: offscreen, the window's picture does not hold it."""

    def show(stage: Stage) -> QWidget:
        _columns("Four voices", 4)(stage)
        page = page_of(stage)
        stage.spin(0.1)
        page.board.columns[1].asked.emit(wish)
        made = page.findChildren(Popover)[-1]
        made.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose, False)  # offscreen, it may close by itself
        return made

    return show


def _dialog_of(wish: str, column: int = 1) -> Callable[[Stage], QWidget]:
    def show(stage: Stage) -> QWidget:
        _columns("Eight voices", 8)(stage)
        page_of(stage).board.columns[column].asked.emit(wish)
        stage.spin(0.2)
        return next(dialog for dialog in stage.window.findChildren(QDialog) if dialog.isVisible())

    return show


def _sweep(stage: Stage) -> None:
    title = "A sweep"
    adapter = stage.studio.adapters.list()[0]
    strengths = [place * 0.25 for place in range(7)]
    calm(page_of(stage)).open(
        asked(stage, title, [Contestant(adapter_id=adapter.id, strength=one) for one in strengths])
    )
    stage.spin(0.2)


def long_chat(stage: Stage, contestants: Sequence[Contestant], messages: int = LONG) -> str:
    """A chat so long, made once; every column has the thread of its own."""
    title = f"A long way: {messages} lines, {len(contestants)} voices"
    known = [chat for chat in stage.studio.chats.list() if chat.title == title]
    if known:
        return known[0].id
    chat = stage.studio.chats.create(title, contestants[:1])
    fill_thread(stage, chat.id, messages)
    stage.studio.chats.set_columns(chat.id, contestants)
    for column in range(1, len(contestants)):
        stage.studio.chats.continue_with(chat.id, 0, [column])
    return chat.id


def fill_thread(stage: Stage, chat_id: str, messages: int) -> None:
    """Write a thread into the first column, past the engine."""
    from studio.domain.chat import ChatMessage

    lines = ("*She looks up.* The tide waits for nobody, and neither does the ferry.",
             "What do you see from up there, then? Tell me slowly, I want to write it down.",
             "A lamp, two gulls and a **very** long argument about rope. “Rope,” he says, “is patience made long.”",
             "Go on. I have ink for one more page and the candle for two.")  # fmt: skip
    library, parent, made = stage.studio._open_library, "", []
    for number in range(messages):
        role = Role.PERSONA if number % 2 else Role.USER
        text = f"{lines[number % 4]} " * (1 + number % 3)
        made.append(ChatMessage(id=new_id("say"), chat_id=chat_id, parent_id=parent, role=role, text=text.strip(),
                                made_by={"column": 0}, created_at=now()))  # fmt: skip
        parent = made[-1].id
    with library.transaction():
        library.chats.add_messages(made)
        chat = library.chats.get(chat_id)
        assert chat is not None
        from dataclasses import replace

        library.chats.update(replace(chat, columns=((chat.columns[0][0], parent), *chat.columns[1:])))


def _long(stage: Stage) -> None:
    calm(page_of(stage)).open(long_chat(stage, voices(stage)[:2]))
    stage.spin(0.3)


def _streaming(stage: Stage) -> None:
    """In the middle of eight replies, one of which has not begun."""
    _columns("Eight voices", 8)(stage)
    job = ReplyJob(range(8))
    page_of(stage).presenter.talk.follow(job, range(8), "Then hold on to me.")
    for column in range(7):
        job.add_piece(column, "*holds on* “With both hands, and the cargo with my teeth. Now " * (column % 3 + 1))


def _working(stage: Stage) -> None:
    """While long threads are copied."""
    _columns("Four voices", 4)(stage)
    page_of(stage).presenter.replies.wait_for(Job("arranging"))


def _trouble(stage: Stage) -> None:
    _columns("Two voices", 2)(stage)
    page_of(stage).presenter.failed(StudioError("engine_died", reason="signal 9"))


CHAT_SCENES: dict[str, Callable[[Stage], QWidget | None]] = {
    "chat-two": _columns("Two voices", 2),
    "chat-four": _columns("Four voices", 4),
    "chat-five": _columns("Five voices", 5),
    "chat-eight": _columns("Eight voices", 8),
    "chat-picker": _sheet("change"),
    "chat-own": _sheet("own"),
    "chat-sweep": _sweep,
    "chat-sweep-dialog": _dialog_of("sweep"),
    "chat-blend": _dialog_of("blend", 5),
    "chat-bake": _dialog_of("bake", 5),
    "chat-long": _long,
    "chat-streaming": _streaming,
    "chat-working": _working,
    "chat-trouble": _trouble,
}
