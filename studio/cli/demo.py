"""``demo``: the whole way once, from the sample personas' lines to a picture of the window with two trained voices."""

import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import click

from studio.cli.demo_report import demo_lines
from studio.cli.exit_codes import ExitCode
from studio.cli.picture import take_picture
from studio.cli.running import tell_how_to_resume, wait_for_run
from studio.cli.session import Session, pass_session
from studio.cli.wording import duration
from studio.domain.errors import StudioError
from studio.domain.run import Run
from studio.services.demo import DemoHost, DemoOutcome, run_demo
from studio.texts import sentence, tr

if TYPE_CHECKING:
    from studio.services.studio import Studio


@click.command(
    help=tr(
        "Get the starter base, train two sample personas, let them and the base answer side by side, measure, export, "
        "and take a picture of the window. About eight minutes on two cores, in a library of its own."
    )
)
@click.option(
    "--out",
    default=Path("persona-studio-demo"),
    show_default=True,
    metavar="DIR",
    type=click.Path(file_okay=False, path_type=Path),
    help=tr("Where the demo's library, exports and picture go."),
)
@pass_session
def demo(session: Session, out: Path) -> ExitCode:
    """Run the demo."""
    started = time.monotonic()
    folder = out.expanduser().absolute()
    outcome = _outcome(session, folder)
    window, trouble = _window(session, folder, outcome)
    document = outcome.document(session.library, window)
    session.output.result(document, *demo_lines(document, session.command))
    session.output.note(tr("The demo took {time}.", time=duration(time.monotonic() - started)))
    if trouble:
        session.output.note(sentence(trouble))
    return ExitCode.TROUBLE if trouble else ExitCode.OK


def _outcome(session: Session, folder: Path) -> DemoOutcome:
    with session.writing(folder / "library") as studio:
        host = DemoHost(
            wait=session.wait,
            train=lambda run_id: _train(session, studio, run_id),
            tell=session.output.note,
        )
        return run_demo(studio, folder / "exports", host)


def _train(session: Session, studio: "Studio", run_id: str) -> Run:
    run = wait_for_run(session, studio, run_id)
    if session.loop.interrupted:
        tell_how_to_resume(session, run)
        raise StudioError("cancelled")
    return run


def _window(session: Session, folder: Path, outcome: DemoOutcome) -> tuple[dict[str, Any], StudioError | None]:
    """A window that cannot be shown here must not cost the minutes that were spent on the rest."""
    session.output.note(tr("A picture of the window"))
    try:
        return take_picture(session.library, outcome.chat_id, folder / "window.png"), None
    except StudioError as error:
        return {"first_paint_seconds": None, "torch_loaded": None, "screenshot": ""}, error
