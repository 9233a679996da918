"""``train``: a persona's data into an adapter, with the figures of the run at the end."""

import click

from studio.cli.documents import run_document
from studio.cli.exit_codes import ExitCode
from studio.cli.running import follow, options_from
from studio.cli.session import Session, pass_session
from studio.services.catalogue import shared_options, training_methods
from studio.services.presets import presets
from studio.texts import tr

METHODS = [one.name for one in training_methods()]
PRESETS = [one.name for one in presets()]


def choices() -> str:
    """Methods, presets and options, for the end of ``--help``."""
    lines = [tr("Methods:"), *(f"  {one.name:<18} {tr(one.summary)}" for one in training_methods())]
    lines += ["", tr("Presets:"), *(f"  {one.name:<18} {one.summary}" for one in presets())]
    lines += ["", tr("Options for --set (otherwise the preset's value, or this default):")]
    lines += [
        f"  {name:<18} {tr(one.help)} [{one.default if one.default != '' else '-'}]"
        for name, one in shared_options().items()
    ]
    return "\b\n" + "\n".join(lines).replace("\n\n", "\n\n\b\n")


base_option = click.option(
    "--base", default="", metavar="ID", help=tr("The base, by id or name; otherwise the default one.")
)
preset_option = click.option("--preset", default="balanced", show_default=True, type=click.Choice(PRESETS))
set_option = click.option(
    "--set", "assignments", multiple=True, metavar="KEY=VALUE", help=tr("Set an option; may be repeated.")
)
later_option = click.option(
    "--later", is_flag=True, help=tr("Only put it into the queue; the window or 'queue run' works on it.")
)


@click.command(
    help=tr(
        "Train an adapter for PERSONA (its name or id). Ctrl+C pauses with a checkpoint; "
        "'persona-studio runs resume ID' goes on from there."
    ),
    epilog=choices(),
)
@click.argument("persona")
@base_option
@click.option("--method", default="qlora", show_default=True, type=click.Choice(METHODS))
@preset_option
@set_option
@click.option(
    "--continue", "continues", default="", metavar="ADAPTER",
    help=tr("Start from an adapter, by id or name: its base, method and shape are taken."),
)  # fmt: skip
@click.option(
    "--data-version", default="", metavar="ID", help=tr("Learn this version of the data; otherwise what is there now.")
)
@click.option("--starts-at", default="", metavar="TIME", help=tr("Wait until then: 01:30, or 2026-11-22T01:30."))
@later_option
@pass_session
def train(
    session: Session,
    persona: str,
    base: str,
    method: str,
    preset: str,
    assignments: tuple[str, ...],
    continues: str,
    data_version: str,
    starts_at: str,
    later: bool,
) -> ExitCode:
    """Train."""
    options = options_from(assignments)
    with session.writing() as studio:
        found = studio.personas.get(persona)
        adapter = studio.adapters.get(continues).id if continues else ""
        base_id = studio.models.get(base).id if base or not adapter else ""
        run = studio.training.start(
            found.id, base_id=base_id, method=method, preset=preset, options=options,
            starts_at=starts_at, continues=adapter, version_id=data_version, begins=not later,
        )  # fmt: skip
        if not later:
            return follow(session, studio, run.id)
        session.output.result(run_document(run, found.name), tr("Queued: {run}", run=run.id))
        return ExitCode.OK
