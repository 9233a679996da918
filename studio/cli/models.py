"""``models``: the bases on this machine."""

from pathlib import Path

import click

from studio.cli.documents import base_document
from studio.cli.session import Session, pass_session
from studio.cli.wording import count, size
from studio.domain.base_model import BaseModel
from studio.texts import tr


@click.group(help=tr("The base models on this machine: get the starter, add your own, list, remove."))
def models() -> None:
    """Hold the commands together."""


@models.command(help=tr("Get the starter base: SmolLM2 135M Instruct, 93 MB, Apache-2.0. There already: done at once."))
@pass_session
def starter(session: Session) -> None:
    """Install the starter."""
    with session.writing() as studio:
        base = session.wait(studio.models.install_starter())
        session.output.result(base_document(base, studio.models.memory_needed(base)), _added(base))


@models.command(help=tr("Add a base of your own: a folder with safetensors, or a GGUF file. Its code is never run."))
@click.argument("path", type=click.Path(path_type=Path))
@pass_session
def add(session: Session, path: Path) -> None:
    """Add a base."""
    with session.writing() as studio:
        base = session.wait(studio.models.add(path))
        session.output.result(base_document(base, studio.models.memory_needed(base)), _added(base))


@models.command("list", help=tr("List the bases, newest first."))
@pass_session
def list_models(session: Session) -> None:
    """List bases."""
    with session.reading() as studio:
        bases = studio.models.list()
        session.output.table(
            [base_document(base, studio.models.memory_needed(base)) for base in bases],
            [tr("id"), tr("name"), tr("parameters"), tr("memory in 16 bit"), tr("place")],
            [_row(base, studio.models.memory_needed(base)) for base in bases],
            empty=tr("No bases yet. Get the starter with 'persona-studio models starter'."),
        )


@models.command(help=tr("Forget a base. Its files stay, and so do the adapters that were trained on it."))
@click.argument("base")
@pass_session
def remove(session: Session, base: str) -> None:
    """Forget a base."""
    with session.writing() as studio:
        found = studio.models.get(base)
        token = studio.models.remove(found.id)
        session.output.result({"id": found.id, "undo": token}, tr("{name} was removed.", name=found.name))


def _added(base: BaseModel) -> str:
    return tr("{name} is ready ({id}, in {path}).", name=base.name, id=base.id, path=base.path)


def _row(base: BaseModel, memory: dict[str, int]) -> list[str]:
    return [base.id, base.name, count(base.parameters), size(memory["16-bit"]), base.path]
