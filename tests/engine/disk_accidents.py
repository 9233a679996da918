"""Accidents on the disk, one at each act of ``durable_files``: a kill, a power cut, a full disk, a failing one.

A kill leaves what was done. A power cut also loses what was not synced: the content of files, names in folders.
"""

import errno
import os
import shutil
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import NamedTuple

import pytest

from studio.engine import durable_files


class Act(NamedTuple):
    """What is about to be done. ``str`` of it is the name of the place."""

    what: str
    path: Path
    to: Path | None

    def __str__(self) -> str:
        where = f"{self.path.parent.name}/{self.path.name}"
        return f"{self.what} {where}" + (f" to {self.to.name}" if self.to else "")


class Died(BaseException):
    """As if the process had ended here."""


KINDS = ("kill", "power cut", "power cut that kept the names", "ENOSPC", "EIO")


class Disk:
    """Notes every act; the one numbered ``at`` (from 0) meets the accident; after a death nothing is done."""

    def __init__(self, at: int = -1, kind: str = "kill") -> None:
        self.acts: list[Act] = []
        self.dead = False
        self._at = at
        self._kind = kind

    def reached(self, what: str, path: Path, to: Path | None = None) -> None:
        """Stands in for ``durable_files.reached``."""
        if self.dead:
            raise Died
        if len(self.acts) == self._at:
            self._at = -1
            self._break(Act(what, path, to))
        self.acts.append(Act(what, path, to))

    def _break(self, act: Act) -> None:
        if self._kind in ("ENOSPC", "EIO"):
            number = getattr(errno, self._kind)
            raise OSError(number, os.strerror(number), str(act.path))
        self.dead = True
        if self._kind.startswith("power cut"):
            _lose(self.acts, names=self._kind == "power cut")
        raise Died

    @contextmanager
    def at_work(self) -> Iterator["Disk"]:
        """Within, the disk is this one; syncing takes no time, for what it keeps is reckoned here."""
        remove = shutil.rmtree

        def rmtree(folder: Path, ignore_errors: bool = False) -> None:
            if not self.dead:
                remove(folder, ignore_errors=ignore_errors)

        with pytest.MonkeyPatch.context() as patch:
            patch.setattr(durable_files, "reached", self.reached)
            patch.setattr(durable_files, "sync_file", lambda descriptor: None)
            patch.setattr(durable_files, "sync_folder", lambda folder: None)
            patch.setattr(durable_files.shutil, "rmtree", rmtree)
            yield self


def acts_of(work: Callable[[], object]) -> list[Act]:
    """What a whole, undisturbed piece of work does."""
    with Disk().at_work() as disk:
        work()
    return disk.acts


def _lose(acts: list[Act], names: bool) -> None:
    """Take away what no sync made sure of; the acts are undone from the last one back."""
    synced: set[Path] = set()
    folders: set[Path] = set()
    moved: dict[Path, Path] = {}
    for act in reversed(acts):
        if act.what == "sync":
            synced.add(act.path)
        elif act.what == "names":
            folders.add(act.path)
        elif act.what == "write" and act.path not in synced:
            _empty(moved.get(act.path.parent, act.path.parent) / act.path.name)
        elif names and act.path.parent not in folders:
            _undo(act)
        elif act.to:
            moved[act.path] = moved.get(act.to, act.to)


def _empty(file: Path) -> None:
    if file.exists():
        file.write_bytes(b"")


def _undo(act: Act) -> None:
    if act.what == "rename" and act.to and act.to.exists():
        act.to.replace(act.path)
    elif act.what == "make" and act.path.exists():
        shutil.rmtree(act.path)
