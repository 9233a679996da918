"""An adapter: the thin difference that a run made, and where it came from."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any


@dataclass(frozen=True, kw_only=True)
class AdapterPart:
    """One of the adapters that another one was baked of, as it was then."""

    adapter_id: str
    name: str
    content: str
    weight: float
    rank: int


@dataclass(frozen=True, kw_only=True)
class Adapter:
    """A trained adapter. ``path`` is a PEFT folder in the library; ``content`` the SHA-256 of its safetensors.

    ``gain`` is held-out nats per token that it saves against the base (base minus adapter), if measured. ``made_of``
    is the lineage of one that was baked of others: their ids, names, contents and weights.
    """

    id: str
    name: str
    persona_id: str
    base_id: str
    base_fingerprint: str
    run_id: str
    method: str
    rank: int
    alpha: float
    step: int
    path: str
    content: str
    size_bytes: int
    gain: float | None = None
    created_at: str = ""
    made_of: Mapping[str, object] = field(default_factory=dict)


def made_of(adapter: Adapter) -> list[AdapterPart]:
    """Return what an adapter was baked of; nothing for one that a run made."""
    parts: Any = adapter.made_of.get("parts", [])
    return [
        AdapterPart(
            adapter_id=str(part["adapter_id"]), name=str(part["name"]), content=str(part["content"]),
            weight=float(part["weight"]), rank=int(part["rank"]),
        )
        for part in parts
    ]  # fmt: skip
