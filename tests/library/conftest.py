"""A fresh library for each test, and one of everything to put into it."""

from collections.abc import Iterator
from pathlib import Path

import pytest

from studio.library.library import Library


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library.open(tmp_path / "library")
    yield opened
    opened.close()
