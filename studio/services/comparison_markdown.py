"""A comparison as Markdown. What was said is quoted and cannot become a heading, a picture or a link of its own."""

import re
from collections.abc import Iterable, Iterator, Mapping
from typing import Any

from studio.services.chat_comparison import ComparedColumn, ComparedLine, Comparison
from studio.texts import tr

HASH_LENGTH = 16
_ACTIVE = re.compile(r"([\\`<\[\]|])")
"""What begins code, HTML, links, pictures and cells; emphasis is left, for it is how actions are written."""
_BLOCK = re.compile(r"^(?=[#>+-]|={2,}|~~~)")
"""What begins a heading, a quotation, a list, an underline or code at the start of a line."""


def markdown_of(comparison: Comparison) -> str:
    """Return the whole document."""
    title = comparison.title or tr("Comparison")
    parts = [f"# {_line(title)}", tr("Made with Persona Studio on {day}.", day=comparison.made_at[:10])]
    parts += ["\n".join(_table(comparison.columns)), *_drawn(comparison.columns), *_prompts(comparison)]
    most = max((len(column.rounds) for column in comparison.columns), default=0)
    for number in range(most):
        parts += _round(comparison.columns, number)
    return "\n\n".join(parts) + "\n"


def _table(columns: Iterable[ComparedColumn]) -> Iterator[str]:
    heads = ["", tr("Who"), tr("Adapter (SHA-256)"), tr("Strength"), tr("Base")]
    yield f"| {' | '.join(heads)} |"
    yield "| ---: | --- | --- | --- | --- |"
    for number, column in enumerate(columns, start=1):
        adapters = "<br>".join(_hashed(one.name, one.sha256) for one in column.adapters) or "–"
        weights = "<br>".join(f"{one.weight:g}" for one in column.adapters) or "–"
        base = _hashed(column.base, column.base_fingerprint)
        yield f"| {number} | {_line(column.who)} | {adapters} | {weights} | {base} |"


def _drawn(columns: Iterable[ComparedColumn]) -> list[str]:
    """How tokens were drawn, once where it was the same for all."""
    found = {
        number: _sampler(line.sampler)
        for number, column in enumerate(columns, start=1)
        for line in column.lines
        if line.sampler
    }
    if len(set(found.values())) < 2:
        return [tr("Sampler: {sampler}", sampler=words) for words in set(found.values())]
    return ["\n".join(f"- {number}: {words}" for number, words in found.items())]


def _sampler(sampler: Mapping[str, Any]) -> str:
    return ", ".join(f"{name.replace('_', ' ')} {value}" for name, value in sampler.items() if value not in ([], ()))


def _prompts(comparison: Comparison) -> Iterator[str]:
    if comparison.system_prompt:
        yield f"{tr('System prompt:')}\n\n{_quoted(comparison.system_prompt)}"
    if comparison.author_note:
        note = tr("Author's note:")
        yield f"{note}\n\n{_quoted(comparison.author_note)}"


def _round(columns: tuple[ComparedColumn, ...], number: int) -> Iterator[str]:
    """What was asked, once where all were asked the same, and each column's answer."""
    yield f"## {number + 1}"
    taking_part = [(at, one.rounds[number]) for at, one in enumerate(columns, start=1) if number < len(one.rounds)]
    asked = {"\n\n".join(line.text for line in said) for _, (said, _) in taking_part}
    if len(asked) == 1 and (words := asked.pop()):
        yield _quoted(words)
    for at, (said, answered) in taking_part:
        yield f"### {at}: {_line(columns[at - 1].who)}"
        if asked and said:
            yield _quoted("\n\n".join(line.text for line in said))
        for line in answered:
            yield from _answer(line, columns[at - 1])


def _answer(line: ComparedLine, column: ComparedColumn) -> Iterator[str]:
    yield _quoted(line.text)
    facts = [_line(line.who)] if line.who != column.who else []
    facts += [tr("seed {seed}", seed=line.seed)] if line.seed is not None else []
    facts += [tr("edited by hand")] if line.edited else []
    if facts:
        yield f"*{', '.join(facts)}*"


def _hashed(name: str, digest: str) -> str:
    return f"{_line(name)} `{digest[:HASH_LENGTH]}`" if digest else _line(name)


def _line(text: str) -> str:
    return _ACTIVE.sub(r"\\\1", " ".join(text.split()))


def _quoted(text: str) -> str:
    return "\n".join(f"> {_tame(line)}".rstrip() for line in text.strip().splitlines())


def _tame(line: str) -> str:
    return _BLOCK.sub(r"\\", _ACTIVE.sub(r"\\\1", line.strip()))
