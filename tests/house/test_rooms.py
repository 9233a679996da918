"""The house stands: rooms look downward only, every module says what it is for and stays small enough to read."""

import ast
import re
import shutil
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from tests.house.studio_source import ROOT, STUDIO, modules

LONGEST = 300
NAMELESS = {"utils", "util", "helpers", "helper", "common", "misc", "manager", "base", "core", "stuff", "tools"}
SHORT_STATEMENTS = ast.Pass | ast.Continue


def test_rooms_look_downward_only() -> None:
    """The contracts of ``pyproject.toml``."""
    program = shutil.which("lint-imports", path=str(Path(sys.executable).parent))
    assert program, "lint-imports is not installed; install the extra 'test'"
    done = subprocess.run(
        [program, "--no-cache", "--no-logo"], cwd=ROOT, capture_output=True, text=True, encoding="utf-8", timeout=300
    )
    assert done.returncode == 0, done.stdout[-4000:] + done.stderr[-2000:]


def test_every_presenter_is_under_the_contract_that_keeps_qt_away() -> None:
    contracts = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["importlinter"][
        "contracts"
    ]
    named = next(one["source_modules"] for one in contracts if one["name"] == "Presenters know no Qt")
    listed = {pattern.rpartition(".")[2] for pattern in named}
    found = {path.stem for path in (STUDIO / "gui" / "pages").rglob("*presenter.py")}
    assert found == {name for name in listed if name.endswith("presenter")}


def test_every_module_says_what_it_is_for_in_its_first_line() -> None:
    silent = [path for path, tree in modules().items() if not ast.get_docstring(tree) or tree.body[0].lineno != 1]
    assert not silent


def test_every_folder_is_a_package() -> None:
    """A folder without ``__init__.py`` is invisible to the contracts."""
    folders = {path.parent for path in STUDIO.rglob("*.py")}
    assert not [str(folder) for folder in folders if not (folder / "__init__.py").exists()]


def test_no_module_is_too_long_to_read() -> None:
    long = {path: _lines(path) for path in modules() if _lines(path) > LONGEST}
    assert not long, f"over {LONGEST} lines: {long}"


def _lines(path: str) -> int:
    return len((ROOT / path).read_text(encoding="utf-8").splitlines())


def test_no_room_or_file_has_a_name_that_says_nothing() -> None:
    parts = {part for path in modules() for part in path.removesuffix(".py").split("/")}
    assert not parts & NAMELESS


def test_no_import_is_relative() -> None:
    relative = [
        f"{path}:{node.lineno}"
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.level
    ]
    assert not relative


def test_nothing_is_swallowed() -> None:
    """An ``except`` for everything must do something with it."""
    silent = [
        f"{path}:{node.lineno}"
        for path, tree in modules().items()
        for node in ast.walk(tree)
        if isinstance(node, ast.ExceptHandler) and _is_broad(node.type)
        and all(isinstance(statement, SHORT_STATEMENTS) for statement in node.body)
    ]  # fmt: skip
    assert not silent


def _is_broad(caught: ast.expr | None) -> bool:
    return caught is None or (isinstance(caught, ast.Name) and caught.id in ("Exception", "BaseException"))


def test_no_work_was_left_for_later() -> None:
    marks = re.compile(r"\b(TODO|FIXME|XXX|HACK)\b")
    left = [path for path in modules() if marks.search((ROOT / path).read_text(encoding="utf-8"))]
    assert not left


@pytest.mark.parametrize("room", ["checks", "importers", "methods", "exporters"])
def test_whatever_is_listed_comes_from_the_registry(room: str) -> None:
    """No room names an entry's module: adding one is one new file, and nothing else to edit."""
    entries = {
        f"studio.{room}.{path.stem}" for path in (STUDIO / room).glob("*.py") if "\nENTRY = " in path.read_text("utf-8")
    }
    assert entries
    named = [
        f"{path}:{node.lineno}"
        for path, tree in modules().items()
        if not path.startswith(f"studio/{room}/")
        for node in ast.walk(tree)
        if isinstance(node, ast.ImportFrom) and node.module in entries
    ]
    assert not named
