"""Sampler values that a card or an adapter brings along for its own replies."""

import json
from collections.abc import Mapping
from dataclasses import replace
from pathlib import Path

from studio.domain.card_text import card_extension
from studio.domain.chat import Contestant, Sampler
from studio.domain.errors import StudioError
from studio.domain.lore_entry import number
from studio.library.library import Library
from studio.services.contestants import Contestants

GENERATION = "generation_config.json"
"""The file beside an adapter's weights in which transformers keeps such values."""
_PLACES = ("persona_studio", "generation", "generation_settings", "sampler", "sampling", "sampler_settings")
_NAMES = {
    "temperature": ("temperature", "temp"),
    "top_p": ("top_p", "topP"),
    "top_k": ("top_k", "topK"),
    "min_p": ("min_p", "minP"),
    "repetition_penalty": ("repetition_penalty", "rep_pen", "repetitionPenalty"),
    "max_tokens": ("max_tokens", "max_new_tokens", "maxTokens"),
    "dry_multiplier": ("dry_multiplier",),
    "dry_base": ("dry_base",),
    "dry_allowed_length": ("dry_allowed_length",),
}


_BOUNDS: dict[str, tuple[float, float]] = {
    "temperature": (0, 5), "top_p": (0.01, 1), "top_k": (0, 1000), "min_p": (0, 1), "repetition_penalty": (0.5, 3),
    "max_tokens": (1, 8192), "dry_multiplier": (0, 5), "dry_base": (1, 4), "dry_allowed_length": (1, 20),
}  # fmt: skip
"""What is worth a try; anything else that a card says is passed over."""
_WHOLE = ("top_k", "max_tokens", "dry_allowed_length")


class CardSamplers:
    """Reads; never writes. The card's word goes before the adapter's file: a person wrote it."""

    def __init__(self, library: Library, contestants: Contestants) -> None:
        self._library = library
        self._contestants = contestants

    def sampler(self, contestant: Contestant) -> Sampler | None:
        """The values over the defaults; None where neither says anything."""
        try:
            said = self._of_adapter(contestant) | self._of_card(contestant)
        except StudioError:  # an adapter that is gone says nothing
            return None
        return replace(Sampler(), **said) if said else None  # type: ignore[arg-type]

    def _of_card(self, contestant: Contestant) -> dict[str, object]:
        persona = self._contestants.persona(contestant)
        if persona is None:
            return {}
        found: dict[str, object] = {}
        for place in _PLACES:
            inner = card_extension(persona, place)
            if isinstance(inner, Mapping):
                own = inner.get("sampler")
                found = _values(own if isinstance(own, Mapping) else inner) | found
        return found

    def _of_adapter(self, contestant: Contestant) -> dict[str, object]:
        adapters = self._contestants.described(contestant)
        if not adapters or not adapters[0].path:
            return {}
        return _read_values(self._library.folder / adapters[0].path / GENERATION)


def _read_values(path: Path) -> dict[str, object]:
    try:
        held = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError):
        return {}
    return _values(held) if isinstance(held, Mapping) else {}


def _values(held: Mapping[str, object]) -> dict[str, object]:
    found: dict[str, object] = {}
    for field, names in _NAMES.items():
        value = next((said for name in names if (said := number(held.get(name))) is not None), None)
        least, most = _BOUNDS[field]
        if value is not None and least <= value <= most:
            found[field] = int(value) if field in _WHOLE else value
    return found
