"""The database's shape, as numbered migrations. Shipped ones are never changed; a new shape is a new one at the end."""

import sqlite3
from pathlib import Path

import sqlite_utils

from studio.domain.errors import StudioError
from studio.library import backfill_m002, schema_m001, schema_m002, schema_m003, schema_m004

MIGRATIONS = sqlite_utils.Migrations("studio")


@MIGRATIONS(name="m001_first")
def m001_first(database: sqlite_utils.Database) -> None:
    """Everything that the first version knows."""
    database.executescript(schema_m001.SQL)


@MIGRATIONS(name="m002_data_bench")
def m002_data_bench(database: sqlite_utils.Database) -> None:
    """Filters, facets, acts that can be undone, drafts, names of versions, kept checks."""
    database.executescript(schema_m002.SQL)
    backfill_m002.fill(database)


@MIGRATIONS(name="m003_trainer")
def m003_trainer(database: sqlite_utils.Database) -> None:
    """A queue in any order, groups of runs, samples, logs, measured memory."""
    database.executescript(schema_m003.SQL)


@MIGRATIONS(name="m004_chat")
def m004_chat(database: sqlite_utils.Database) -> None:
    """Settings of chats, scenes, sampler presets, thumbs, votes, lineage of blends."""
    database.executescript(schema_m004.SQL)


LATEST = 4
"""How many migrations there are; kept in ``user_version``."""


def refuse_newer(connection: sqlite3.Connection) -> None:
    """Raise ``library_too_new`` for a database of a later version than this program."""
    if _version(connection) > LATEST:
        raise StudioError("library_too_new")


def bring_up_to_date(database: sqlite_utils.Database, folder: Path, *, read_only: bool = False) -> None:
    """Apply what is missing, each migration in a transaction of its own, after a copy of what was there."""
    version = _version(database.conn)
    if version == LATEST:
        return
    if read_only:
        raise StudioError("library_too_old", path=str(folder))
    if version:
        _keep_copy(database, folder / f"library.before-m{version + 1:03d}.db")
    MIGRATIONS.apply(database)
    database.conn.execute(f"PRAGMA user_version = {LATEST}")


def _version(connection: sqlite3.Connection) -> int:
    return int(connection.execute("PRAGMA user_version").fetchone()[0])


def _keep_copy(database: sqlite_utils.Database, target: Path) -> None:
    target.unlink(missing_ok=True)
    database.conn.execute("VACUUM INTO ?", [str(target)])
