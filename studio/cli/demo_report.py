"""The demo's document as a person reads it."""

import shutil
import textwrap
from typing import Any

from studio.cli.wording import count, duration, nats, size
from studio.texts import tr


def demo_lines(document: dict[str, Any], command: str) -> list[str]:
    """Everything, in the order in which it happened; ``command`` opens the studio on it."""
    return [
        *(_run(one) for one in document["runs"]),
        *_replies(document["replies"]),
        *_matrix(document["identity_matrix"]),
        *_rack(document),
        *(tr("Exported {adapter} to {path}", adapter=one["adapter"], path=one["path"]) for one in document["exports"]),
        *_window(document["window"]),
        "",
        tr("Open the studio on it:  {command}", command=command),
    ]


def _run(one: dict[str, Any]) -> str:
    return tr(
        "{persona}: {steps} steps in {time}, {speed} tokens/s, {memory} at most; held-out loss {base} -> {adapter}",
        persona=one["persona"], steps=one["steps"], time=duration(one["seconds"]),
        speed=count(one["tokens_per_second"]), memory=size(one["peak_memory_bytes"]),
        base=nats(one["heldout_nll_base"]), adapter=nats(one["heldout_nll_adapter"]),
    )  # fmt: skip


def _replies(replies: list[dict[str, str]]) -> list[str]:
    lines: list[str] = []
    for at, one in enumerate(replies):
        if not at or replies[at - 1]["prompt"] != one["prompt"]:
            lines += ["", f"> {one['prompt']}"]
        lines += _wrapped(one["contestant"], one["text"])
    return lines


def _wrapped(name: str, text: str) -> list[str]:
    margin = 16
    width = max(60, min(120, shutil.get_terminal_size().columns))
    words = textwrap.wrap(" ".join(text.split()), width - margin) or [""]
    return [f"{name[: margin - 2]:<{margin}}{words[0]}", *(" " * margin + line for line in words[1:])]


def _matrix(matrix: dict[str, Any]) -> list[str]:
    heads = "".join(f"{name:>16}" for name in matrix["explained_by"])
    rows = [
        f"{name:<16}" + "".join(f"{nats(value):>16}" for value in row)
        for name, row in zip(matrix["lines_of"], matrix["nll"], strict=True)
    ]
    title = tr("Held-out loss, nats per token (rows: whose lines; columns: explained by)")
    return ["", title, " " * 16 + heads, *rows, ""]


def _rack(document: dict[str, Any]) -> list[str]:
    cost = document["row_cost"]
    return [
        tr("Changing the adapter: {swap} ms. {rows} rows in one batch: {ratio} times one row.",
           swap=f"{document['swap_ms']:.3f}", rows=cost["rows"], ratio=f"{cost['ratio_to_one_row']:.2f}")
    ]  # fmt: skip


def _window(window: dict[str, Any]) -> list[str]:
    if not window["screenshot"]:
        return []
    return [
        tr("The window was painted after {seconds} s; picture: {path}",
           seconds=f"{window['first_paint_seconds']:.2f}", path=window["screenshot"])
    ]  # fmt: skip
