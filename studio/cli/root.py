"""The command word's place: global options, and every command under its word."""

from pathlib import Path

import click

from studio import __version__, paths
from studio.cli.adapters import adapters
from studio.cli.blend import bake, prove
from studio.cli.chat import chat
from studio.cli.chat_export import export_chat, list_chats
from studio.cli.compare_methods import compare_methods
from studio.cli.data import data
from studio.cli.demo import demo
from studio.cli.drafts import drafts
from studio.cli.exit_codes import exit_code_table
from studio.cli.imports import import_files
from studio.cli.mask import mask
from studio.cli.models import models
from studio.cli.personas import personas
from studio.cli.queue import queue
from studio.cli.runs import runs
from studio.cli.session import Session
from studio.cli.train import train
from studio.cli.votes import votes
from studio.texts import tr


@click.group(
    name="persona-studio",
    help=tr(
        "Train character LoRAs on this machine, talk to all of them at once on one loaded base, and share them.\n\n"
        "Without any words, the window opens."
    ),
    epilog=exit_code_table(),
    context_settings={"help_option_names": ["-h", "--help"], "max_content_width": 110},
)
@click.version_option(__version__, prog_name="persona-studio")
@click.option(
    "--library",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help=tr(
        "Where personas, runs and adapters live. Otherwise {variable}, or the system's place for user data.",
        variable=paths.LIBRARY_VARIABLE,
    ),
)
@click.option(
    "--json",
    "as_json",
    is_flag=True,
    help=tr(
        "One JSON document on stdout (streams: JSON lines, the result last); everything else goes to stderr. "
        'A failure ends with {"error": {"code", "message"}}.'
    ),
)
@click.pass_context
def root(context: click.Context, library: Path | None, as_json: bool) -> None:
    """Make what every command is given."""
    context.obj = Session(library, as_json=as_json)


for command in (
    models,
    import_files,
    personas,
    data,
    drafts,
    train,
    queue,
    compare_methods,
    runs,
    adapters,
    chat,
    votes,
    demo,
):
    root.add_command(command)
data.add_command(mask)
adapters.add_command(bake)
adapters.add_command(prove)
chat.add_command(list_chats)
chat.add_command(export_chat)
