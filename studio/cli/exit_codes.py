"""Exit codes of the command line, in one table: for ``--help``, for scripts, for the tests."""

from enum import IntEnum

from studio.domain.errors import StudioError
from studio.texts import tr


class ExitCode(IntEnum):
    """What a script can tell from the end of a command."""

    OK = 0
    BUG = 1
    USAGE = 2
    TROUBLE = 3
    LIBRARY_IN_USE = 4
    ENGINE = 5
    INTERRUPTED = 130


MEANINGS: dict[ExitCode, str] = {
    ExitCode.OK: "done",
    ExitCode.BUG: "a bug in the studio; the log has the details",
    ExitCode.USAGE: "wrong usage: an unknown command or option",
    ExitCode.TROUBLE: "it could not be done, or not wholly; one sentence on stderr says why",
    ExitCode.LIBRARY_IN_USE: "another program has the library open",
    ExitCode.ENGINE: "the engine died or could not be started; runs can be resumed",
    ExitCode.INTERRUPTED: "interrupted with Ctrl+C; a run was paused with a checkpoint",
}

_BY_CODE = {
    "bug": ExitCode.BUG,
    "library_in_use": ExitCode.LIBRARY_IN_USE,
    "engine_died": ExitCode.ENGINE,
    "engine_gave_up": ExitCode.ENGINE,
    "engine_start_failed": ExitCode.ENGINE,
    "engine_missing_packages": ExitCode.ENGINE,
    "engine_protocol": ExitCode.ENGINE,
    "run_interrupted": ExitCode.ENGINE,
    "cancelled": ExitCode.INTERRUPTED,
}


def exit_code_of(error: StudioError) -> ExitCode:
    """The exit code that a trouble ends the program with."""
    return _BY_CODE.get(error.code, ExitCode.TROUBLE)


def exit_code_table() -> str:
    """The table as ``--help`` shows it; the backspace tells click to leave the lines alone."""
    lines = [f"  {int(code):>3}  {tr(meaning)}" for code, meaning in MEANINGS.items()]
    return "\b\n" + "\n".join([tr("Exit codes:"), *lines])
