"""Scenes of the chat's modes: tools of messages, drawer, finding, greetings, scene, blind votes, ranking."""

from collections.abc import Callable
from dataclasses import replace
from typing import Any

from PySide6.QtWidgets import QAbstractItemView, QDialog, QWidget

from studio.domain.chat import Chat, ChatMessage, Contestant
from studio.domain.clock import now
from studio.domain.conversation import Role
from studio.domain.ids import new_id
from tests.screenshot_chat_scenes import calm
from tests.stage import Stage

_BOOK = {
    "entries": [
        {"keys": ["barometer"], "content": "The barometer of the Magpie was won at cards.", "comment": "The barometer",
         "enabled": True, "insertion_order": 1, "extensions": {}},
        {"keys": ["never said"], "content": "Nobody hears this.", "comment": "A secret", "enabled": True,
         "insertion_order": 2, "extensions": {}},
        {"keys": [], "constant": True, "content": "It is always raining.", "comment": "Weather", "enabled": True,
         "insertion_order": 3, "extensions": {}},
    ],
    "extensions": {},
}  # fmt: skip
_TALK = (
    ("The barometer just fell off the wall. What do we do?",
     "*Mira licks a finger and holds it up as if the wind owed her money.*\n\n“Storm? That’s not a storm, that’s a "
     "*negotiation*. She wants the cargo, I want the coast. We’ll settle on your hat.”"),
    ("Why my hat?",
     "“Because storms have taste.” *She measures it with two fingers.* “And it has a **very** good brim.”"),
    ("And if the storm says no?", "“Then we ask the next storm. They gossip, you know.”"),
)  # fmt: skip


def _page(stage: Stage) -> Any:
    return stage.window.pages.page("chat")


def _told_chat(stage: Stage, name: str, build: Callable[[Stage], Chat]) -> Chat:
    """A chat of this name; made the first time."""
    found = [one for one in stage.studio.chats.list() if one.title == name]
    return found[0] if found else build(stage)


def _adapters(stage: Stage) -> list[Contestant]:
    return [one for one in stage.studio.chats.suggested_contestants() if not one.is_base]


def _written(stage: Stage, chat: Chat, column: int, talk: tuple[tuple[str, str], ...], **made_by: object) -> str:
    """Put words into a column without asking the engine; returns the tip."""
    library, tip = stage.studio.chats.desk.library, chat.columns[column][1]
    for asked, answered in talk:
        for role, text in ((Role.USER, asked), (Role.PERSONA, answered)):
            extra = {"base_fingerprint": _fingerprint(stage), **made_by} if role is Role.PERSONA else {}
            said = ChatMessage(id=new_id("say"), chat_id=chat.id, parent_id=tip, role=role, text=text, created_at=now(),
                               made_by={"column": chat.lane(column), **extra})  # fmt: skip
            library.chats.add_message(said)
            tip = said.id
    stage.studio.chats.branch(chat.id, column, tip)
    return tip


def _fingerprint(stage: Stage) -> str:
    return stage.studio.models.list()[0].fingerprint


def _swiped(stage: Stage) -> Chat:
    """One column with versions, a thumb, a lesson."""
    chat = stage.studio.chats.create("The hat", _adapters(stage)[:1])
    first = _written(stage, chat, 0, _TALK[:1])
    stage.studio.chats.edit(chat.id, 0, first, _TALK[0][1].replace("your hat", "your left boot"))
    chat = stage.studio.chats.get(chat.id)
    stage.studio.chats.rate(chat.columns[0][1], 1)
    stage.studio.teaching.teach(chat.id, 0, chat.columns[0][1])
    last = _written(stage, chat, 0, _TALK[1:])
    stage.studio.chats.edit(chat.id, 0, last, "“Then I say it louder.”")
    return stage.studio.chats.get(chat.id)


def _open(stage: Stage, chat: Chat) -> Any:
    stage.window.open_chat(chat_id=chat.id)
    page = calm(_page(stage))
    stage.spin(0.2)
    return page


