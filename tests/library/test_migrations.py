"""Migrations: applied once each, from every shape that ever shipped."""

import sqlite3
from pathlib import Path

import pytest
import sqlite_utils

from studio import paths
from studio.domain.conversation import Conversation
from studio.domain.errors import StudioError
from studio.library import migrations, search
from studio.library.conversation_facts import chain
from studio.library.library import Library
from tests.library.examples import ADAPTER, CHAT, MESSAGES, PERSONA, POINTS, RUN, TALKS, contents, integrity, said

SHIPPED = sorted(Path(__file__).parent.glob("m*.sql"))


def unfrozen(dump: Path, folder: Path) -> None:
    folder.mkdir(exist_ok=True)
    connection = sqlite3.connect(paths.database(folder))
    search.register_functions(connection)
    connection.executescript(dump.read_text(encoding="utf-8"))
    connection.close()


def shape(folder: Path) -> dict[str, str]:
    connection = sqlite3.connect(paths.database(folder))
    found = dict(connection.execute("SELECT name, sql FROM sqlite_master WHERE sql IS NOT NULL"))
    connection.close()
    return {name: " ".join(sql.split()) for name, sql in found.items()}


@pytest.mark.parametrize("dump", SHIPPED, ids=lambda dump: dump.stem)
def test_a_library_of_every_shipped_shape_opens_with_all_that_was_in_it(dump: Path, tmp_path: Path) -> None:
    unfrozen(dump, tmp_path)
    with Library.open(tmp_path) as library:
        assert library.personas.all() == [PERSONA]
        assert library.adapters.all() == [ADAPTER]
        assert library.runs.all() == [RUN]
        assert library.metrics.points(RUN.id) == POINTS
        assert library.chats.all() == [CHAT]
        assert library.chats.messages(CHAT.id) == MESSAGES
        talks: list[Conversation] = [stored.conversation for stored in library.conversations.page(PERSONA.id)]
        assert talks == [TALKS[0], said("Tell me of the sea.", "It sings.")]
        assert library.conversations.count(PERSONA.id, "drag") == 1
        assert integrity(library) == "ok"


@pytest.mark.parametrize("dump", SHIPPED, ids=lambda dump: dump.stem)
def test_an_old_library_gets_the_shape_of_a_new_one(dump: Path, tmp_path: Path) -> None:
    unfrozen(dump, tmp_path / "old")
    Library.open(tmp_path / "old").close()
    Library.open(tmp_path / "new").close()
    assert shape(tmp_path / "old") == shape(tmp_path / "new")


def test_every_migration_has_its_frozen_library() -> None:
    assert [dump.stem for dump in SHIPPED] == [f"m{number:03d}" for number in range(1, migrations.LATEST + 1)]


def test_applying_twice_changes_nothing(library: Library) -> None:
    before = contents(library, without=())
    database = library._database.sqlite
    migrations.bring_up_to_date(database, library.folder)
    migrations.MIGRATIONS.apply(database)
    assert contents(library, without=()) == before


def with_another_migration(monkeypatch: pytest.MonkeyPatch, sql: str) -> None:
    later = sqlite_utils.Migrations("studio")
    later(name="m001_first")(migrations.m001_first)
    later(name="m002_data_bench")(migrations.m002_data_bench)
    later(name="m003_trainer")(migrations.m003_trainer)
    later(name="m004_chat")(migrations.m004_chat)
    later(name="m005_another")(lambda database: database.executescript(sql))
    monkeypatch.setattr(migrations, "MIGRATIONS", later)
    monkeypatch.setattr(migrations, "LATEST", 5)


def test_a_later_migration_keeps_a_copy_of_what_was_there(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unfrozen(SHIPPED[-1], tmp_path)
    with_another_migration(monkeypatch, "ALTER TABLE chats ADD COLUMN folder TEXT NOT NULL DEFAULT '';")
    with pytest.raises(StudioError, match="library_too_old"):
        Library.open(tmp_path, read_only=True)
    with Library.open(tmp_path) as library:
        assert library.chats.all() == [CHAT]
        assert library._database.value("SELECT folder FROM chats") == ""
        assert library._database.value("PRAGMA user_version") == 5
    with sqlite3.connect(tmp_path / "library.before-m005.db") as copy:
        assert copy.execute("SELECT count(*) FROM personas").fetchone() == (1,)
    copy.close()


def test_a_migration_that_fails_leaves_the_library_as_it_was(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    unfrozen(SHIPPED[-1], tmp_path)
    before = shape(tmp_path)
    with monkeypatch.context() as patch:
        with_another_migration(patch, "CREATE TABLE songs (id TEXT); DROP TABLE missing;")
        with pytest.raises(sqlite3.OperationalError):
            Library.open(tmp_path)
    assert shape(tmp_path) == before
    with Library.open(tmp_path) as library:
        assert library.personas.all() == [PERSONA]


def test_an_old_library_is_filtered_like_a_new_one(tmp_path: Path) -> None:
    unfrozen(SHIPPED[0], tmp_path / "old")
    with Library.open(tmp_path / "old") as old, Library.open(tmp_path / "new") as new:
        new.personas.add(PERSONA)
        new.conversations.add_many(PERSONA.id, [one.conversation for one in old.conversations.each(PERSONA.id)])
        assert old.facets.all(PERSONA.id) == new.facets.all(PERSONA.id)
        assert old.conversations.figures(PERSONA.id, 0.5) == new.conversations.figures(PERSONA.id, 0.5)
        assert old.conversations.count(PERSONA.id, "…") == new.conversations.count(PERSONA.id, "…") == 1
        asked = "SELECT signs FROM sign_search ORDER BY rowid"
        assert old._database.column(asked) == new._database.column(asked)
        # what came in first is what a log is known by, whatever was edited since
        assert len(old.conversations.imported(PERSONA.id, [chain(said("Tell me of the sea.", "It hums.").turns)])) == 1
        assert old.datasets.all()[0].name == "" and old.personas.all()[0].original == ""
