"""What a training method costs, in words: told before a run starts."""

from collections.abc import Iterable

METHOD_COSTS: dict[str, str] = {
    "swap": "What it makes is a base of its own: changing to it loads another model, which takes seconds instead of nothing.",
    "batch": "It cannot answer beside other personas in one batch.",
    "export": "Runtimes that read plain LoRA files only cannot read it; exports that need those refuse it by name.",
    "memory": "It trains every weight, so it needs many times the memory of an adapter: small bases only.",
    "speed": "Each step takes clearly longer than with plain LoRA.",
    "context": "Its learned tokens take room in every conversation.",
}
"""A word of ``Method.costs`` to its sentence, to be shown through ``tr``."""


def costs_told(words: Iterable[str]) -> list[str]:
    """The sentences for a method's costs, in its order."""
    return [METHOD_COSTS[word] for word in words]
