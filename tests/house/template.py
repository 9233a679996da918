"""The template for translators: ``python -m tests.house.template [FILE]`` writes every sentence that ``tr`` is given.

Words in calls of ``tr`` are read from the source. Words that reach it by way of a table (states, phases, errors,
options, formats) are read where the table stands.
"""

import ast
import sys
from collections.abc import Iterator
from pathlib import Path

from studio.texts import FINDINGS, SENTENCES
from tests.house.studio_source import ROOT, calls, modules, words

DECLARED_BY = {
    "Importer": ("label", "summary"),
    "Method": ("label", "summary"),
    "Exporter": ("label", "summary"),
    "DatasetExporter": ("label", "summary"),
    "CardExporter": ("label", "summary"),
    "Repair": ("label", "summary"),
    "_Shape": ("label", "summary", "rank_reason"),
}
HEADER = 'msgid ""\nmsgstr ""\n"Project-Id-Version: persona-studio\\n"\n"Content-Type: text/plain; charset=UTF-8\\n"\n'
Message = tuple[str, str]
"""One and many; many is empty where there is no plural."""


def messages() -> dict[Message, set[str]]:
    """Every message with the modules it stands in."""
    found: dict[Message, set[str]] = {}
    for place, one in [*_spoken(), *_plurals(), *_tables(), *_declared(), *_options()]:
        found.setdefault(one, set()).add(place)
    for said in [*SENTENCES.values(), *(part for finding in FINDINGS.values() for part in finding)]:
        found.setdefault((said, ""), set()).add("studio/texts")
    return found


def _spoken() -> Iterator[tuple[str, Message]]:
    for place, call in calls("tr"):
        said = words(call.args[0])
        if said:
            yield place, (said, "")


def _plurals() -> Iterator[tuple[str, Message]]:
    for place, call in calls("tr_plural"):
        one, many = words(call.args[0]), words(call.args[1])
        if one and many:
            yield place, (one, many)


def _tables() -> Iterator[tuple[str, Message]]:
    """``tr(TABLE[key])``, or ``tr(words) for words in TABLE``: the values of a table of the same module."""
    for place, tree in modules().items():
        asked = {name for node in ast.walk(tree) if isinstance(node, _ASKING) and _asks(node) for name in _names(node)}
        for statement in tree.body:
            if isinstance(statement, ast.Assign | ast.AnnAssign) and statement.value and asked & _targets(statement):
                yield from ((place, (said, "")) for said in _values(statement.value))


_ASKING = ast.Call | ast.ListComp | ast.GeneratorExp


def _asks(node: ast.AST) -> bool:
    """True for a call of ``tr`` itself, and for a comprehension with one in it."""
    inner = ast.walk(node) if isinstance(node, ast.ListComp | ast.GeneratorExp) else [node]
    return any(isinstance(one, ast.Call) and getattr(one.func, "id", "") == "tr" for one in inner)


def _names(node: ast.AST) -> set[str]:
    return {one.id for one in ast.walk(node) if isinstance(one, ast.Name)}


def _targets(statement: ast.Assign | ast.AnnAssign) -> set[str]:
    targets = statement.targets if isinstance(statement, ast.Assign) else [statement.target]
    return {target.id for target in targets if isinstance(target, ast.Name)}


def _values(table: ast.expr) -> list[str]:
    parts = table.values if isinstance(table, ast.Dict) else [table]
    return [said for part in parts for node in ast.walk(part) if (said := words(node))]


def _declared() -> Iterator[tuple[str, Message]]:
    for kind, fields in DECLARED_BY.items():
        for place, call in calls(kind):
            for keyword in call.keywords:
                said = words(keyword.value) if keyword.arg in fields else None
                if said:
                    yield place, (said, "")


def _options() -> Iterator[tuple[str, Message]]:
    for place, call in calls("option"):
        for argument in call.args[1:3]:
            said = words(argument)
            if said:
                yield place, (said, "")


def template() -> str:
    """The messages in the form that gettext's editors read."""
    return "\n".join([HEADER, *(_entry(one, sorted(places)) for one, places in sorted(messages().items()))])


def _entry(message: Message, places: list[str]) -> str:
    one, many = message
    lines = [f"#: {' '.join(places)}", f"msgid {_quoted(one)}"]
    lines += [f"msgid_plural {_quoted(many)}", 'msgstr[0] ""', 'msgstr[1] ""'] if many else ['msgstr ""']
    return "\n".join(lines) + "\n"


def _quoted(said: str) -> str:
    return '"' + said.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n") + '"'


if __name__ == "__main__":
    target = Path(sys.argv[1]) if sys.argv[1:] else ROOT / "studio.pot"
    target.write_text(template(), encoding="utf-8", newline="\n")
    print(target)
