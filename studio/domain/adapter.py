"""An adapter: the thin difference that a run made, and where it came from."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Adapter:
    """A trained adapter. ``path`` is a PEFT folder in the library; ``content`` the SHA-256 of its safetensors.

    ``gain`` is held-out nats per token that it saves against the base (base minus adapter), if measured.
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
