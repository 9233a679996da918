"""The engine's own tests: marked ``engine``, and left out as a whole where torch is missing."""

import gc
from collections.abc import Callable
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import pytest

collect_ignore_glob = [] if find_spec("torch") else ["test_*.py"]


def pytest_itemcollected(item: pytest.Item) -> None:
    if Path(__file__).parent in item.path.parents:
        item.add_marker(pytest.mark.engine)


@pytest.fixture
def tiny(tiny_base: Path) -> Callable[..., Any]:
    """Load the tiny base: ``tiny("nf4", torch.bfloat16)``; fp32 and not quantised by default."""
    from tests.engine.rig import loaded

    def load(quantization: str = "none", dtype: Any = None) -> Any:
        return loaded(tiny_base, quantization, dtype)

    return load


@pytest.fixture(scope="session", autouse=True)
def _one_thread_and_little_garbage() -> None:
    """Products this small only wait for each other on two threads, much longer still beside other programs."""
    import peft
    import torch

    assert peft.get_peft_model  # imported now, so that its objects are frozen below with all others
    torch.set_num_threads(1)
    gc.collect()
    gc.freeze()  # every run collects garbage when it ends; torch's own million objects need not be looked at


@pytest.fixture(scope="session", autouse=True)
def _compiled() -> None:
    """Once for a fresh environment, before any test waits for a reply."""
    from studio.engine.forward.processor.ready import get_ready

    get_ready()


@pytest.fixture(scope="session", autouse=True)
def _no_progress_bars() -> None:
    from transformers.utils import logging

    logging.disable_progress_bar()
