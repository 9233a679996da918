"""A GGUF model, once and for all, into a folder of safetensors, tokenizer and chat template."""

import shutil
from pathlib import Path

import torch
from transformers import AutoModelForCausalLM, AutoTokenizer, GgufConfig

from studio.domain.errors import StudioError
from studio.engine import memory
from studio.engine.failures import is_out_of_memory
from studio.engine.scheduler import Work
from studio.engine.wire import Wire
from studio.protocol.events import Progress

_MAGIC = b"GGUF"


def convert(source: Path, target: Path, wire: Wire, job: str) -> Work:
    """Write ``target``, whole or not at all. The file is foreign, so whatever its reader raises is the file's fault."""
    _refuse_obvious(source)
    staging = target.with_name(target.name + ".staging")
    shutil.rmtree(staging, ignore_errors=True)
    try:
        yield from _write(source, staging, wire, job)
    except BaseException:
        shutil.rmtree(staging, ignore_errors=True)
        raise
    staging.replace(target)
    memory.release()


def _write(source: Path, staging: Path, wire: Wire, job: str) -> Work:
    wire.send(Progress(job=job, what="converting", done=0, total=3))
    yield
    try:
        model = AutoModelForCausalLM.from_pretrained(
            source.parent,
            gguf_file=source.name,
            quantization_config=GgufConfig(dequantize=True),
            dtype=torch.bfloat16,
            local_files_only=True,
        )
        tokenizer = AutoTokenizer.from_pretrained(source.parent, gguf_file=source.name, local_files_only=True)
    except ImportError:
        raise
    except Exception as error:
        if is_out_of_memory(error):
            raise
        raise StudioError("gguf_broken", path=str(source), reason=_first_line(error)) from error
    wire.send(Progress(job=job, what="converting", done=2, total=3))
    yield
    model.save_pretrained(staging)
    tokenizer.save_pretrained(staging)
    wire.send(Progress(job=job, what="converting", done=3, total=3))


def _refuse_obvious(source: Path) -> None:
    if not source.is_file():
        raise StudioError("file_missing", path=str(source))
    with source.open("rb") as file:
        if file.read(4) != _MAGIC:
            raise StudioError("gguf_broken", path=str(source), reason="it does not begin with the letters GGUF")


def _first_line(error: BaseException) -> str:
    said = str(error).strip()
    return said.splitlines()[0][:200] if said else type(error).__name__
