"""``train``: a persona's data into an adapter, with the figures of the run at the end."""

import click

from studio.cli.exit_codes import ExitCode
from studio.cli.running import follow, options_from
from studio.cli.session import Session, pass_session
from studio.services.catalogue import shared_options, training_methods
from studio.services.presets import presets
from studio.texts import tr

_METHODS = [one.name for one in training_methods()]
_PRESETS = [one.name for one in presets()]


def _choices() -> str:
    lines = [tr("Methods:"), *(f"  {one.name:<18} {tr(one.summary)}" for one in training_methods())]
    lines += ["", tr("Presets:"), *(f"  {one.name:<18} {one.summary}" for one in presets())]
    lines += ["", tr("Options for --set (otherwise the preset's value, or this default):")]
    lines += [
        f"  {name:<18} {tr(one.help)} [{one.default if one.default != '' else '-'}]"
        for name, one in shared_options().items()
    ]
    return "\b\n" + "\n".join(lines).replace("\n\n", "\n\n\b\n")


@click.command(
    help=tr(
        "Train an adapter for PERSONA (its name or id). Ctrl+C pauses with a checkpoint; "
        "'persona-studio runs resume ID' goes on from there."
    ),
    epilog=_choices(),
)
@click.argument("persona")
@click.option("--base", default="", metavar="ID", help=tr("The base, by id or name; otherwise the default one."))
@click.option("--method", default="qlora", show_default=True, type=click.Choice(_METHODS))
@click.option("--preset", default="balanced", show_default=True, type=click.Choice(_PRESETS))
@click.option("--set", "assignments", multiple=True, metavar="KEY=VALUE", help=tr("Set an option; may be repeated."))
@pass_session
def train(
    session: Session, persona: str, base: str, method: str, preset: str, assignments: tuple[str, ...]
) -> ExitCode:
    """Train."""
    options = options_from(assignments)
    with session.writing() as studio:
        found = studio.personas.get(persona)
        chosen = studio.models.get(base)
        run = studio.training.start(found.id, base_id=chosen.id, method=method, preset=preset, options=options)
        return follow(session, studio, run.id)
