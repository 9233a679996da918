"""What an optimiser remembers, by the names of what it trains: torch's own and the 8-bit, paged ones of bitsandbytes.

Names, not places in a list: groups of parameters (LoRA+) may come in any order. Rates and decay are no state; they are
made again from the options and the step.
"""

from collections.abc import Iterable, Iterator, Mapping
from typing import Any

import torch
from torch import Tensor

Parameters = Mapping[str, Tensor]


def kind(optimizer: torch.optim.Optimizer) -> str:
    """What state is made for: another optimiser cannot go on with it."""
    return type(optimizer).__name__


def tensors(optimizer: torch.optim.Optimizer, parameters: Parameters) -> dict[str, Tensor]:
    """Moments, their scales and maps, where they lie; ``a weight's name|key``."""
    return {name: value for name, value in _remembered(optimizer, parameters) if isinstance(value, Tensor)}


def counts(optimizer: torch.optim.Optimizer, parameters: Parameters) -> dict[str, int | float]:
    """Plain numbers: bitsandbytes counts its steps so."""
    return {name: value for name, value in _remembered(optimizer, parameters) if not isinstance(value, Tensor)}


def restore(
    optimizer: torch.optim.Optimizer,
    parameters: Parameters,
    saved: Iterable[tuple[str, Tensor]],
    counted: Mapping[str, int | float],
) -> None:
    """Make the optimiser remember this and nothing else, in buffers of its own kind."""
    forget(optimizer)
    groups = {id(one): group for group in optimizer.param_groups for one in group["params"]}
    named: set[str] = set()
    for full, value in saved:
        name, _, key = full.rpartition("|")
        parameter = parameters[name]
        if name not in named:
            named.add(name)
            _prepare(optimizer, parameter)
        _put(optimizer.state[parameter], key, value, _place(key, groups[id(parameter)], parameter, value))
    for full, number in counted.items():
        name, _, key = full.rpartition("|")
        optimizer.state[parameters[name]][key] = number


def forget(optimizer: torch.optim.Optimizer) -> None:
    """Drop everything; the paged optimisers of bitsandbytes have a second list of their buffers, which holds them."""
    optimizer.state.clear()
    pages = getattr(getattr(optimizer, "page_mng", None), "paged_tensors", None)
    if pages is not None:
        pages.clear()


def _remembered(optimizer: torch.optim.Optimizer, parameters: Parameters) -> Iterator[tuple[str, Any]]:
    for name, parameter in parameters.items():
        # ``get``: asking for a state that is not there would make an empty one.
        for key, value in optimizer.state.get(parameter, {}).items():
            yield f"{name}|{key}", value


def _prepare(optimizer: torch.optim.Optimizer, parameter: Tensor) -> None:
    """bitsandbytes makes its buffers itself, paged ones among them, which a card may lend to main memory."""
    make = getattr(optimizer, "init_state", None)
    if make is None:
        return
    for number, group in enumerate(optimizer.param_groups):
        for place, one in enumerate(group["params"]):
            if one is parameter:
                make(group, parameter, number, place)


def _put(state: dict[str, Any], key: str, value: Tensor, device: torch.device) -> None:
    """Fill the buffer that is there; the maps of bitsandbytes are shared and hold the same numbers already."""
    ready = state.get(key)
    if isinstance(ready, Tensor) and (ready.shape, ready.dtype) == (value.shape, value.dtype):
        ready.copy_(value)
    else:
        state[key] = value.clone().to(device)


def _place(key: str, group: dict[str, Any], parameter: Tensor, value: Tensor) -> torch.device:
    """Adam keeps its count of steps in main memory unless it is fused or captured; all else lies by the parameter."""
    counts_there = bool(group.get("fused")) or bool(group.get("capturable"))
    return torch.device("cpu") if key == "step" and value.ndim == 0 and not counts_there else parameter.device
