"""What a start finds after the last program died."""

import dataclasses
import os
from pathlib import Path

from studio import paths
from studio.atomic_files import partial_path
from studio.domain.changes import Kind
from studio.domain.run import RunState
from studio.library.library import Library
from studio.library.reconcile import Reconciliation
from studio.texts import SENTENCES
from tests.library.examples import ADAPTER, BASE, PERSONA, RUN, VERSION, fill


def with_files(folder: Path) -> None:
    with Library.open(folder) as library:
        content = library.files.put(b"{}")
        fill(library)
        library._database.write("UPDATE dataset_versions SET content = ?", [content])
        for path in (ADAPTER.path, BASE.path):
            (folder / path).mkdir()


def reopened(folder: Path) -> Reconciliation:
    with Library.open(folder) as library:
        return library.found_at_start


def test_a_whole_library_has_nothing_to_tell(tmp_path: Path) -> None:
    with_files(tmp_path)
    assert reopened(tmp_path) == Reconciliation()


def test_runs_that_died_are_interrupted(tmp_path: Path) -> None:
    with_files(tmp_path)
    with Library.open(tmp_path) as library:
        library.runs.update(RUN.id, state=RunState.RUNNING, step=5)
        library.runs.add(dataclasses.replace(RUN, id="run-2", number=2))
    with Library.open(tmp_path) as library:
        assert library.found_at_start.interrupted == (RUN.id,)
        assert [run.state for run in library.runs.all()] == [RunState.QUEUED, RunState.INTERRUPTED]
        assert library.runs.get(RUN.id).step == 5


def test_a_reader_leaves_running_runs_alone(library: Library) -> None:
    fill(library)
    library.runs.update(RUN.id, state=RunState.RUNNING)
    with Library.open(library.folder, read_only=True) as reader:
        assert reader.runs.get(RUN.id).state is RunState.RUNNING


def test_rows_without_their_files_are_told(tmp_path: Path) -> None:
    with Library.open(tmp_path) as library:
        fill(library)
        library.personas.update(dataclasses.replace(PERSONA, portrait="d" * 64))
    found = reopened(tmp_path).findings
    assert {(one.code, one.kind, one.item_id) for one in found} == {
        ("library_file_missing", kind, id)
        for kind, id in [("persona", PERSONA.id), ("dataset", VERSION.id), ("base", BASE.id), ("adapter", ADAPTER.id)]
    }
    assert paths.adapters(tmp_path) / ADAPTER.id in {one.path for one in found}
    assert {one.code for one in found} <= SENTENCES.keys()
    with Library.open(tmp_path) as library:
        assert library.adapters.get(ADAPTER.id) == ADAPTER


def test_a_folder_that_no_adapter_knows_is_told_and_kept(tmp_path: Path) -> None:
    with_files(tmp_path)
    lost = paths.adapters(tmp_path) / "lost"
    lost.mkdir()
    (found,) = reopened(tmp_path).findings
    assert (found.code, found.path) == ("library_folder_unknown", lost)
    assert lost.is_dir()


def test_the_folder_of_an_adapter_in_the_trash_is_known(tmp_path: Path) -> None:
    with_files(tmp_path)
    with Library.open(tmp_path) as library:
        library.trash.remove(Kind.ADAPTER, ADAPTER.id)
    assert reopened(tmp_path).findings == ()


def test_what_was_never_finished_is_cleared_unless_it_is_new(tmp_path: Path) -> None:
    with_files(tmp_path)
    (paths.runs(tmp_path) / RUN.id).mkdir()
    (paths.vault(tmp_path) / "ab").mkdir(exist_ok=True)
    places = [
        paths.adapters(tmp_path),
        paths.bases(tmp_path),
        paths.runs(tmp_path) / RUN.id,
        paths.vault(tmp_path) / "ab",
    ]
    checkpoints = paths.runs(tmp_path) / RUN.id / "checkpoints"
    left = [checkpoints / ".staging-step-5", paths.bases(tmp_path) / "base-2.staging"]  # the engine's names
    left += [partial_path(place) for place in places]
    for path in left[:-1]:
        path.mkdir(parents=True)
        (path / "weights").write_bytes(b"half")
    left[-1].write_bytes(b"half")
    fresh = partial_path(paths.bases(tmp_path))
    fresh.write_bytes(b"being written")
    for path in left:
        os.utime(path, (1, 1))
    os.utime(fresh, (2**33, 2**33))
    assert set(reopened(tmp_path).removed) == set(left)
    assert not any(path.exists() for path in left)
    assert fresh.exists()
