"""What can be done with the chosen conversations of the list, as data, and the doing. Knows no Qt."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from studio.domain.acts import Act
from studio.services.job import Job
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.studio import Studio

SLICED_FROM = 200
"""So many conversations are written anew in slices, with progress."""
Done = Act | Job[Act] | None


@dataclass(frozen=True, kw_only=True)
class BulkAct:
    """One thing to do. ``least`` is how many conversations it needs; ``asks`` says that words must be asked for."""

    name: str
    text: str
    icon: str
    keys: tuple[str, ...] = ()
    group: int = 0
    least: int = 1
    asks: bool = False


def bulk_acts() -> tuple[BulkAct, ...]:
    """Everything, in the order of the menu."""
    return (
        BulkAct(name="tag", text=tr("Add a tag…"), icon="mdi6.tag-plus-outline", keys=("Ctrl+T",), asks=True),
        BulkAct(name="untag", text=tr("Take a tag away…"), icon="mdi6.tag-minus-outline", keys=("Ctrl+Shift+T",),
                asks=True),
        BulkAct(name="train", text=tr("Train on them"), icon="mdi6.toggle-switch", keys=("T",), group=1),
        BulkAct(name="no_train", text=tr("Do not train on them"), icon="mdi6.toggle-switch-off-outline",
                keys=("Shift+T",), group=1),
        BulkAct(name="duplicate", text=tr("Duplicate"), icon="mdi6.content-copy", keys=("Ctrl+D",), group=2),
        BulkAct(name="merge", text=tr("Merge into one"), icon="mdi6.call-merge", keys=("Ctrl+J",), group=2, least=2),
        BulkAct(name="up", text=tr("Move up"), icon="mdi6.arrow-up", keys=("Alt+Up",), group=2),
        BulkAct(name="down", text=tr("Move down"), icon="mdi6.arrow-down", keys=("Alt+Down",), group=2),
        BulkAct(name="delete", text=tr("Delete"), icon="mdi6.trash-can-outline", keys=("Del", "Backspace"), group=3),
    )  # fmt: skip


def bulk_by_key() -> dict[str, str]:
    """Key to the name of its act."""
    return {key: act.name for act in bulk_acts() for key in act.keys}


class BulkActs:
    """``order`` is the ids of the filtered list in the order shown; moving needs it."""

    def __init__(self, studio: Studio, order: Callable[[], list[str]]) -> None:
        self._studio, self._order = studio, order

    def do(self, name: str, ids: Sequence[str], words: str = "") -> Done:
        """Do it; what would take long comes back as a job. None when there is nothing to be done."""
        data = self._studio.data
        if not ids:
            return None
        tags = [tag.strip() for tag in words.split(",") if tag.strip()]
        acts: dict[str, Callable[[], Done]] = {
            "tag": lambda: self._retag(ids, add=tags) if tags else None,
            "untag": lambda: self._retag(ids, remove=tags) if tags else None,
            "train": lambda: self._set_train(ids, True),
            "no_train": lambda: self._set_train(ids, False),
            "duplicate": lambda: data.duplicate_conversations(ids),
            "merge": lambda: data.merge_conversations(ids) if len(ids) > 1 else None,
            "up": lambda: self._move(ids, -1),
            "down": lambda: self._move(ids, 1),
            "delete": lambda: data.delete_conversations(ids),
        }
        return acts[name]()

    def _retag(self, ids: Sequence[str], add: Sequence[str] = (), remove: Sequence[str] = ()) -> Done:
        act = self._studio.data.retag_job if len(ids) >= SLICED_FROM else self._studio.data.retag
        return act(ids, add, remove)

    def _set_train(self, ids: Sequence[str], train: bool) -> Done:
        act = self._studio.data.set_train_job if len(ids) >= SLICED_FROM else self._studio.data.set_train
        return act(ids, train)

    def _move(self, ids: Sequence[str], by: int) -> Act | None:
        """One step: before the one above the first of them, or behind the one below the last."""
        order, meant = self._order(), set(ids)
        places = [place for place, one in enumerate(order) if one in meant]
        if not places or (by < 0 and places[0] == 0) or (by > 0 and places[-1] == len(order) - 1):
            return None
        if by < 0:
            return self._studio.data.move_conversations(ids, order[places[0] - 1])
        behind = places[-1] + 2
        return self._studio.data.move_conversations(ids, order[behind] if behind < len(order) else "")
