"""What can be done in the queue, as data: the buttons under the list, its menu and its keys are made from it. No Qt."""

from dataclasses import dataclass

from studio.texts import tr

_AS_EVERYWHERE = {"up", "down", "duplicate", "delete"}


@dataclass(frozen=True, kw_only=True)
class QueueAct:
    """One thing to do with a row. ``asks`` says that a dialog comes first."""

    name: str
    text: str
    icon: str
    keys: tuple[str, ...] = ()
    group: int = 0
    bar: bool = True


def queue_acts() -> tuple[QueueAct, ...]:
    """Everything, in the order of the menu."""
    return (
        QueueAct(name="results", text=tr("Show the results"), icon="mdi6.table-large", bar=False),
        QueueAct(name="resume", text=tr("Go on"), icon="mdi6.play", keys=("Ctrl+R",)),
        QueueAct(name="pause", text=tr("Pause"), icon="mdi6.pause", keys=("Ctrl+P",)),
        QueueAct(name="stop", text=tr("Stop and keep what was learned"), icon="mdi6.stop", keys=("Ctrl+E",)),
        QueueAct(name="up", text=tr("Move up"), icon="mdi6.arrow-up", keys=("Alt+Up",), group=1),
        QueueAct(name="down", text=tr("Move down"), icon="mdi6.arrow-down", keys=("Alt+Down",), group=1),
        QueueAct(name="schedule", text=tr("Start at a time…"), icon="mdi6.clock-outline", keys=("Ctrl+T",), group=1),
        QueueAct(name="duplicate", text=tr("Duplicate with one change…"), icon="mdi6.content-copy", keys=("Ctrl+D",),
                 group=2),
        QueueAct(name="continue", text=tr("Train on from its adapter"), icon="mdi6.source-branch", group=2, bar=False),
        QueueAct(name="delete", text=tr("Delete"), icon="mdi6.trash-can-outline", keys=("Del", "Backspace"), group=3),
    )  # fmt: skip


def act_by_key() -> dict[str, str]:
    """Key to the name of its act."""
    return {key: act.name for act in queue_acts() for key in act.keys}


def queue_shortcuts() -> list[tuple[str, list[tuple[str, str]]]]:
    """Groups of (words, key) for the list of shortcuts; what has the same key in every list is named there once."""
    own = [act for act in queue_acts() if act.keys and act.name not in _AS_EVERYWHERE]
    return [(tr("Queue"), [(act.text, act.keys[0]) for act in own])]
