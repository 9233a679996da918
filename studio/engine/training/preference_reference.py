"""What the reference thought of every pair, kept in the run's folder: a resumed run goes on from the same figures."""

import hashlib
import math
from collections.abc import Mapping, Sequence
from pathlib import Path

import msgspec

from studio import atomic_files
from studio.domain.errors import StudioError
from studio.engine.bases.base_loader import LoadedBase
from studio.engine.training.preference_pairs import PreferencePair

NAME = "reference.json"


class _Kept(msgspec.Struct, frozen=True, kw_only=True, forbid_unknown_fields=True):
    """``margins`` are fp32 values, which JSON keeps to the bit, in the order of the pairs."""

    identity: str
    margins: list[float]


class ReferenceFile:
    """Belongs to these pairs on this base; whatever belongs to others, or is damaged, is as if it were not there."""

    def __init__(self, folder: Path, base: LoadedBase, pairs: Sequence[PreferencePair]) -> None:
        self._path = folder / NAME
        self._numbers = [pair.number for pair in pairs]
        self._identity = _identity(base, pairs)

    def read(self) -> dict[int, float]:
        """Return the margins by the pairs' numbers, empty where there are none."""
        try:
            kept = msgspec.json.decode(self._path.read_bytes(), type=_Kept)
        except (OSError, ValueError):
            return {}
        if kept.identity != self._identity or len(kept.margins) != len(self._numbers):
            return {}
        return dict(zip(self._numbers, kept.margins, strict=True))

    def write(self, margins: Mapping[int, float]) -> None:
        """Keep the margins."""
        ordered = [margins[number] for number in self._numbers]
        broken = [one for one in ordered if not math.isfinite(one)]
        if broken:
            raise StudioError("loss_not_finite", value=str(broken[0]), step=0)
        self._path.parent.mkdir(parents=True, exist_ok=True)
        atomic_files.write_bytes(self._path, msgspec.json.encode(_Kept(identity=self._identity, margins=ordered)))


def _identity(base: LoadedBase, pairs: Sequence[PreferencePair]) -> str:
    """Name everything that the figures depend on: another window, for one, makes other rows."""
    digest = hashlib.sha256(f"{base.fingerprint}:{base.quantization}".encode())
    for pair in pairs:
        for row in (pair.chosen, pair.rejected):
            digest.update(msgspec.json.encode((pair.number, row.ids, row.trained)))
    return digest.hexdigest()
