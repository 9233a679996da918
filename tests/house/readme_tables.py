"""The README's tables, made from the registries: ``python -m tests.house.readme_tables`` writes them into it."""

import re
from collections.abc import Iterable, Sequence
from pathlib import Path

from studio.checks import CHECKS
from studio.cli.exit_codes import MEANINGS
from studio.cli.root import root
from studio.exporters.cards.card_exporter import CARD_EXPORTERS
from studio.exporters.datasets.dataset_exporter import DATASET_EXPORTERS
from studio.exporters.exporter import EXPORTERS
from studio.importers import IMPORTERS
from studio.methods.method import METHODS
from studio.texts import FINDINGS

README = Path(__file__).resolve().parents[2] / "README.md"
BLOCK = re.compile(r"(<!-- ([a-z ]+) -->\n).*?(<!-- end -->)", re.DOTALL)


def tables() -> dict[str, str]:
    """Every table by the name in its marker."""
    return {
        "importers": _table(
            ("format", "files", "what it is"),
            ((f"`{one.name}`", " ".join(one.suffixes), one.summary) for one in IMPORTERS.all().values()),
        ),
        "methods": _table(
            ("method", "", "what it is"),
            ((f"`{one.name}`", one.label, one.summary) for one in METHODS.all().values()),
        ),
        "exporters": _table(
            ("format", "", "what it is"),
            ((f"`{one.name}`", one.label, one.summary) for one in EXPORTERS.all().values()),
        ),
        "dataset exporters": _table(
            ("format", "", "what it is"),
            ((f"`{one.name}`", one.label, one.summary) for one in DATASET_EXPORTERS.all().values()),
        ),
        "card exporters": _table(
            ("format", "", "what it is"),
            ((f"`{one.name}`", one.label, one.summary) for one in CARD_EXPORTERS.all().values()),
        ),
        "checks": _table(
            ("finding", "repairs"),
            (
                (FINDINGS[one.code][0].replace("<", "\\<"), "; ".join(repair.label.lower() for repair in one.repairs))
                for one in CHECKS.all().values()
            ),
        ),
        "commands": _table(("command", "what it does"), _commands()),
        "exit codes": _table(("code", "meaning"), ((str(int(code)), words) for code, words in MEANINGS.items())),
    }


def with_tables(readme: str) -> str:
    """The README with every table as it should be."""
    made = tables()
    return BLOCK.sub(lambda found: found[1] + made[found[2]] + found[3], readme)


def _commands() -> Iterable[Sequence[str]]:
    for name in sorted(root.commands):
        command = root.commands[name]
        below = ", ".join(sorted(getattr(command, "commands", {})))
        shown = f"`{name}`" + (f" ({below})" if below else "")
        yield shown, (command.help or "").split("\n")[0].partition(". ")[0].rstrip(".") + "."


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]]) -> str:
    lines = [heads, ["---"] * len(heads), *rows]
    return "\n".join("| " + " | ".join(cells) + " |" for cells in lines) + "\n"


if __name__ == "__main__":
    README.write_text(with_tables(README.read_text(encoding="utf-8")), encoding="utf-8", newline="\n")
