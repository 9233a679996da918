"""What is done to the rows of the queue: moved, paused, deleted, one run or a whole group. Knows no Qt."""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING

from studio.domain.errors import StudioError
from studio.domain.run import RESUMABLE, Run, RunState
from studio.texts import tr_plural

if TYPE_CHECKING:
    from studio.services.studio import Studio


class QueueDesk:
    """An id is a run's or a group's; what is done to a group is done to those of its runs to which it can be."""

    def __init__(self, studio: "Studio") -> None:
        self._studio = studio

    def runs(self, row_id: str) -> list[Run]:
        """The runs behind a row."""
        if any(one.id == row_id for one in self._studio.training.groups()):
            return self._studio.training.runs_of(row_id)
        return [self._studio.training.get(row_id)]

    # -- order ---------------------------------------------------------------------------------------------------

    def move(self, row_id: str, by: int) -> bool:
        """One step up (-1) or down (1); False at the ends of the queue."""
        blocks = self._blocks(row_id)
        place = next((i for i, block in enumerate(blocks) if row_id in block[0]), -1)
        if place < 0 or not 0 <= place + by < len(blocks):
            return False
        behind = place - 1 if by < 0 else place + 2
        self._put(blocks[place][1], blocks[behind][1][0] if behind < len(blocks) else "")
        return True

    def drop(self, row_id: str, before_row: str) -> bool:
        """Put a row before another one that waits; ``""`` is the end. False when nothing moved."""
        blocks = self._blocks(row_id)
        moved = next((block for block in blocks if row_id in block[0]), None)
        target = next((block for block in blocks if before_row in block[0]), None)
        if moved is None or target is moved:
            return False
        self._put(moved[1], target[1][0] if target else "")
        return True

    def _put(self, run_ids: Sequence[str], before: str) -> None:
        for run_id in run_ids:
            self._studio.training.move(run_id, before)

    def _blocks(self, row_id: str) -> list[tuple[set[str], list[str]]]:
        """What moves as one: a run, or the waiting runs of a group. A run in a group moves among its own."""
        waiting = [one for one in self._studio.training.queue() if one.state is RunState.QUEUED]
        own = next((one.group for one in waiting if one.id == row_id), "")
        if own:
            return [({one.id}, [one.id]) for one in waiting if one.group == own]
        blocks: dict[str, list[str]] = {}
        for one in waiting:
            blocks.setdefault(one.group or one.id, []).append(one.id)
        return [({key}, ids) for key, ids in blocks.items()]

    # -- state ---------------------------------------------------------------------------------------------------

    def pause(self, row_id: str) -> None:
        """Let what runs or waits rest."""
        self._each(row_id, self._studio.training.pause, {RunState.RUNNING, RunState.QUEUED})

    def resume(self, row_id: str) -> None:
        """Put what rests into the queue again."""
        self._each(row_id, self._studio.training.resume, set(RESUMABLE))

    def stop(self, row_id: str) -> None:
        """End it and keep what was learned."""
        self._each(row_id, self._studio.training.stop, {RunState.RUNNING, RunState.QUEUED, *RESUMABLE})

    def delete(self, row_id: str) -> tuple[str, Callable[[], None]]:
        """Move it to the trash; what to say, and how to take it back. The run under way stays."""
        tokens = [
            self._studio.training.delete(one.id) for one in self.runs(row_id) if one.state is not RunState.RUNNING
        ]
        if not tokens:
            raise StudioError("run_active", run=row_id)
        words = tr_plural("Run deleted.", "{count} runs deleted.", len(tokens))
        return words, lambda: self._undo(tokens)

    def _undo(self, tokens: list[str]) -> None:
        for token in tokens:
            self._studio.personas.undo(token)

    def _each(self, row_id: str, act: Callable[[str], object], states: set[RunState]) -> None:
        for run in self.runs(row_id):
            if run.state in states:
                act(run.id)
