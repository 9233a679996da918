"""``adapters bake`` and ``adapters prove``: several adapters made into one, and what adapters change at all."""

from dataclasses import asdict
from typing import TYPE_CHECKING

import click

from studio.cli.documents import adapter_document
from studio.cli.session import Session, pass_session
from studio.cli.wording import size
from studio.domain.chat import BlendPart
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.studio import Studio


@click.command(
    help=tr(
        "Make one adapter of several, each by its weight, or of one at another strength. Exact, unless --rank asks for "
        "fewer ranks than all have together."
    )
)
@click.argument("parts", nargs=-1, required=True, metavar="ADAPTER[:WEIGHT]…")
@click.option("--name", default="", metavar="NAME", help=tr("What to call it."))
@click.option("--rank", type=click.IntRange(0, 4096), default=0, help=tr("Ranks to keep; 0 keeps all."))
@click.option("--persona", default="", metavar="NAME", help=tr("Whose it is; the first adapter's persona otherwise."))
@click.option("--dry-run", is_flag=True, help=tr("Only say what it would be."))
@pass_session
def bake(session: Session, parts: tuple[str, ...], name: str, rank: int, persona: str, dry_run: bool) -> None:
    """Bake a blend."""
    with session.reading() if dry_run else session.writing() as studio:
        blend = [_part(studio, word) for word in parts]
        if dry_run:
            plan = studio.blending.plan(blend, rank)
            document = {"rank": plan.rank, "exact_rank": plan.exact_rank, "size_bytes": plan.size_bytes}
            session.output.result(document, _planned(plan.rank, plan.exact_rank, plan.size_bytes))
            return
        owner = studio.personas.get(persona).id if persona else ""
        made = session.wait(studio.blending.bake(blend, name=name, rank=rank, persona_id=owner))
        of = studio.personas.get(made.persona_id).name
    lost = made.made_of.get("lost")
    words = tr("{name} ({id}): rank {rank}, {size}.", name=made.name, id=made.id, rank=made.rank,
               size=size(made.size_bytes))  # fmt: skip
    share = f"{100 * lost:.2f}" if isinstance(lost, float) else "0"
    loss = [tr("{share} % of the sum is left out by the rank.", share=share)] if lost else []
    session.output.result(adapter_document(made, of), words, *loss)


@click.command(help=tr("Measure what adapters change at their base, on fixed sentences. Once for each content."))
@click.argument("adapters", nargs=-1, required=True)
@pass_session
def prove(session: Session, adapters: tuple[str, ...]) -> None:
    """Measure effects."""
    with session.writing() as studio:
        found = [studio.adapters.get(one) for one in adapters]
        effects = session.wait(studio.proof.prove([one.id for one in found]))
    rows = [
        [one.name, f"{effect.change:.2f}", f"{effect.kl:.3f}", f"{100 * effect.top1_changed:.0f} %",
         tr("changes nothing") if effect.nothing else ""]
        for one, effect in zip(found, effects, strict=True)
    ]  # fmt: skip
    documents = [{"adapter": one.id} | asdict(effect) for one, effect in zip(found, effects, strict=True)]
    session.output.table(documents, [tr("adapter"), tr("logits"), tr("nats"), tr("next token"), ""], rows)


def _part(studio: "Studio", word: str) -> BlendPart:
    """``NAME_OR_ID`` or ``NAME_OR_ID:WEIGHT``."""
    name, colon, last = word.rpartition(":")
    try:
        weight = float(last) if colon else 1.0
    except ValueError:  # the colon belongs to the name
        name, weight = word, 1.0
    return BlendPart(adapter_id=studio.adapters.get(name if colon and name else word).id, weight=weight)


def _planned(rank: int, exact: int, size_bytes: int) -> str:
    if rank == exact:
        return tr("An exact sum of rank {rank}, about {size}.", rank=rank, size=size(size_bytes))
    return tr("The best of rank {rank} out of {exact}, about {size}; what is lost is told when it is made.",
              rank=rank, exact=exact, size=size(size_bytes))  # fmt: skip
