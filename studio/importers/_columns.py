"""Which column of a table is what: as the user says, else guessed from the headings and the first rows."""

from collections.abc import Callable, Collection, Mapping, Sequence
from pathlib import Path

from studio.domain.errors import StudioError
from studio.importers._headings import COLUMN_ROLES, HEADINGS, folded
from studio.importers._messages import ROLES, TOOL_ROLES
from studio.importers._people import match_name
from studio.importers._tables import Row, Table
from studio.importers._template_text import template_of
from studio.importers.importer import ReadOptions

_BESIDE = ("system", "conversation", "title", "tags", "persona_name")
"""May stand beside every way of writing turns."""
_UNASKED = ("tags", "train", "alternatives", "marks", "persona_name")

Mapped = dict[str, str]


def mapping_of(table: Table, options: ReadOptions, path: Path) -> Mapped:
    """Return role to column; ``columns_needed`` when nobody said it and it cannot be guessed."""
    found = guessed(table, options)
    if options.columns:
        found = _completed(_said(table.columns, options.columns, path), found)
    if not _suffices(found, table.sample):
        raise StudioError("columns_needed", path=path, listed=", ".join(table.columns), columns=table.columns)
    return found


def _completed(said: Mapped, guess: Mapped) -> Mapped:
    """What nobody is asked about stays as it was guessed, as far as it goes together with the answer."""
    fitting = {
        "context": "persona" in said,
        "role": "text" in said and "persona" not in said,
        "messages": "text" not in said and "persona" not in said,
        **dict.fromkeys(_UNASKED, True),
    }
    kept = {role: name for role, name in guess.items() if fitting.get(role) and name not in said.values()}
    return kept | said


def guessed(table: Table, options: ReadOptions) -> Mapped:
    """Return what the headings and first rows tell, empty when that is not enough."""
    for way in _WAYS:
        found = way(table, options)
        if found:
            beside = {role: name for role in _BESIDE if (name := _column(table, role, found.values()))}
            return found | {role: name for role, name in beside.items() if role not in found}
    return {}


def _said(columns: Collection[str], said: Mapping[str, str], path: Path) -> Mapped:
    spelling = {name.casefold(): name for name in columns}
    for role, name in said.items():
        if role not in COLUMN_ROLES:
            raise StudioError("column_role_unknown", role=role, known=", ".join(COLUMN_ROLES))
        if name.casefold() not in spelling:
            raise StudioError("column_unknown", path=path, column=name, listed=", ".join(columns))
    return {role: spelling[name.casefold()] for role, name in said.items()}


def _suffices(found: Mapped, sample: Sequence[Row]) -> bool:
    if "messages" in found or "persona" in found:
        return True
    spoken = "role" in found or "speaker" in found
    return "text" in found and (spoken or _all_marked(found["text"], sample))


def _by_messages(table: Table, options: ReadOptions) -> Mapped:
    names = [name for name in table.columns if folded(name) in HEADINGS["messages"]]
    listed = next((name for name in names if _holds_lists(name, table.sample)), "")
    return {"messages": listed} if listed and not _column(table, "rejected") else {}


def _by_preference(table: Table, options: ReadOptions) -> Mapped:
    rejected = _column(table, "rejected")
    return _pair(table, user=_column(table, "user")) | {"rejected": rejected} if rejected else {}


def _by_role(table: Table, options: ReadOptions) -> Mapped:
    for name in (name for name in table.columns if folded(name) in HEADINGS["role"]):
        said = [str(row.get(name)).strip().casefold() for row in table.sample]
        text = _column(table, "text", (name,))
        if said and text and all(word in ROLES or word in TOOL_ROLES for word in said):
            found = _filled(role=name, text=text)
            for role in ("speaker", "train", "alternatives", "marks"):
                found |= {role: column} if (column := _column(table, role, found.values())) else {}
            return found
    return {}


def _by_pair(table: Table, options: ReadOptions) -> Mapped:
    user = _column(table, "user")
    return _pair(table, user=user) if user and _column(table, "persona") else {}


def _pair(table: Table, user: str) -> Mapped:
    persona = _column(table, "persona")
    context = _column(table, "context", (persona, user)) if folded(user) == "instruction" else ""
    return _filled(user=user, context=context, persona=persona)


def _by_speaker(table: Table, options: ReadOptions) -> Mapped:
    text = _column(table, "text")
    speaker = _column(table, "speaker", (text,))
    return _filled(speaker=speaker, text=text) if text and speaker else {}


def _by_name(table: Table, options: ReadOptions) -> Mapped:
    """A column that is called like the persona, and one more for whoever talks with it."""
    persona = match_name(options.speaker or options.expected, table.columns)
    others = [name for name in table.columns if name != persona and not _is_beside(name)]
    user = _column(table, "user", (persona,)) or (others[0] if len(others) == 1 else "")
    return _filled(user=user, persona=persona) if persona and user else {}


def _by_marks(table: Table, options: ReadOptions) -> Mapped:
    text = _column(table, "text")
    return {"text": text} if text and _all_marked(text, table.sample) else {}


_WAYS: tuple[Callable[[Table, ReadOptions], Mapped], ...] = (
    _by_messages, _by_preference, _by_role, _by_pair, _by_speaker, _by_name, _by_marks,
)  # fmt: skip


def _filled(**columns: str) -> Mapped:
    return {role: name for role, name in columns.items() if name}


def _column(table: Table, role: str, taken: Collection[str] = ()) -> str:
    """The column whose heading says the role, by the order of the role's words."""
    free = {folded(name): name for name in reversed(table.columns) if name not in taken}
    return next((free[word] for word in HEADINGS[role] if word in free), "")


def _is_beside(name: str) -> bool:
    return any(folded(name) in HEADINGS[role] for role in _BESIDE)


def _holds_lists(name: str, sample: Sequence[Row]) -> bool:
    filled = [row[name] for row in sample if row.get(name)]
    return bool(filled) and all(isinstance(one, list) or str(one).lstrip().startswith("[") for one in filled)


def _all_marked(name: str, sample: Sequence[Row]) -> bool:
    filled = [str(row[name]) for row in sample if row.get(name)]
    return bool(filled) and all(template_of(text) for text in filled)
