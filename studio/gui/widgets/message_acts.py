"""What can be done with a message, as data: buttons, menus, keys and the list of shortcuts are made from it."""

from dataclasses import dataclass

from studio.gui.widgets.message import Message
from studio.texts import tr

BACK, FORWARD = "back", "forward"
AGAIN, CONTINUE, EDIT, BRANCH, COPY_BRANCH, COPY, DELETE, UP, DOWN, TEACH = (
    "again", "continue", "edit", "branch", "copy_branch", "copy", "delete", "up", "down", "teach",
)  # fmt: skip
UNTEACH = "unteach"
WRITING = frozenset({BACK, FORWARD, AGAIN, CONTINUE, EDIT, BRANCH, COPY_BRANCH, DELETE, TEACH, UNTEACH})
"""What cannot be done while replies grow."""
_NEED_A_QUESTION = frozenset({AGAIN, TEACH})
"""A greeting answers nothing, so there is nothing to answer once more, and no lesson; its versions are the card's."""


@dataclass(frozen=True, kw_only=True)
class MessageAct:
    """``keys`` in Qt's portable text; the first one is shown. ``weight``: who stays when there is little room."""

    name: str
    label: str
    icon: str
    keys: tuple[str, ...] = ()
    replies_only: bool = False
    weight: int = 0


def message_acts() -> tuple[MessageAct, ...]:
    """All of them in the order of buttons and menu; weight 0 stands in the menu only."""
    return (
        MessageAct(name=AGAIN, label=tr("Write another reply"), icon="mdi6.refresh", keys=("R",),
                   replies_only=True, weight=9),
        MessageAct(name=CONTINUE, label=tr("Continue this reply"), icon="mdi6.text-box-plus-outline", keys=("C",),
                   replies_only=True, weight=5),
        MessageAct(name=BRANCH, label=tr("Branch from here"), icon="mdi6.source-branch", keys=("B",), weight=6),
        MessageAct(name=EDIT, label=tr("Edit"), icon="mdi6.pencil-outline", keys=("E", "F2"), weight=8),
        MessageAct(name=COPY, label=tr("Copy"), icon="mdi6.content-copy", keys=("Ctrl+C",), weight=3),
        MessageAct(name=UP, label=tr("Good reply"), icon="mdi6.thumb-up-outline", keys=("+",),
                   replies_only=True, weight=4),
        MessageAct(name=DOWN, label=tr("Bad reply"), icon="mdi6.thumb-down-outline", keys=("-",),
                   replies_only=True, weight=4),
        MessageAct(name=COPY_BRANCH, label=tr("Copy up to here into a new chat"), icon="mdi6.forum-plus-outline",
                   keys=("Shift+B",)),
        MessageAct(name=DELETE, label=tr("Delete with what follows"), icon="mdi6.delete-outline", keys=("Del",)),
        MessageAct(name=TEACH, label=tr("Teach this"), icon="mdi6.school-outline", keys=("T",),
                   replies_only=True, weight=7),
        MessageAct(name=UNTEACH, label=tr("Take out of the data again"), icon="mdi6.school-outline", keys=("Shift+T",),
                   replies_only=True),
    )  # fmt: skip


def acts_for(message: Message) -> tuple[MessageAct, ...]:
    """What can be done with this one."""
    if not message.said or message.streaming:
        return ()
    known = message_acts()
    if message.locked:
        return tuple(act for act in known if act.name == COPY)
    return tuple(act for act in known if _fits(act, message))


def _fits(act: MessageAct, message: Message) -> bool:
    if act.name == UNTEACH and not message.taught:
        return False
    if act.name in _NEED_A_QUESTION and message.greeting:
        return False
    return not (act.replies_only and message.mine)


def act_of_key(key: str, message: Message) -> str:
    """The act that a key stands for; empty for none."""
    return next((act.name for act in acts_for(message) if key in act.keys), "")


def label_for(act: MessageAct, message: Message) -> str:
    """The words of an act, as things stand."""
    if act.name == TEACH and message.taught:
        return tr("Taught: teach it again as it is now")
    return act.label


def chat_shortcuts() -> list[tuple[str, list[tuple[str, str]]]]:
    """For the list of shortcuts: title, and pairs of what is done and its key."""
    walking = [
        (tr("To the messages; up and down"), "Alt+Up"),
        (tr("Message above, below"), "Up"),
        (tr("The same with the fingers at rest"), "K"),
        (tr("Version before, after"), "Left"),
        (tr("Back to the composer"), "Esc"),
    ]
    return [(tr("Messages"), [*walking, *((act.label, act.keys[0]) for act in message_acts())])]
