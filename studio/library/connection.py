"""Opening the library's database: pragmas, migrations, transactions, and SQLite's errors as the user's troubles."""

import sqlite3
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING, Any

from studio import paths
from studio.domain.errors import StudioError
from studio.library import search

if TYPE_CHECKING:
    import sqlite_utils

Row = dict[str, Any]
BUSY_TIMEOUT_MS = 5000


class Database:
    """One connection, used on one thread. Reads give rows as dicts; every write is a transaction or a part of one."""

    def __init__(self, sqlite: "sqlite_utils.Database", folder: Path, *, read_only: bool) -> None:
        self.sqlite = sqlite
        self.folder = folder
        self.read_only = read_only
        self.rollbacks = 0
        """How often changes were taken back: what was remembered of them is void."""
        self._hurried = 0
        self._closed = False

    def rows(self, sql: str, values: Sequence[object] = ()) -> list[Row]:
        """Return all rows of a query."""
        with troubles_of(self.folder):
            cursor = self.sqlite.conn.execute(sql, tuple(values))
            names = [column[0] for column in cursor.description]
            return [dict(zip(names, row, strict=True)) for row in cursor]

    def row(self, sql: str, values: Sequence[object] = ()) -> Row | None:
        """Return the first row of a query, if there is one."""
        found = self.rows(sql, values)
        return found[0] if found else None

    def value(self, sql: str, values: Sequence[object] = ()) -> Any:
        """Return the first column of the first row."""
        with troubles_of(self.folder):
            found = self.sqlite.conn.execute(sql, tuple(values)).fetchone()
        return None if found is None else found[0]

    def column(self, sql: str, values: Sequence[object] = ()) -> list[Any]:
        """Return the first column of every row."""
        with troubles_of(self.folder):
            return [row[0] for row in self.sqlite.conn.execute(sql, tuple(values))]

    def write(self, sql: str, values: Sequence[object] = ()) -> int:
        """Run one change; return how many rows it touched."""
        if self.sqlite.conn.in_transaction:
            # A statement is all or nothing by itself, and FTS5 writes to the disk at every savepoint.
            with troubles_of(self.folder):
                return self.sqlite.conn.execute(sql, tuple(values)).rowcount
        with self.transaction():
            return self.sqlite.conn.execute(sql, tuple(values)).rowcount

    def write_many(self, sql: str, values: Iterable[Sequence[object]]) -> None:
        """Run one change for each tuple of values, all or none."""
        with self.transaction():
            self.sqlite.conn.executemany(sql, values)

    @contextmanager
    def transaction(self) -> Iterator[None]:
        """All or nothing. Nests: an inner block is a savepoint of the outer one."""
        if self.read_only:
            raise StudioError("library_read_only")
        with troubles_of(self.folder):
            try:
                with self.sqlite.atomic():
                    yield
            except BaseException:
                self.rollbacks += 1
                raise

    @contextmanager
    def unchanging(self) -> Iterator[None]:
        """On a connection for reading only: everything within is read as it was at the beginning."""
        with troubles_of(self.folder):
            self.sqlite.conn.execute("BEGIN")
            try:
                yield
            finally:
                self.sqlite.conn.execute("COMMIT")

    @contextmanager
    def hurried(self) -> Iterator[None]:
        """For work in many small transactions: within, they do not wait for the disk one by one; the end does for all.

        A program that dies loses nothing by it. Only if the whole machine does, the last of them may be missing.
        """
        if self.sqlite.conn.in_transaction:  # all of it is one transaction anyway
            yield
            return
        self._hurried += 1
        self.sqlite.conn.execute("PRAGMA synchronous = NORMAL")
        try:
            yield
        finally:
            self._hurried -= 1
            if not self._hurried and not self._closed:
                self.sqlite.conn.execute("PRAGMA synchronous = FULL")
                self.sqlite.conn.execute("PRAGMA wal_checkpoint(PASSIVE)").fetchall()  # syncs the log before all else

    def close(self) -> None:
        """Fold the write-ahead log back into the file and close it."""
        self._closed = True
        self.sqlite.close()


def open_database(folder: Path, *, read_only: bool = False) -> Database:
    """Open (or make) ``library.db`` in ``folder`` with all migrations applied."""
    file = paths.database(folder)
    if read_only and not file.exists():
        raise StudioError("file_missing", path=str(file))
    with troubles_of(folder):
        connection = _connect(file, read_only)
        try:
            return Database(_prepared(connection, folder, read_only), folder, read_only=read_only)
        except BaseException:
            connection.close()
            raise


def _connect(file: Path, read_only: bool) -> sqlite3.Connection:
    address = f"{file.resolve().as_uri()}?mode={'ro' if read_only else 'rwc'}"
    return sqlite3.connect(address, uri=True, timeout=BUSY_TIMEOUT_MS / 1000)


def _prepared(connection: sqlite3.Connection, folder: Path, read_only: bool) -> "sqlite_utils.Database":
    # sqlite_utils costs half a second where pandas is installed, so it is imported when a library is opened.
    import sqlite_utils

    from studio.library import migrations

    # Before journal_mode: switching to WAL may itself have to wait for another program.
    connection.execute(f"PRAGMA busy_timeout = {BUSY_TIMEOUT_MS}")
    search.register_functions(connection)
    connection.execute("SELECT count(*) FROM sqlite_master").fetchone()
    migrations.refuse_newer(connection)
    if not read_only:
        connection.execute("PRAGMA journal_mode = WAL")
        connection.execute("PRAGMA synchronous = FULL")
        connection.execute("PRAGMA fullfsync = ON")  # macOS: fsync alone does not reach the disk there
    connection.execute("PRAGMA foreign_keys = ON")
    sqlite = sqlite_utils.Database(connection, execute_plugins=False)
    migrations.bring_up_to_date(sqlite, folder, read_only=read_only)
    return sqlite


@contextmanager
def troubles_of(folder: Path) -> Iterator[None]:
    """Turn what can go wrong on a user's machine (full disk, damage, read-only, busy) into ``StudioError``."""
    try:
        yield
    except sqlite3.DatabaseError as error:
        trouble = _trouble(error, folder)
        if trouble is None:
            raise
        raise trouble from error


def _trouble(error: sqlite3.DatabaseError, folder: Path) -> StudioError | None:
    # The low byte is the primary code; the rest only says more (SQLITE_READONLY_DBMOVED and so on).
    code = getattr(error, "sqlite_errorcode", 0) & 0xFF
    if code == sqlite3.SQLITE_FULL:
        return StudioError("disk_full", path=str(paths.database(folder)))
    if code in (sqlite3.SQLITE_CORRUPT, sqlite3.SQLITE_NOTADB):
        return StudioError("library_broken", reason=str(error), path=str(folder))
    if code == sqlite3.SQLITE_READONLY:
        return StudioError("library_read_only")
    if code in (sqlite3.SQLITE_BUSY, sqlite3.SQLITE_LOCKED):
        return StudioError("library_in_use", path=str(folder))
    if code in (sqlite3.SQLITE_CANTOPEN, sqlite3.SQLITE_IOERR, sqlite3.SQLITE_PERM):
        return StudioError("library_unreadable", path=str(paths.database(folder)), reason=str(error))
    return None
