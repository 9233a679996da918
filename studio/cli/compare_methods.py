"""``compare-methods``: the same data, steps and seed through several methods, and what each cost and gained."""

from collections.abc import Sequence
from dataclasses import asdict

import click

from studio.cli.exit_codes import ExitCode
from studio.cli.running import options_from
from studio.cli.session import Session, pass_session
from studio.cli.train import base_option, preset_option, set_option
from studio.cli.wording import count, nats, size
from studio.cli.working import work_on
from studio.services.catalogue import training_methods
from studio.services.method_comparison import ComparisonRow
from studio.texts import tr

_USUAL = [one.name for one in training_methods() if one.objective == "replies" and not one.own_base]


@click.command(
    "compare-methods",
    help=tr("Train PERSONA with several methods on the same data, for the same number of steps, and print the table."),
)
@click.argument("persona")
@click.option(
    "--methods", default="", metavar="A,B,C",
    help=tr("Which ones, separated by commas; otherwise {names}.", names=", ".join(_USUAL)),
)  # fmt: skip
@base_option
@preset_option
@set_option
@click.option("--markdown", is_flag=True, help=tr("Print the table as Markdown."))
@click.option("--group", "known", default="", metavar="ID", help=tr("Only print the table of an earlier comparison."))
@pass_session
def compare_methods(
    session: Session,
    persona: str,
    methods: str,
    base: str,
    preset: str,
    assignments: tuple[str, ...],
    markdown: bool,
    known: str,
) -> ExitCode:
    """Compare."""
    if known:
        with session.reading() as studio:
            return _tell(session, studio.training.comparison(known), markdown)
    names = [name.strip() for name in methods.split(",") if name.strip()] or _USUAL
    options = options_from(assignments)
    with session.writing() as studio:
        found, chosen = studio.personas.get(persona), studio.models.get(base)
        group = studio.training.compare_methods(
            found.id, base_id=chosen.id, methods=names, preset=preset, options=options
        )
        work_on(session, studio, [run.id for run in studio.training.runs_of(group.id)])
        return _tell(session, studio.training.comparison(group.id), markdown)


def _tell(session: Session, rows: Sequence[ComparisonRow], markdown: bool) -> ExitCode:
    heads = [tr("method"), tr("trained share"), tr("peak memory"), tr("tokens/s"), tr("size"), tr("held-out loss"),
             tr("steps")]  # fmt: skip
    cells = [_cells(row) for row in rows]
    if markdown:
        session.output.result([_document(row) for row in rows], *_markdown(heads, cells))
    else:
        session.output.table([_document(row) for row in rows], heads, cells)
    for row in rows:
        session.output.note(f"{row.label}: {row.failure}" if row.failure else "")
    if session.loop.interrupted:
        return ExitCode.INTERRUPTED
    return ExitCode.TROUBLE if any(row.failure for row in rows) else ExitCode.OK


def _cells(row: ComparisonRow) -> list[str]:
    loss = f"{nats(row.heldout_base)} → {nats(row.heldout_adapter)}"
    share = f"{row.trainable_share:.3%}" if row.trainable else "–"
    memory, speed = size(row.peak_memory_bytes), count(row.tokens_per_second)
    return [row.label, share, memory, speed, size(row.size_bytes), loss, f"{row.run.step}/{row.run.total_steps}"]


def _markdown(heads: Sequence[str], rows: Sequence[Sequence[str]]) -> list[str]:
    lines = [heads, ["---"] * len(heads), *rows]
    return ["| " + " | ".join(cells) + " |" for cells in lines]


def _document(row: ComparisonRow) -> dict[str, object]:
    figures = {name: value for name, value in asdict(row).items() if name != "run"}
    run = row.run
    return {"run": run.id, "method": run.method, "state": run.state.value, "steps": run.step} | figures
