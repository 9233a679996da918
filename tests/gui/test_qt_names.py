"""No widget of ours hides a method of Qt's behind an attribute: Qt calls it by name and the program dies (``done``)."""

import ast
from collections.abc import Iterator
from pathlib import Path

import pytest
from PySide6 import QtCore, QtWidgets

import studio.gui

ROOM = Path(studio.gui.__file__).parent


def _hidden(source: str) -> Iterator[str]:
    for made in (node for node in ast.walk(ast.parse(source)) if isinstance(node, ast.ClassDef)):
        names = [base.id for base in made.bases if isinstance(base, ast.Name)]
        bases = [getattr(QtWidgets, name, None) or getattr(QtCore, name, None) for name in names]
        for assigned in _assigned(made):
            if any(base is not None and hasattr(base, assigned) for base in bases):
                yield f"{made.name}.{assigned}"


def _assigned(made: ast.ClassDef) -> Iterator[str]:
    for node in ast.walk(made):
        single = [node.target] if isinstance(node, ast.AnnAssign) else []
        targets = node.targets if isinstance(node, ast.Assign) else single
        for part in (part for target in targets for part in ast.walk(target)):
            if isinstance(part, ast.Attribute) and isinstance(part.value, ast.Name) and part.value.id == "self":
                yield part.attr


def test_such_an_attribute_is_found() -> None:
    bad = "class D(QDialog):\n    def __init__(self):\n        self.done = 1\n        self.fine = 2\n"
    assert list(_hidden(bad)) == ["D.done"]


@pytest.mark.parametrize("path", sorted(ROOM.rglob("*.py")), ids=lambda path: path.relative_to(ROOM).as_posix())
def test_no_attribute_hides_a_method_of_qt(path: Path) -> None:
    assert list(_hidden(path.read_text(encoding="utf-8"))) == []
