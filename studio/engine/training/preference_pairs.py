"""Pairs of replies to the same words: the one that was kept and one that was passed over, each as a row of tokens.

Both rows come from the encoding that replies are learned with, under the same words before them: the whole conversation
up to there, or, where the longer row would not fit into the window, as much of its end as does.
"""

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, field
from pathlib import Path

from studio.domain.errors import StudioError
from studio.engine.text.chat_encoding import Window, encode, read
from studio.engine.text.chat_template import ChatTemplate
from studio.engine.text.preflight import check_texts, text_troubles
from studio.engine.text.windowing import Stretch, longest_tail
from studio.protocol.dataset_file import ConversationLine, TurnLine, read_dataset


@dataclass(frozen=True, kw_only=True)
class PreferencePair:
    """``number`` tells the pairs of a file apart: those of one conversation share ``key``."""

    key: str
    number: int
    chosen: Window
    rejected: Window

    @property
    def length(self) -> int:
        """Tokens of the longer row."""
        return max(self.chosen.length, self.rejected.length)

    @property
    def rows(self) -> int:
        """Both replies are read."""
        return 2

    @property
    def tokens(self) -> int:
        """Tokens of both rows, the words before the reply twice."""
        return self.chosen.tokens + self.rejected.tokens

    @property
    def trained_tokens(self) -> int:
        """Tokens of both replies."""
        return self.chosen.trained_tokens + self.rejected.trained_tokens


@dataclass(frozen=True, kw_only=True)
class PreferenceDataset:
    """Both sides as pairs, and the persona's held-out lines as windows, so that runs of all methods compare.

    ``left_out`` counts pairs that cannot be learned: nothing fits before them, or they hold what no text may.
    """

    train: list[PreferencePair]
    heldout: list[Window]
    heldout_pairs: list[PreferencePair] = field(default_factory=list)
    left_out: int = 0

    @property
    def tokens(self) -> int:
        """Tokens that one pass over the training side reads."""
        return sum(pair.tokens for pair in self.train)

    @property
    def trained_tokens(self) -> int:
        """Tokens that one pass over the training side weighs against each other."""
        return sum(pair.trained_tokens for pair in self.train)

    @property
    def heldout_tokens(self) -> int:
        """Tokens that the held-out loss is measured on."""
        return sum(window.trained_tokens for window in self.heldout)


def encode_preferences(path: Path, template: ChatTemplate, max_length: int) -> PreferenceDataset:
    """Read, check and encode the pairs of a dataset file; raises the first trouble that makes training pointless."""
    lines = list(read_dataset(path))
    check_texts(lines, template)
    found = list(_numbered(lines, template, max_length))
    pairs = {side: [pair for heldout, pair in found if pair and heldout is side] for side in (False, True)}
    if not pairs[False]:
        raise StudioError("no_preferences_to_train", count=len(found)) if found else StudioError("no_preferences")
    windows = [window for line in lines if line.heldout for window in encode(line, template, max_length)]
    return PreferenceDataset(
        train=pairs[False],
        heldout=windows,
        heldout_pairs=pairs[True],
        left_out=sum(pair is None for _, pair in found),
    )


def _numbered(
    lines: Sequence[ConversationLine], template: ChatTemplate, limit: int
) -> Iterator[tuple[bool, PreferencePair | None]]:
    """Yield (held out, pair) for every choice of the file, in its order; None for what cannot be learned."""
    number = 0
    for line in lines:
        for index, turn in enumerate(line.turns):
            for other in turn.passed_over:
                yield line.heldout, _pair(number, line, index, other, template, limit)
                number += 1


def _pair(
    number: int, line: ConversationLine, index: int, other: str, template: ChatTemplate, limit: int
) -> PreferencePair | None:
    kept = line.turns[: index + 1]
    lost = [*kept[:-1], TurnLine(role=kept[-1].role, text=other)]
    if any(text_troubles([ConversationLine(key=line.key, heldout=False, turns=lost[-1:])], template)):
        return None
    chosen = longest_tail([kept, lost], index, template, limit)
    if not chosen:
        return None
    rows = [_row(line.key, turns, chosen, template) for turns in (kept, lost)]
    if rows[0].ids == rows[1].ids:  # told apart by spaces that the template trims
        return None
    return PreferencePair(key=line.key, number=number, chosen=rows[0], rejected=rows[1])


def _row(key: str, turns: Sequence[TurnLine], chosen: tuple[int, ...], template: ChatTemplate) -> Window:
    """Read the chosen turns; the last one, alone, is learned."""
    stretch = Stretch(turns=chosen, tokens=0, fits=True, last_only=True)
    reading = read(key, turns, stretch, template)
    return Window(key=key, ids=reading.ids, trained=reading.trained)
