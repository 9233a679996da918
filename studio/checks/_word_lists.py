"""Word lists as they are written down: words between white space."""


def word_set(text: str) -> frozenset[str]:
    """The words of a list."""
    return frozenset(text.split())
