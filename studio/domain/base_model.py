"""A base: the frozen model that everything hangs on."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class BaseModel:
    """A base on this machine. ``path`` is a folder with safetensors, tokenizer and chat template.

    ``fingerprint`` is the SHA-256 over config, tokenizer and chat template (see ``engine/fingerprint.py``).
    ``name`` is what people read, ``hub_id`` what an exported adapter names as its base, if known.
    """

    id: str
    name: str
    path: str
    fingerprint: str
    parameters: int
    architecture: str
    layers: int
    hidden_size: int
    intermediate_size: int
    vocabulary: int
    heads: int
    key_value_heads: int
    context_length: int
    hub_id: str = ""
    licence: str = ""
    created_at: str = ""
