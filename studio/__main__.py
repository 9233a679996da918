"""The one door: no words open the window, words are the command line, ``--engine`` is the engine."""

import sys


def main() -> None:
    """Choose the way in by the first word; each way imports only what it needs."""
    if sys.argv[1:2] == ["--engine"]:
        from studio.engine.main import run_engine

        run_engine()
    if _opens_window(sys.argv[1:]):
        from studio.gui.app import run_window

        sys.exit(run_window(_library_word(sys.argv[1:])))
    from studio.cli.main import run_command_line

    sys.exit(run_command_line())


def _opens_window(words: list[str]) -> bool:
    """True for no words at all, or nothing but ``--library DIR``."""
    return not words or (len(words) == 2 and words[0] == "--library")


def _library_word(words: list[str]) -> str | None:
    return words[1] if words else None


if __name__ == "__main__":
    main()
