"""The file of a dataset version: JSON Lines, a conversation a line, with everything that the user sees of it.

The engine's own file (``protocol/dataset_file.py``) has roles, texts and what is trained; this one is what that is made
of. Lines of the first kind, as libraries of the first shape stored them, are read as well, and so are lines with keys
that this version does not know yet.
"""

from collections.abc import Iterator
from pathlib import Path

import msgspec

from studio.domain.conversation import Conversation, Role, Turn


class VersionTurn(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A turn as it stands in the file."""

    role: str
    text: str
    train: bool = True
    speaker: str = ""
    alternatives: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()


class VersionLine(msgspec.Struct, frozen=True, kw_only=True, omit_defaults=True):
    """A conversation as it stands in the file; ``key`` is its id in the library."""

    key: str
    heldout: bool
    turns: tuple[VersionTurn, ...]
    title: str = ""
    source: str = ""
    tags: tuple[str, ...] = ()

    @property
    def conversation(self) -> Conversation:
        """What it was then."""
        return Conversation(
            turns=tuple(
                Turn(
                    role=Role(turn.role),
                    text=turn.text,
                    speaker=turn.speaker,
                    train=turn.train,
                    alternatives=turn.alternatives,
                    marks=turn.marks,
                )
                for turn in self.turns
            ),
            title=self.title,
            source=self.source,
            tags=self.tags,
        )


_encode = msgspec.json.Encoder().encode
_decode = msgspec.json.Decoder(VersionLine).decode


def version_line(key: str, heldout: bool, conversation: Conversation) -> bytes:
    """Return the line of a conversation."""
    line = VersionLine(
        key=key,
        heldout=heldout,
        turns=tuple(
            VersionTurn(
                role=turn.role.value,
                text=turn.text,
                train=turn.train,
                speaker=turn.speaker,
                alternatives=turn.alternatives,
                marks=turn.marks,
            )
            for turn in conversation.turns
        ),
        title=conversation.title,
        source=conversation.source,
        tags=conversation.tags,
    )
    return _encode(line) + b"\n"


def read_version(path: Path) -> Iterator[VersionLine]:
    """Yield the conversations of a version."""
    with path.open("rb") as file:
        for line in file:
            yield _decode(line)
