"""Patterns as keys of a lorebook: looked for with a time limit, because cards come from strangers."""

import re
from functools import lru_cache
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import regex

SECONDS = 0.05
"""For one pattern in one text; what takes longer is not there."""
LONGEST = 2000
_SLASHED = re.compile(r"/(.*)/([a-z]*)", re.DOTALL)


def stands_in(pattern: str, text: str, case_sensitive: bool) -> bool:
    """True when the pattern is found; one that is broken or too slow is not. ``/pattern/flags`` is known, too."""
    compiled = _compiled(pattern, case_sensitive)
    if compiled is None:
        return False
    try:
        return compiled.search(text, timeout=SECONDS, concurrent=True) is not None
    except TimeoutError:
        return False


@lru_cache(maxsize=512)
def _compiled(pattern: str, case_sensitive: bool) -> "regex.Pattern[str] | None":
    import regex

    slashed = _SLASHED.fullmatch(pattern.strip())
    body, letters = (slashed[1], slashed[2]) if slashed else (pattern, "")
    told_apart = "i" not in letters if slashed else case_sensitive
    flags = (
        (0 if told_apart else regex.IGNORECASE)
        | (regex.MULTILINE if "m" in letters else 0)
        | (regex.DOTALL if "s" in letters else 0)
    )
    try:
        return regex.compile(body, flags) if len(body) <= LONGEST else None
    except regex.error:
        return None
