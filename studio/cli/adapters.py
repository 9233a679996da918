"""``adapters``: what was learned, where it came from, and how it leaves the library."""

from dataclasses import asdict
from pathlib import Path
from typing import TYPE_CHECKING

import click

from studio.cli.documents import adapter_document
from studio.cli.session import Session, pass_session
from studio.cli.wording import day, nats, size
from studio.domain.adapter import Adapter, made_of
from studio.services.catalogue import export_formats
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.adapters import Lineage
    from studio.services.studio import Studio


@click.group(help=tr("The adapters that runs made."))
def adapters() -> None:
    """Hold the commands together."""


@adapters.command("list", help=tr("List the adapters, newest first. Gain is held-out nats per token saved."))
@click.option("--persona", default="", metavar="NAME", help=tr("Only those of this persona."))
@pass_session
def list_adapters(session: Session, persona: str) -> None:
    """List adapters."""
    with session.reading() as studio:
        found = studio.adapters.list(studio.personas.get(persona).id if persona else "")
        names = {one.persona.id: one.persona.name for one in studio.personas.list()}
        session.output.table(
            [adapter_document(one, names.get(one.persona_id, "")) for one in found],
            [tr("id"), tr("name"), tr("rank"), tr("gain"), tr("size"), tr("made")],
            [_row(one) for one in found],
            empty=tr("No adapters yet. Train one with 'persona-studio train PERSONA'."),
        )


@adapters.command(help=tr("Show an adapter and its lineage: data version, recipe, run, base."))
@click.argument("adapter")
@pass_session
def show(session: Session, adapter: str) -> None:
    """Show one adapter."""
    with session.reading() as studio:
        found = studio.adapters.get(adapter)
        persona = studio.personas.get(found.persona_id).name
        session.output.result(_lineage_document(studio, found, persona), *_lineage_lines(studio, found, persona))


@adapters.command(help=tr("Write an adapter to a folder that is new or empty."))
@click.argument("adapter")
@click.option(
    "--format", "format_name", default="peft", show_default=True,
    type=click.Choice([one.name for one in export_formats()]),
)  # fmt: skip
@click.option("--out", required=True, metavar="DIR", type=click.Path(path_type=Path), help=tr("The folder to fill."))
@pass_session
def export(session: Session, adapter: str, format_name: str, out: Path) -> None:
    """Export one adapter."""
    with session.writing() as studio:
        found = studio.adapters.get(adapter)
        report = session.wait(studio.adapters.export(found.id, format_name, out))
    document = {
        "adapter": found.id,
        "format": format_name,
        "path": str(report.path),
        "files": list(report.files),
        "sha256": dict(report.sha256),
    }
    session.output.result(document, tr("{name} is in {path}.", name=found.name, path=report.path))


def _origin_lines(lineage: "Lineage", gone: str) -> list[str]:
    """The run and the data that made it, or the adapters that it was baked of."""
    parts = made_of(lineage.adapter)
    if parts:
        words = " + ".join(f"{part.weight:g} × {part.name} ({part.adapter_id})" for part in parts)
        return [tr("made of: {parts}", parts=words)]
    data = tr("version {number}, {count} conversations", number=lineage.dataset.number,
              count=lineage.dataset.conversations) if lineage.dataset else gone  # fmt: skip
    return [tr("run: {run}", run=lineage.run.id if lineage.run else gone), tr("data: {data}", data=data)]


def _effect_lines(studio: "Studio", adapter: Adapter) -> list[str]:
    """What it was measured to change, where it has spoken or was proved."""
    effect = studio.proof.effect(adapter.id)
    if effect is None:
        return []
    if effect.nothing:
        return [tr("effect: none, the base answers the same without it")]
    return [tr("effect: another next token in {share} % of places, {kl} nats from the base",
               share=f"{100 * effect.top1_changed:.0f}", kl=f"{effect.kl:.3f}")]  # fmt: skip


def _row(one: Adapter) -> list[str]:
    return [one.id, one.name, str(one.rank), nats(one.gain), size(one.size_bytes), day(one.created_at)]


def _lineage_document(studio: "Studio", adapter: Adapter, persona: str) -> dict[str, object]:
    lineage = studio.adapters.lineage(adapter.id)
    recipe = asdict(lineage.recipe) | {"options": dict(lineage.recipe.options)} if lineage.recipe else None
    return adapter_document(adapter, persona) | {
        "run": asdict(lineage.run) if lineage.run else None,
        "recipe": recipe,
        "dataset": asdict(lineage.dataset) if lineage.dataset else None,
        "base": asdict(lineage.base) if lineage.base else None,
    }


def _lineage_lines(studio: "Studio", adapter: Adapter, persona: str) -> list[str]:
    lineage = studio.adapters.lineage(adapter.id)
    gone = tr("deleted since")
    return [
        f"{adapter.name}  ({adapter.id})",
        tr("persona: {persona}", persona=persona),
        tr("gain: {gain} nats per held-out token", gain=nats(adapter.gain)),
        tr("rank {rank}, alpha {alpha}, {method}, step {step}, {size}", rank=adapter.rank, alpha=f"{adapter.alpha:g}",
           method=adapter.method, step=adapter.step, size=size(adapter.size_bytes)),
        tr("base: {base}", base=lineage.base.name if lineage.base else gone),
        *_origin_lines(lineage, gone),
        *_effect_lines(studio, adapter),
        tr("place: {path}", path=studio.adapters.folder(adapter)),
    ]  # fmt: skip
