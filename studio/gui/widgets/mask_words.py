"""What is said about tokens: kinds, windows, and everything about one token."""

from collections.abc import Mapping

from studio.domain.mask import CONTEXT, CUT, PROMPT_TURN, SPECIAL, TRAINED
from studio.gui.widgets.mask_layout import Token
from studio.texts import tr, tr_plural

KINDS = {
    TRAINED: ("Learned", "The persona's words and the end of each reply: what a run learns to say."),
    CONTEXT: ("Read", "What others say, and replies that are switched off: the model reads it, but does not learn it."),
    SPECIAL: ("Template", "What the base's chat template puts around the words; the model reads it too."),
    CUT: ("Cut", "What is in no window: a run never sees it."),
}


def kind_name(kind: str) -> str:
    """The word for a kind."""
    return tr(KINDS[kind][0])


def kind_meaning(kind: str) -> str:
    """The sentence that explains a kind."""
    return tr(KINDS[kind][1])


def token_words(token: Token, speaker: str) -> str:
    """Piece, id and kind, whose it is, and its window; a line each."""
    lines = [
        tr("“{piece}”", piece=token.text.replace("\n", "⏎").replace("\t", "⇥")),
        tr("token {id}, {kind}", id=token.id, kind=kind_name(token.kind)),
    ]
    if token.turn >= 0:
        lines.append(tr("turn {number}, {speaker}", number=token.turn + 1, speaker=speaker))
    elif token.turn == PROMPT_TURN:
        lines.append(speaker)
    if token.window >= 0:
        lines.append(tr("window {number}", number=token.window + 1))
    return "\n".join(lines)


def window_words(window: int, sizes: Mapping[int, int]) -> str:
    """The heading over a window, or over what is in none."""
    count = sizes[window]
    if window < 0:
        return tr_plural("In no window: {count} token", "In no window: {count} tokens", count)
    windows = sum(one >= 0 for one in sizes)
    return tr("Window {number} of {windows}: {count} tokens", number=window + 1, windows=windows, count=count)
