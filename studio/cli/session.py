"""One call of the command line: which library, how to speak, and the loop on which its services live."""

import json
import os
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import click

from studio import log_setup, paths
from studio.cli.loop import AppLoop
from studio.cli.output import Output
from studio.cli.progress import progress_view
from studio.domain.errors import StudioError
from studio.services.job import Job
from studio.texts import use_language

if TYPE_CHECKING:
    from studio.services.studio import Studio

T = TypeVar("T")
ENGINE_COMMAND_VARIABLE = "PERSONA_STUDIO_ENGINE_COMMAND"
"""A JSON list of words: another engine, for tests."""


class Session:
    """Handed to every command. Reading commands open the library beside a window; writing ones need it alone."""

    def __init__(self, library: Path | None = None, *, as_json: bool = False) -> None:
        self.library = (library or paths.default_library()).expanduser().absolute()
        self.output = Output(as_json)
        self.loop = AppLoop()

    @contextmanager
    def reading(self) -> Iterator["Studio"]:
        """The services on a library that may be open elsewhere; nothing can be changed."""
        if not paths.database(self.library).exists():
            raise StudioError("library_missing", path=str(self.library))
        with self._opened(read_only=True) as studio:
            yield studio

    @contextmanager
    def writing(self, library: Path | None = None) -> Iterator["Studio"]:
        """The services on a library that is this program's alone; it is made when it is not there."""
        self.library = library or self.library
        with self._opened(read_only=False) as studio:
            log_setup.start_logging(paths.logs(self.library))
            self.loop.tick = studio.training.poll_control
            try:
                yield studio
            finally:
                self.loop.tick = lambda: None
                log_setup.stop_logging()

    def wait(self, job: Job[T], *, on_interrupt: Callable[[], None] | None = None) -> T:
        """Run the loop until the job ends, with its progress on stderr; return its result or raise its trouble."""
        with progress_view() as view:
            job.on_progress(view.show)
            self.loop.run_until(lambda: job.ended, on_interrupt=on_interrupt or job.cancel)
        if job.error is not None:
            raise job.error
        return cast(T, job.result)

    @contextmanager
    def _opened(self, *, read_only: bool) -> Iterator["Studio"]:
        from studio.services.studio import Studio

        studio = Studio.open(
            self.library, deliver=self.loop.deliver, engine_command=_engine_command(), read_only=read_only
        )
        try:
            language = str(studio.settings.get("language"))
            use_language(*([language] if language else []))
            yield studio
        finally:
            studio.close()


def _engine_command() -> list[str] | None:
    named = os.environ.get(ENGINE_COMMAND_VARIABLE)
    return [str(word) for word in json.loads(named)] if named else None


pass_session = click.make_pass_decorator(Session)
