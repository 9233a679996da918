"""A trouble the user can understand and act on; anything else that is raised is a bug."""


class StudioError(Exception):
    """A user's trouble: a code that ``texts.py`` turns into a sentence, and the details that fill it.

    Every other exception that reaches a window or the command line is a bug and is reported as one.
    """

    def __init__(self, code: str, **details: object) -> None:
        super().__init__(code, details)
        self.code = code
        self.details = details

    def __str__(self) -> str:
        listed = ", ".join(f"{key}={value!r}" for key, value in self.details.items())
        return f"{self.code}({listed})"