def _taught(stage: Stage) -> None:
    """What is said when a reply was taught."""
    page = _open(stage, _told_chat(stage, "The hat", _swiped))
    column, tip = page.board.columns[0], page.presenter.open_chat.places()[0][1]
    if tip in stage.studio.teaching.taught(page.presenter.chat_id):
        page._message_act(column, "unteach", tip)
        stage.window.toasts.clear()
    page._message_act(column, "teach", tip)


def _tools(stage: Stage) -> None:
    page = _open(stage, _told_chat(stage, "The hat", _swiped))
    page.board.columns[0].view.pointer.point_at(2)


def _focus(stage: Stage) -> None:
    page = _open(stage, _told_chat(stage, "The hat", _swiped))
    stage.window.activateWindow()
    page.board.columns[0].view.clearSelection()
    page.board.columns[0].view.walk(-1)
    page.board.columns[0].view.walk(-1)
    page.board.columns[0].view.walk(-1)
    page.board.columns[0].view.walk(-1)


def _editing(stage: Stage) -> None:
    page = _open(stage, _told_chat(stage, "The hat", _swiped))
    page.board.columns[0].view.edit_row(2)


def _drawer(stage: Stage) -> None:
    page = _open(stage, _told_chat(stage, "Lore", _lore_chat))
    page.drawer_acts.toggle()


def _drawer_low(stage: Stage) -> None:
    _drawer(stage)
    from PySide6.QtWidgets import QScrollArea

    area = _page(stage).drawer.findChild(QScrollArea)
    stage.spin(0.1)
    area.verticalScrollBar().setValue(area.verticalScrollBar().maximum())


def _lore_chat(stage: Stage) -> Chat:
    contestant = _adapters(stage)[0]
    persona = stage.studio.chats.desk.contestants.persona(contestant)
    assert persona is not None
    data = dict(persona.card.get("data", {}) if isinstance(persona.card.get("data"), dict) else {})
    card = {**persona.card, "data": {**data, "character_book": _BOOK}}
    stage.studio.personas.update(persona.id, card=card)
    chat = stage.studio.chats.create("Lore", [Contestant(), contestant])
    for column in (0, 1):
        _written(stage, stage.studio.chats.get(chat.id), column, _TALK[:1])
    chat = stage.studio.chats.get(chat.id)
    settings = replace(chat.settings, author_note="It is getting dark.", post_history="Answer in two sentences.")
    return stage.studio.chats.set_settings(chat.id, settings)


def _find(stage: Stage) -> None:
    page = _open(stage, _told_chat(stage, "Two hats", _two_hats))
    page.modes.find.begin()
    page.modes.find.bar.field.setText("storm")
    stage.spin(0.1)
    page.modes.find.step(-1)


def _two_hats(stage: Stage) -> Chat:
    chat = stage.studio.chats.create("Two hats", [Contestant(), *_adapters(stage)[:2]])
    for column in range(3):
        _written(stage, stage.studio.chats.get(chat.id), column, _TALK)
    return stage.studio.chats.get(chat.id)


def _left_out(stage: Stage) -> None:
    page = _open(stage, _told_chat(stage, "A long night", _long_night))
    for one in page.board.columns:
        row = next(at for at, message in enumerate(one.view.messages.messages) if not message.said)
        one.view.scrollTo(one.view.messages.index(row), QAbstractItemView.ScrollHint.PositionAtCenter)


def _long_night(stage: Stage) -> Chat:
    chat = stage.studio.chats.create("A long night", _adapters(stage)[:2])
    for column in range(2):
        chat = stage.studio.chats.get(chat.id)
        _written(stage, chat, column, _TALK * 2)
        chat = stage.studio.chats.get(chat.id)
        _written(stage, chat, column, _TALK[:2], left_out=6)
    return stage.studio.chats.get(chat.id)


def _greetings(stage: Stage) -> None:
    for one in _adapters(stage):
        persona = stage.studio.chats.desk.contestants.persona(one)
        if persona is not None and not persona.greeting:
            more = ("*The door is open already.* “Late. Sit.”", "“You again. Good.”")
            stage.studio.personas.update(persona.id, greeting="“Welcome aboard.”", alternate_greetings=more)
    stage.window.open_chat(stage.studio.chats.suggested_contestants())
    calm(_page(stage))


