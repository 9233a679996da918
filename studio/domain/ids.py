"""The one place where ids are made: short, readable, safe as file names and module names."""

import secrets


def new_id(kind: str) -> str:
    """Return a fresh id such as ``run-4f1c09ab37de`` (48 random bits behind the kind)."""
    return f"{kind}-{secrets.token_hex(6)}"
