"""A recipe: everything that, with the data and the base, decides what a run becomes."""

from collections.abc import Mapping
from dataclasses import dataclass, field


@dataclass(frozen=True, kw_only=True)
class Recipe:
    """How to train. ``options`` hold plain values, validated by the method's options class."""

    id: str
    method: str
    options: Mapping[str, object] = field(default_factory=dict)
    preset: str = ""
    created_at: str = ""
