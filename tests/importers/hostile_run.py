"""One process that reads hostile files and tells how it went: ``python -m tests.importers.hostile_run WHAT FOLDER``.

WHAT is a format, whose samples are cut and mutated, or ``archives``, or ``bombs``. The last line of its output is a
JSON object: files read, exceptions that are bugs, the slowest file, peak memory in MB. A file that takes longer than
``SECONDS`` ends the process with the place where it hung.
"""

import faulthandler
import json
import random
import re
import sys
import time
import traceback
import zipfile
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from studio.domain.conversation import content_hash
from studio.domain.errors import StudioError
from studio.importers import read_paths
from studio.texts import FINDINGS, sentence
from tests.importers.bombs import bombs
from tests.importers.mutations import variants

SAMPLES = Path(__file__).resolve().parents[2] / "sample_data" / "importers"
SECONDS = 60.0


class Report:
    """What happened so far."""

    def __init__(self) -> None:
        self.read = 0
        self.imported = 0
        self.bugs: list[str] = []
        self.slowest = (0.0, "")

    def survive(self, path: Path, name: str, **options: Any) -> None:
        """Read the file as the window would, then do what storing it would do."""
        self.read += 1
        faulthandler.dump_traceback_later(SECONDS, exit=True)
        started = time.monotonic()
        try:
            self.imported += _read(path, options)
        except Exception as error:
            kept = path.with_name(f"bug-{len(self.bugs)}{path.suffix}")
            kept.write_bytes(path.read_bytes())
            place = traceback.extract_tb(error.__traceback__)[-1]
            where = f"{Path(place.filename).name}:{place.lineno}"
            self.bugs.append(f"{name} {options}: {type(error).__name__} {str(error)[:200]} at {where}; {kept}")
        finally:
            faulthandler.cancel_dump_traceback_later()
        self.slowest = max(self.slowest, (time.monotonic() - started, name))


def _read(path: Path, options: dict[str, Any]) -> int:
    try:
        plan = read_paths([path], **options)
    except StudioError as trouble:
        sentence(trouble)
        return 0
    for _, error in plan.problems:
        sentence(error)
    for item in plan.items:
        json.dumps(item.card.card if item.card else {}, ensure_ascii=False).encode()
        json.dumps(item.lorebook, ensure_ascii=False).encode()
        item.persona_name.encode()
        assert all(finding.code in FINDINGS for finding in item.findings)
        for conversation in item.conversations:
            assert conversation.turns
            assert content_hash(conversation)
            assert all("\0" not in turn.text for turn in conversation.turns)
            f"{conversation.title}{conversation.source}".encode()
    return len(plan.items)


def _peak_mb() -> float:
    if sys.platform == "win32":
        import psutil

        return float(psutil.Process().memory_info().peak_wset) / 2**20
    status = Path("/proc/self/status")
    if status.exists():  # what getrusage says begins with the memory of the process that started this one
        return int(re.findall(r"VmHWM:\s+(\d+) kB", status.read_text())[0]) / 1024
    import resource

    unit = 1 if sys.platform == "darwin" else 1024
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * unit / 2**20


def _samples(what: str, folder: Path) -> Iterator[Path]:
    if what != "archives":
        yield from sorted(path for path in (SAMPLES / what).iterdir() if path.name != "expected.json")
        return
    taken = [path for path in sorted(SAMPLES.rglob("*")) if path.is_file() and path.name != "expected.json"]
    for kind in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED):
        path = folder / f"samples-{kind}.zip"
        with zipfile.ZipFile(path, "w", kind) as archive:
            for sample in taken[:: 6 + kind % 2]:
                archive.write(sample, f"{sample.parent.name}/{sample.name}")
            archive.write(SAMPLES / "character_card" / "v2.png", "logs/card.png")
            archive.write(SAMPLES / "sillytavern_chat" / "solo.jsonl", "logs/solo.jsonl")
        yield path


def _mutate(what: str, folder: Path, report: Report) -> None:
    """Each variant as a stranger's file, and as the sample that it was, whatever is left of its signs."""
    for sample in _samples(what, folder):
        target = folder / f"hostile{sample.suffix}"
        answers = _answers(sample) if what != "archives" else {}
        for number, data in enumerate(variants(sample.read_bytes(), random.Random(sample.name))):
            target.write_bytes(data)
            report.survive(target, f"{sample.name} {number}", persona="Grub")
            if answers:
                report.survive(target, f"{sample.name} {number}", **answers)


def _answers(sample: Path) -> dict[str, Any]:
    """What has to be said so that the sample is read; who speaks in it is asked about first of all."""
    expected = json.loads((sample.parent / "expected.json").read_text(encoding="utf-8"))
    said = expected.get(sample.name, {})
    known = {"persona": said.get("persona_name", "Grub"), "speaker": said.get("speaker", "")}
    return {"format": sample.parent.name, **known, **said.get("options", {})}


def _explode(folder: Path, report: Report) -> None:
    for path, format in bombs(folder):
        report.survive(path, path.name, persona="Grub")
        report.survive(path, path.name, persona="Grub", format=format)
        path.unlink()
        print(f"{path.name}: {_peak_mb():.0f} MB so far", flush=True)


def main() -> None:
    what, folder = sys.argv[1], Path(sys.argv[2])
    report = Report()
    _explode(folder, report) if what == "bombs" else _mutate(what, folder, report)
    told = {"read": report.read, "imported": report.imported, "bugs": report.bugs, "slowest": report.slowest}
    print(json.dumps(told | {"peak_mb": round(_peak_mb())}))


if __name__ == "__main__":
    main()
