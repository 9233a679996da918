"""What a user did to the data: kept in a journal, undone and done again."""

from dataclasses import dataclass


@dataclass(frozen=True, kw_only=True)
class Act:
    """One act. ``label`` is told to the user, in the language of then; ``conversations`` are how many it touched."""

    token: str
    persona_id: str
    label: str
    conversations: int = 0
    done_at: str = ""
    undone: bool = False
