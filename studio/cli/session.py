"""One call of the command line: which library, how to speak, and the loop on which its services live."""

import json
import os
from collections.abc import Iterator
from contextlib import contextmanager, nullcontext
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar, cast

import click

from studio import log_setup, paths
from studio.cli.loop import AppLoop
from studio.cli.output import Output
from studio.cli.progress import View, progress_view
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
        self._named = library is not None
        self.output = Output(as_json)
        self.loop = AppLoop()

    @property
    def command(self) -> str:
        """How this program and library are called again."""
        path = str(self.library)
        quoted = f'"{path}"' if " " in path else path
        return f"persona-studio --library {quoted}" if self._named else "persona-studio"

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
        if library is not None:
            self.library, self._named = library, True
        with self._opened(read_only=False) as studio:
            log_setup.start_logging(paths.logs(self.library))
            self.loop.tick = lambda: studio.training.poll_control(works=False)
            try:
                yield studio
            finally:
                self.loop.tick = lambda: None
                log_setup.stop_logging()

    def wait(self, job: Job[T], view: View | None = None) -> T:
        """Run the loop until the job ends; return its result or raise its trouble. Progress: on stderr, or ``view``."""
        with progress_view() if view is None else nullcontext(view) as shown:
            job.on_progress(shown.show)
            self.loop.run_until(lambda: job.ended, on_interrupt=job.cancel)
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
