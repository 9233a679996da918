"""The text of single tokens, exactly as it is decoded; bytes that are only part of a character are shown as ‹F0 9F›."""

import codecs
import re
from typing import Any

from transformers.convert_slow_tokenizer import bytes_to_unicode

_BYTE = re.compile(r"<0x([0-9A-Fa-f]{2})>")
_LETTERS = {letter: byte for byte, letter in bytes_to_unicode().items()}
_UNKNOWN = "\ufffd"


def _as_marks(error: UnicodeError) -> tuple[str, int]:
    if not isinstance(error, UnicodeDecodeError):
        raise error
    return f"‹{error.object[error.start : error.end].hex(' ').upper()}›", error.end


codecs.register_error("persona-studio-marks", _as_marks)


class Pieces:
    """Remembers what it has decoded."""

    def __init__(self, tokenizer: Any) -> None:
        self._tokenizer = tokenizer
        self._known: dict[int, str] = {}
        # Decoded behind another token: some tokenizers take the space away from whatever comes first.
        self._before: list[int] = tokenizer.encode("a", add_special_tokens=False)[-1:]
        self._start: str = self._decoded(self._before)

    def of(self, token: int) -> str:
        """The piece of text that a token stands for."""
        if token not in self._known:
            self._known[token] = self._piece(token)
        return self._known[token]

    def _piece(self, token: int) -> str:
        both = self._decoded([*self._before, token])
        piece = both.removeprefix(self._start) if both.startswith(self._start) else self._decoded([token])
        if _UNKNOWN not in piece:
            return piece
        raw = _raw_bytes(self._tokenizer.convert_ids_to_tokens(token))
        return raw.decode("utf-8", "persona-studio-marks").replace("›‹", " ") if raw else piece

    def _decoded(self, tokens: list[int]) -> str:
        return str(self._tokenizer.decode(tokens, skip_special_tokens=False, clean_up_tokenization_spaces=False))


def _raw_bytes(token: str) -> bytes:
    """The bytes of a token of a byte-level vocabulary, or of one of the single bytes that others fall back to."""
    single = _BYTE.fullmatch(token)
    if single:
        return bytes.fromhex(single[1])
    return bytes(_LETTERS[letter] for letter in token) if all(letter in _LETTERS for letter in token) else b""
