"""What every message of the engine is."""

from msgspec import Struct


class Event(Struct, frozen=True, kw_only=True, forbid_unknown_fields=True, tag_field="type"):
    """Common to all: the job it belongs to (empty: the engine itself)."""

    job: str = ""