def _greeted(stage: Stage) -> None:
    _greetings(stage)
    _page(stage).modes.greeting.begin_all()


def _scene_chat(stage: Stage) -> Chat:
    chat = stage.studio.scenes.create(_adapters(stage)[:2], title="The tavern", setting="A tavern, before the storm.")
    stage.studio.scenes.say(chat.id, "Who took my chair?")
    for _ in range(4):
        stage.finished(stage.studio.scenes.step(chat.id))  # type: ignore[arg-type]
    return stage.studio.chats.get(chat.id)


def _scene(stage: Stage) -> None:
    _open(stage, _told_chat(stage, "The tavern", _scene_chat))


def _scene_runs(stage: Stage) -> None:
    page = _open(stage, _told_chat(stage, "The tavern", _scene_chat))
    page.modes.scene.presenter.run(20)
    stage.until(lambda: page.modes.scene.presenter.running)
    stage.spin(0.3)


def _scene_dialog(stage: Stage) -> QWidget:
    page = _open(stage, _told_chat(stage, "The tavern", _scene_chat))
    page.modes.scene.start.click()
    stage.spin(0.1)
    return _dialog(stage)


def _blind_asking(stage: Stage) -> Any:
    stage.window.open_chat(stage.studio.chats.suggested_contestants()[:3])
    page = calm(_page(stage))
    stage.spin(0.2)
    if not page.modes.blind.presenter.on:
        page.modes.blind.switch.click()
    return page


def _blind(stage: Stage) -> Any:
    page = _blind_asking(stage)
    page._send(_TALK[0][0])
    stage.until(lambda: not page.presenter.replies.busy)
    return page


def _blind_voted(stage: Stage) -> None:
    page = _blind(stage)
    page.modes.blind.vote("1")


def _vote(stage: Stage, rounds: int) -> None:
    """Enough votes for a ranking, cast as they come."""
    voices = [Contestant(), *_adapters(stage)[:2], replace(_adapters(stage)[0], strength=0.5)]
    for number in range(rounds):
        chat = stage.studio.chats.create(f"Contest {number}", voices)
        for column in range(len(voices)):
            _written(stage, stage.studio.chats.get(chat.id), column, _TALK[:1])
        ballot = stage.studio.votes.ballot(chat.id)
        order = stage.studio.votes.columns(ballot)
        best = 1 if number % 4 else 0 if number % 8 else 2
        verdict = "tie" if number % 9 == 5 else str(order.index(best) + 1)
        stage.studio.votes.vote(ballot.id, verdict)
        stage.studio.chats.delete(chat.id)


def _ranking(rounds: int) -> Callable[[Stage], QWidget]:
    def show(stage: Stage) -> QWidget:
        page = _open(stage, _told_chat(stage, "The hat", _swiped))
        cast = len(stage.studio.votes.list())
        for vote in stage.studio.votes.list()[rounds:]:
            stage.studio.votes.undo(vote.id)
        if cast < rounds:
            _vote(stage, rounds - cast)
        page.modes.blind.open_ranking()
        stage.spin(0.1)
        return _dialog(stage)

    return show


def _dialog(stage: Stage) -> QWidget:
    return next(dialog for dialog in stage.window.findChildren(QDialog) if dialog.isVisible())


MODE_SCENES: dict[str, Callable[[Stage], QWidget | None]] = {
    "chat-tools": _tools,
    "chat-taught": _taught,
    "chat-focus": _focus,
    "chat-edit": _editing,
    "chat-drawer-full": _drawer,
    "chat-drawer-low": _drawer_low,
    "chat-find": _find,
    "chat-left-out": _left_out,
    "chat-greetings": _greetings,
    "chat-greeted": _greeted,
    "chat-scene": _scene,
    "chat-scene-runs": _scene_runs,
    "chat-scene-dialog": _scene_dialog,
    "chat-blind-asking": lambda stage: _blind_asking(stage) and None,
    "chat-blind": lambda stage: _blind(stage) and None,
    "chat-blind-voted": _blind_voted,
    "chat-ranking-few": _ranking(4),
    "chat-ranking-many": _ranking(60),
}
