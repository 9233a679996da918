"""The door of the command line: runs one command and turns whatever it ends with into an exit code."""

import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

import click

from studio import log_setup, paths
from studio.cli.exit_codes import ExitCode, exit_code_of
from studio.cli.output import Output
from studio.domain.errors import StudioError
from studio.texts import sentence, use_language

_log = logging.getLogger(__name__)


def run_command_line(words: Sequence[str] | None = None) -> int:
    """Run the command that ``words`` (the program's own, when None) name; return the exit code."""
    use_language()
    given = list(sys.argv[1:] if words is None else words)
    try:
        return _run(given)
    except click.ClickException as error:
        return _wrong_usage(error, given)
    except (click.Abort, KeyboardInterrupt):
        return _told(StudioError("cancelled"), given)
    except StudioError as error:
        return _told(error, given)
    except BrokenPipeError:
        return _reader_left()
    except Exception as error:
        return _bug(error, given)


def _run(words: list[str]) -> int:
    from studio.cli.root import root  # after the language is known, because help is made at import

    outcome = root.main(args=words, prog_name="persona-studio", standalone_mode=False)
    return int(outcome) if isinstance(outcome, int) else ExitCode.OK


def _wrong_usage(error: click.ClickException, words: list[str]) -> int:
    error.show()
    _tell_as_json("usage", error.format_message(), words)
    return ExitCode.USAGE


def _told(error: StudioError, words: list[str]) -> int:
    words_of_it = sentence(error)
    Output().note(words_of_it)
    _tell_as_json(error.code, words_of_it, words)
    return exit_code_of(error)


def _bug(error: Exception, words: list[str]) -> int:
    from studio.services.background import is_disk_full

    if is_disk_full(error):
        return _told(StudioError("disk_full", path=str(getattr(error, "filename", "") or "")), words)
    log = log_setup.start_logging(paths.logs(_library_of(words)))
    _log.error("a bug in the command line", exc_info=error)
    return _told(StudioError("bug", summary=f"{type(error).__name__}: {error}"[:300], log=str(log)), words)


def _tell_as_json(code: str, message: str, words: list[str]) -> None:
    """With ``--json`` stdout ends with one document in any case."""
    if _wants_json(words):
        Output(as_json=True).json_line({"error": {"code": code, "message": message}})


def _wants_json(words: list[str]) -> bool:
    """``--json`` among the words before the command word (the values of other options aside)."""
    at = 0
    while at < len(words) and words[at].startswith("-"):
        if words[at] == "--json":
            return True
        at += 2 if words[at] == "--library" else 1
    return False


def _library_of(words: list[str]) -> Path:
    for at, word in enumerate(words):
        if word.startswith("--library="):
            return Path(word.partition("=")[2])
        if word == "--library" and at + 1 < len(words):
            return Path(words[at + 1])
    return paths.default_library()


def _reader_left() -> int:
    """The program behind the pipe has read enough; Python must not complain about it at exit either."""
    os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
    return ExitCode.OK
