"""The mask of one conversation: every token as training reads it, and what a creator should know about it.

Windows and loss mask come from ``chat_encoding``; nothing here decides what is learned.
"""

from bisect import bisect_right
from collections.abc import Iterator, Sequence
from pathlib import Path

from studio.domain.errors import StudioError
from studio.engine.bench.pieces import Pieces
from studio.engine.bench.template_shelf import TemplateShelf
from studio.engine.bench.turn_places import Region, TurnPlaces, find_turns
from studio.engine.failures import plain_details
from studio.engine.scheduler import Work
from studio.engine.text.chat_encoding import Reading, is_learned, read, read_unlearned
from studio.engine.text.chat_template import ChatTemplate
from studio.engine.text.preflight import text_troubles
from studio.engine.text.windowing import PERSONA, SYSTEM, Stretch, stretches
from studio.engine.wire import Wire
from studio.protocol.commands import ShowTokens
from studio.protocol.dataset_file import ConversationLine, TurnLine
from studio.protocol.events import MaskProblem, ShownToken, TokensShown

MOST_TOKENS = 100_000
"""Tokens in one message; a message has at most 16 MB."""

ADDED_LENGTH = 60


def show_tokens(command: ShowTokens, shelf: TemplateShelf, wire: Wire) -> Work:
    """Answer ``ShowTokens``."""
    template = shelf.template(Path(command.path))
    yield
    mask = Mask(command.key, command.turns, template, command.max_length)
    for _ in mask.work():
        yield
    wire.send(
        TokensShown(
            job=command.job,
            tokens=mask.tokens[:MOST_TOKENS],
            windows=mask.windows,
            problems=mask.problems,
            left_out=max(0, len(mask.tokens) - MOST_TOKENS),
        )
    )


class Mask:
    """Filled by ``work``, a stretch of turns at a time. ``key`` names the conversation in sentences."""

    def __init__(self, key: str, turns: Sequence[TurnLine], template: ChatTemplate, max_length: int) -> None:
        self.tokens: list[ShownToken] = []
        self.problems: list[MaskProblem] = []
        self.windows = 0
        self._key = key
        self._turns = turns
        self._template = template
        self._limit = max_length
        self._pieces = Pieces(template.tokenizer)

    def work(self) -> Work:
        """Read the conversation stretch by stretch."""
        line = ConversationLine(key=self._key, heldout=False, turns=list(self._turns))
        for trouble in text_troubles([line], self._template):
            self._refuse(trouble)
        try:
            found = stretches(self._turns, self._template, self._limit)
        except StudioError as error:  # the template cannot render it at all
            self._refuse(error)
            return
        for stretch in found:
            self._add(stretch)
            yield
        if not self.windows and not any(problem.refused for problem in self.problems):
            self._note("mask_nothing_learned")

    def _add(self, stretch: Stretch) -> None:
        reading, window = self._read(stretch)
        places = find_turns(self._turns, reading.turns, reading.text, self._template)
        self._tell_of_places(places)
        self._tell_of_additions(reading, places)
        shown = list(_kinds(reading, places, window, self._pieces))
        if window < 0 and self.tokens:
            shown = _without_head(shown, self._own(stretch))
        self.tokens += shown

    def _read(self, stretch: Stretch) -> tuple[Reading, int]:
        """Return what is read and the number of its window, -1 where it is in none; refused or not, it is shown."""
        try:
            if is_learned(self._key, self._turns, stretch, self._limit):
                reading = read(self._key, self._turns, stretch, self._template)
                self.windows += 1
                return reading, self.windows - 1
            self._tell_of_cut(stretch)
        except StudioError as error:
            self._refuse(error)
            if stretch.fits:
                self.windows += 1
                return read_unlearned(self._turns, stretch, self._template), self.windows - 1
        return read_unlearned(self._turns, stretch, self._template), -1

    def _own(self, stretch: Stretch) -> set[int]:
        """The turns of a stretch without the system turn that every stretch begins with."""
        return {index for index in stretch.turns if index or self._turns[0].role != SYSTEM}

    def _tell_of_cut(self, stretch: Stretch) -> None:
        last = stretch.turns[-1]
        if not stretch.fits and self._turns[last].role == PERSONA:
            self._note("mask_turn_too_long", last, tokens=stretch.tokens, limit=self._limit)
        elif self.windows:
            self._note("mask_turns_unused", min(self._own(stretch)), count=len(self._own(stretch)))

    def _tell_of_places(self, places: TurnPlaces) -> None:
        for turn in places.hidden:
            self._note("mask_turn_hidden", turn)
        for turn in places.rewritten:
            self._note("mask_turn_rewritten", turn)

    def _tell_of_additions(self, reading: Reading, places: TurnPlaces) -> None:
        """What a template puts before a reply's words, after the opening, would be learned as the persona's own."""
        words = {region.turn: region.start for region in places.regions if region.words}
        for turn, start, end in reading.learned:
            added = reading.text[start : words.get(turn, end)].strip()
            if added and turn in words:
                self._note("mask_reply_added", turn, added=" ".join(added.split())[:ADDED_LENGTH])

    def _note(self, code: str, turn: int = -1, **details: object) -> None:
        problem = MaskProblem(code=code, turn=turn, details=details)
        if problem not in self.problems:  # a system turn is in every window
            self.problems.append(problem)

    def _refuse(self, error: StudioError) -> None:
        problem = MaskProblem(code=error.code, details=plain_details(error.details), refused=True)
        if all(one.code != error.code for one in self.problems):
            self.problems.insert(sum(one.refused for one in self.problems), problem)


def _kinds(reading: Reading, places: TurnPlaces, window: int, pieces: Pieces) -> Iterator[ShownToken]:
    starts = [region.start for region in places.regions]
    for token, trained, (left, right) in zip(reading.ids, reading.trained, reading.offsets, strict=True):
        region = _region(places.regions, starts, left, right)
        kind = "cut" if window < 0 else "trained" if trained else "context" if region.words else "special"
        yield ShownToken(token, pieces.of(token), kind, region.turn, window)


def _region(regions: Sequence[Region], starts: Sequence[int], left: int, right: int) -> Region:
    """The region of a token: words where it holds a part of them, else the one that it begins in."""
    first = max(0, bisect_right(starts, left) - 1)
    for region in regions[first:]:
        if region.start >= max(right, left + 1):
            break
        if region.words and region.end > left:
            return region
    return regions[first]


def _without_head(shown: list[ShownToken], own: set[int]) -> list[ShownToken]:
    """What is cut begins with its own turns; the system turn was shown before."""
    first = next((place for place, token in enumerate(shown) if token.turn in own), len(shown))
    return shown[first:]
