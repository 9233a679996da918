"""Messages to lines and back. A line that is too long, unknown or malformed is refused, never guessed at."""

from typing import Any

import msgspec

from studio.protocol.commands import AnyCommand
from studio.protocol.events import AnyEvent

LINE_LIMIT = 16 * 1024 * 1024
"""Bytes in one line. Datasets travel as files, so nothing honest comes near this."""

_encoder = msgspec.json.Encoder()
_commands: msgspec.json.Decoder[Any] = msgspec.json.Decoder(AnyCommand)
_events: msgspec.json.Decoder[Any] = msgspec.json.Decoder(AnyEvent)


class WireError(Exception):
    """The other side sent something that is not of this protocol."""


def encode(message: msgspec.Struct) -> bytes:
    """Return the message as one line of JSON, newline included; ``WireError`` over the limit."""
    line = _encoder.encode(message) + b"\n"
    if len(line) > LINE_LIMIT:
        raise WireError(f"a {type(message).__name__} of {len(line)} bytes is over the limit of {LINE_LIMIT}")
    return line


def decode_command(line: bytes) -> AnyCommand:
    """Read a line sent by the app."""
    return _decode(_commands, line)  # type: ignore[no-any-return]


def decode_event(line: bytes) -> AnyEvent:
    """Read a line sent by the engine."""
    return _decode(_events, line)  # type: ignore[no-any-return]


def _decode(decoder: "msgspec.json.Decoder[Any]", line: bytes) -> Any:
    if len(line) > LINE_LIMIT:
        raise WireError(f"a line of {len(line)} bytes is over the limit of {LINE_LIMIT}")
    try:
        return decoder.decode(line)
    except (msgspec.DecodeError, UnicodeDecodeError) as error:
        raise WireError(str(error)) from error
