"""Hundreds of adapters come, speak, blend and go: memory stays flat and the base stays what it is, to the bit."""

import gc
import itertools
from pathlib import Path

import psutil
import pytest
import torch

from studio.engine import desk
from studio.engine.bases.base_loader import LoadedBase
from studio.engine.chat import kept_rows
from studio.protocol.commands import Gate, Message, Reply, Row, Sampling
from studio.protocol.events import JobFailed, RowFinished
from tests.engine.rig import Office, hung, logits_of, random_adapter

CYCLES, WARM = 500, 150
GROWTH = 12 * 2**20
"""Bytes that the process may grow by after it has warmed up: what the allocator does not give back, and no more."""
TEXT = "The ferry leaves at dawn, and the river does not wait for anyone."
PROMPTS = ("Who goes there?", "Tell me about the lamp.", "And then? " * 12)


def _gates(office: Office, place: Path) -> list[Gate]:
    base = _base(office)
    ranks = (2, 4, 4, 8, 16, 3)
    return [
        Gate(
            adapter_id=f"a{number}",
            path=str(random_adapter(base, place / f"a{number}", rank=rank, alpha=2 * rank, seed=number)),
            base_fingerprint=office.loaded.fingerprint,
        )
        for number, rank in enumerate(ranks)
    ]


def _base(office: Office) -> LoadedBase:
    assert office.desk._base is not None
    return office.desk._base


def _voices(gates: list[Gate], cycle: int) -> list[list[Gate]]:
    """One alone, a blend of two, and the base; others in each cycle."""
    first, second = gates[cycle % len(gates)], gates[(cycle * 5 + 1) % len(gates)]
    return [[first], [first, second] if first is not second else [second], []]


def _command(gates: list[Gate], cycle: int) -> Reply:
    sampling = Sampling(temperature=0.7 * (cycle % 2), max_tokens=1 + cycle % 2, dry_multiplier=float(cycle % 4 == 0))
    rows = [
        Row(messages=[Message(role="user", text=PROMPTS[cycle % 3])], gates=voice, seed=cycle, sampling=sampling)
        for voice in _voices(gates, cycle)
    ]
    return Reply(job=f"r{cycle}", rows=rows[: 1 + cycle % 3])


def _resident() -> int:
    gc.collect()
    return int(psutil.Process().memory_info().rss)


def test_five_hundred_cycles(tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    """Most adapters are read from disk anew each time, and hardly any row can be kept."""
    monkeypatch.setattr(desk, "RESIDENT_BYTES", 100_000)
    monkeypatch.setattr(desk, "RESIDENTS", 2)
    monkeypatch.setattr(kept_rows, "SHARE_OF_FREE", 1e-5)
    office = Office(tiny_base)
    base, gates = _base(office), _gates(office, tmp_path)
    hung(base, fixed=Path(gates[0].path))
    before = [logits_of(base, [row], [TEXT]) for row in ({}, {"fixed": 1.0})]
    said: dict[int, list[str]] = {}
    warm = 0
    for cycle in range(CYCLES):
        if cycle == WARM:
            warm = _resident()
        office.do(_command(gates, cycle))
        said[cycle] = [one.text for one in office.heard.of(RowFinished)]
        assert not office.heard.of(JobFailed)
        office.heard.events.clear()
    grown = _resident() - warm
    assert grown < GROWTH, f"{grown / 2**20:.1f} MB"
    for one in gates:  # what lies beside an adapter decides in which order sums run
        base.rack.take_off(one.adapter_id)
    hung(base, fixed=Path(gates[0].path))
    after = [logits_of(base, [row], [TEXT]) for row in ({}, {"fixed": 1.0})]
    assert all(torch.equal(one, other) for one, other in zip(before, after, strict=True))
    assert not torch.equal(*after)
    for cycle in (1, 4, 9, 10, 15):
        office.do(_command(gates, cycle))
        assert [one.text for one in office.heard.of(RowFinished)] == said[cycle]
        office.heard.events.clear()


def test_what_nobody_talks_to_is_taken_off_the_rack(
    tiny_base: Path, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """The adapters shown last stay; in the middle of a reply all stay."""
    monkeypatch.setattr(desk, "RESIDENT_BYTES", 0)
    monkeypatch.setattr(desk, "RESIDENTS", 2)
    office = Office(tiny_base)
    base, gates = _base(office), _gates(office, tmp_path)
    held: list[list[str]] = []

    def look(unit: int) -> None:
        held.append([gate.adapter_id for gate in gates if base.rack.holds(gate.adapter_id)])

    rows = [Row(messages=[Message(role="user", text="Who?")], gates=[gate]) for gate in gates[:4]]
    sampling = Sampling(max_tokens=4)
    rows = [Row(messages=row.messages, gates=row.gates, sampling=sampling) for row in rows]
    office.do(Reply(job="four", rows=rows), between=look)
    assert held[0] == ["a0", "a1", "a2", "a3"]
    assert held[-1] == ["a2", "a3"]
    office.do(Reply(job="back", rows=rows[2:3]))
    office.do(Reply(job="new", rows=[Row(messages=rows[0].messages, gates=gates[5:], sampling=sampling)]), between=look)
    assert held[-1] == ["a2", "a5"]


def test_an_adapter_under_an_old_name_is_read_anew(tiny_base: Path, tmp_path: Path) -> None:
    """What is on the rack is an adapter's content, told or seen on its file, and never just a name."""
    office = Office(tiny_base)
    base = _base(office)
    one = random_adapter(base, tmp_path / "one", rank=4, alpha=8, seed=1, size=1.0)
    other = random_adapter(base, tmp_path / "other", rank=4, alpha=8, seed=2, size=1.0)
    numbers = itertools.count()

    def said(folder: Path, name: str, content: str = "") -> str:
        gate = Gate(adapter_id=name, path=str(folder), base_fingerprint=office.loaded.fingerprint, content=content)
        job = f"r{next(numbers)}"
        sampling = Sampling(temperature=0.0, max_tokens=12)
        office.do(
            Reply(job=job, rows=[Row(messages=[Message(role="user", text="Who?")], gates=[gate], sampling=sampling)])
        )
        return next(event.text for event in office.heard.of(RowFinished) if event.job == job)

    first, second = said(one, "x"), said(other, "y")
    assert first != second
    assert said(other, "x") == second
    assert (said(one, "z", "1"), said(other, "z", "2"), said(one, "z", "1")) == (first, second, first)
