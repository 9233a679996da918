"""The columns of the open chat: their headers; adding, moving, changing and taking them away. Knows no Qt."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import TYPE_CHECKING

from studio.domain.chat import Chat, Contestant, Sampler
from studio.domain.errors import StudioError
from studio.gui.pages.chat.talk.contestants import effect_words, gain_words, next_contestant, subtitle
from studio.gui.pages.chat.talk.open_chat import OpenChat, Place
from studio.gui.pages.chat.talk.replies import Replies
from studio.gui.pages.chat.talk.screen import ColumnView, Screen
from studio.gui.pages.chat.talk.threads import Threads

if TYPE_CHECKING:
    from studio.services.job import Job
    from studio.services.studio import Studio

MOST_COLUMNS = 8
Then = Callable[[list[Place]], object]
"""Called when columns stand otherwise, with the columns as they were."""


def _nothing(before: list[Place]) -> None: ...


@dataclass(frozen=True)
class _Words:
    """How a contestant is called, and what was measured of its adapters."""

    title: str
    subtitle: str
    colour: str
    portrait: Path | None
    effects: tuple[str, ...]


class ColumnDesk:
    """What a chat's columns are. Those that stay keep their threads, whatever happens beside them."""

    def __init__(
        self, studio: "Studio", screen: Screen, open: OpenChat, threads: Threads, replies: Replies,
        failed: Callable[[StudioError], None],
    ) -> None:  # fmt: skip
        self._studio, self._screen, self._open = studio, screen, open
        self._threads, self._replies, self._failed = threads, replies, failed
        self._known: dict[Contestant, _Words] = {}
        self._arranging: Job[Chat] | None = None

    # -- what is shown -------------------------------------------------------------------------------------------

    def views(self) -> list[ColumnView]:
        """The headers of all columns."""
        return [self.view(number) for number in range(len(self._open.contestants()))]

    def view(self, number: int) -> ColumnView:
        """The header of a column."""
        contestant, tip = self._open.places()[number]
        words = self._words(contestant)
        return ColumnView(
            title=words.title, subtitle=words.subtitle, colour=words.colour, portrait=words.portrait,
            is_base=contestant.is_base, strength=contestant.strength, figure=self._replies.figure(number),
            details=(words.title, *words.effects, *self._replies.details(number)),
            own=contestant.sampler is not None or contestant.seed is not None, blended=len(contestant.parts) > 1,
            said=bool(tip),
        )  # fmt: skip

    def forget(self) -> None:
        """Adapters or personas may be called otherwise now."""
        self._known.clear()

    def _words(self, contestant: Contestant) -> _Words:
        """How a contestant is called; looked up once, not with every reply that ends."""
        if contestant not in self._known:
            label = self._studio.chats.label(contestant)
            below = subtitle(self._studio, contestant, label.title, label.subtitle)
            ids = [part.adapter_id for part in contestant.parts]
            effects = [words(self._studio, id) for id in ids for words in (gain_words, effect_words)]
            self._known[contestant] = _Words(
                label.title, below, label.colour, label.portrait, tuple(filter(None, effects))
            )
        return self._known[contestant]

    # -- changing ------------------------------------------------------------------------------------------------

    @property
    def arranging(self) -> bool:
        """True while long threads are being copied; until then columns cannot be changed."""
        return self._arranging is not None

    def add(self, contestant: Contestant | None = None, then: Then = _nothing) -> None:
        """Put one more beside the others, if there is room.

        In the middle of a conversation it begins at the last words of the user in the first column, to answer them.
        """
        places = self._open.places()
        if len(places) >= MOST_COLUMNS or self.arranging:
            return
        chosen = contestant or next_contestant(self._studio, [one for one, _ in places])
        self._arrange([*places, (chosen, self._threads.last_own(self._open.id, 0)[0])], then)

    def remove(self, column: int, then: Then = _nothing) -> None:
        """Take a column away; the last one stays."""
        places = self._open.places()
        if len(places) > 1:
            self.arrange(places[:column] + places[column + 1 :], then)

    def move(self, column: int, to: int) -> None:
        """Put a column into another place."""
        places = self._open.places()
        if column == to or not (0 <= column < len(places) and 0 <= to < len(places)):
            return
        moved = places.pop(column)
        places.insert(to, moved)
        self.arrange(places)

    def arrange(self, places: Sequence[Place], then: Then = _nothing) -> None:
        """Set all columns at once; ``then`` hears the columns as they were when it is done."""
        self._replies.stop()
        self._replies.forget()
        self._arrange(places, then)

    def sweep(self, column: int, strengths: Sequence[float], then: Then = _nothing) -> None:
        """Let a column's adapter stand in all columns, at these strengths."""
        places = self._open.places()
        contestant = places[column][0]
        tip = self._threads.last_own(self._open.id, column)[0]
        swept = [replace(contestant, strength=strength) for strength in strengths[:MOST_COLUMNS]]
        self.arrange([(one, tip) for one in swept], then)

    def continue_with(self, column: int, then: Then = _nothing) -> None:
        """Let all columns go on from this column's thread."""
        places = self._open.places()
        self.arrange([(one, places[column][1]) for one, _ in places], then)

    def set_contestant(self, column: int, contestant: Contestant) -> None:
        """Let someone else answer in a column; what was said there stays, and the column's own seed."""
        self._change(column, replace(contestant, seed=self._open.contestants()[column].seed))
        self._refresh()

    def set_strength(self, column: int, strength: float) -> None:
        """Change how strongly a column's adapter speaks, from the next reply on."""
        self._change(column, replace(self._open.contestants()[column], strength=strength))

    def set_own(self, column: int, sampler: Sampler | None, seed: int | None) -> None:
        """Give a column a sampler and a seed of its own; None: as in the chat."""
        self._change(column, replace(self._open.contestants()[column], sampler=sampler, seed=seed))
        self._screen.show_columns()

    def _change(self, column: int, contestant: Contestant) -> None:
        if not self.arranging:
            self._open.change(column, contestant)

    def _arrange(self, places: Sequence[Place], then: Then) -> None:
        """Long threads are copied in slices, so that the window lives meanwhile; short ones are there at once."""
        before = self._open.places()
        job = self._open.arrange(places)
        if job is None:
            self._arranged(before, then)
            return
        self._arranging = job
        self._replies.wait_for(job)
        job.on_end(lambda ended: self._ended(ended, before, then))

    def _ended(self, job: "Job[Chat]", before: list[Place], then: Then) -> None:
        if job is not self._arranging:
            return  # other columns were wanted meanwhile, or another chat
        self._arranging = None
        if job.error is None:
            self._open.read()
            self._arranged(before, then)
        else:
            self._failed(job.error)

    def _arranged(self, before: list[Place], then: Then) -> None:
        self._refresh()
        then(before)

    def _refresh(self) -> None:
        self._screen.show_columns()
        for number in range(len(self._open.contestants())):
            self._screen.show_messages(number)
