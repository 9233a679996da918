"""The studio's own source, parsed: what the tests of the house look at."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
STUDIO = ROOT / "studio"


@cache
def modules() -> dict[str, ast.Module]:
    """Every module of the studio by its path from the repository."""
    return {
        path.relative_to(ROOT).as_posix(): ast.parse(path.read_text(encoding="utf-8"))
        for path in sorted(STUDIO.rglob("*.py"))
    }


def calls(name: str) -> Iterator[tuple[str, ast.Call]]:
    """Every call of ``name`` (a plain name or the last part of a dotted one), with the module it stands in."""
    for path, tree in modules().items():
        for node in ast.walk(tree):
            if isinstance(node, ast.Call) and name == getattr(node.func, "id", getattr(node.func, "attr", None)):
                yield path, node


def words(node: ast.AST) -> str | None:
    """The string that a node is, if it is one."""
    return node.value if isinstance(node, ast.Constant) and isinstance(node.value, str) else None


def all_strings() -> dict[str, set[str]]:
    """Every string constant with the modules it stands in."""
    found: dict[str, set[str]] = {}
    for path, tree in modules().items():
        for node in ast.walk(tree):
            said = words(node)
            if said is not None:
                found.setdefault(said, set()).add(path)
    return found
