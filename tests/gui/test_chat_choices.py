"""What the chat page decides without a window: where columns stand, who can be chosen, sweeps, blends, baking."""

from dataclasses import replace

import pytest

from studio.domain.adapter import Adapter
from studio.domain.chat import CARD_FULL, BlendPart, Contestant, Sampler
from studio.domain.errors import StudioError
from studio.domain.run import RunState
from studio.gui.pages.chat.blends.bake_desk import BakeDesk, baked_words
from studio.gui.pages.chat.blends.blending import Blend
from studio.gui.pages.chat.columns import strength_sweep
from studio.gui.pages.chat.columns.grid import GAP, LOWEST, NARROWEST, grid, nearest
from studio.gui.pages.chat.talk.contestants import (
    blends_of,
    effect_words,
    gain_words,
    groups,
    matching,
    next_contestant,
)
from studio.services.baking import BakePlan
from tests.gui.stand_in import ADAPTER, ILSE, MIRA, StandIn, make_run

OTHER = replace(ADAPTER, id="adapter-2", name="Ilse Marrow v1", persona_id=ILSE.id, rank=8)
FOREIGN = replace(ADAPTER, id="adapter-3", name="Far away v1", base_fingerprint="another")


@pytest.fixture
def studio() -> StandIn:
    made = StandIn()
    made.kept_adapters = [ADAPTER, OTHER, FOREIGN]
    return made


# -- where columns stand -------------------------------------------------------------------------------------------


@pytest.mark.parametrize("count", range(1, 9))
@pytest.mark.parametrize(("width", "height"), [(1142, 560), (820, 560), (1782, 830), (300, 400)])
def test_columns_are_wide_enough_and_never_overlap(count: int, width: int, height: int) -> None:
    made = grid(count, width, height)
    assert len(made.cells) == count
    for at, one in enumerate(made.cells):
        assert one.width >= NARROWEST and one.x >= 0 and one.x + one.width <= width
        assert one.y >= 0 and one.y + one.height <= made.height
        others = made.cells[at + 1 :]
        assert all(one.x + one.width + GAP <= two.x or one.y + one.height + GAP <= two.y for two in others)
    rows = len({one.y for one in made.cells})
    assert made.compact is (rows > 1)
    assert rows == 1 or all(one.height >= LOWEST for one in made.cells)


def test_eight_columns_fit_the_smallest_window_in_two_rows() -> None:
    made = grid(8, 1142, 560)
    assert [len([one for one in made.cells if one.y == y]) for y in sorted({one.y for one in made.cells})] == [4, 4]
    assert made.height <= 560
    assert grid(4, 1142, 560).compact is False


def test_a_dragged_column_goes_to_the_nearest_place() -> None:
    cells = grid(8, 1142, 560).cells
    for number, cell in enumerate(cells):
        assert nearest(cells, cell.x + cell.width // 2, cell.y + cell.height // 2) == number
    assert nearest(cells, -500, 0) == 0 and nearest(cells, 5000, 5000) == 7
    assert nearest((), 3, 3) == -1


# -- who can be chosen ---------------------------------------------------------------------------------------------


def test_everybody_can_be_chosen(studio: StandIn) -> None:
    studio.training.all = [make_run(id="run-9", persona_id=MIRA.id, state=RunState.FINISHED)]
    studio.chats.steps = {"run-9": [20, 40]}
    blend = Contestant(adapter_id=ADAPTER.id, blend=(BlendPart(adapter_id=OTHER.id),))
    found = groups(studio, [blend])  # type: ignore[arg-type]
    assert [one.name for one in found] == ["", "Blends", MIRA.name, ILSE.name]
    mira = [choice.contestant for choice in found[2].choices]
    assert mira == [
        Contestant(adapter_id=ADAPTER.id), Contestant(adapter_id=FOREIGN.id),
        Contestant(adapter_id="run-9", step=40), Contestant(adapter_id="run-9", step=20),
        Contestant(persona_id=MIRA.id), Contestant(persona_id=MIRA.id, card=CARD_FULL),
    ]  # fmt: skip
    ilse = [choice.contestant for choice in found[3].choices]
    assert ilse == [Contestant(adapter_id=OTHER.id), Contestant(persona_id=ILSE.id, card=CARD_FULL)]


def test_typing_finds_by_persona_and_by_adapter(studio: StandIn) -> None:
    found = groups(studio)  # type: ignore[arg-type]
    assert [one.name for one in matching(found, "ilse")] == [ILSE.name]
    assert [one.name for one in matching(found, "whole MIRA")] == [MIRA.name]
    assert [len(one.choices) for one in matching(found, "mira v3")] == [1]
    assert matching(found, "nobody") == []
    assert matching(found, " ") == found


def test_a_new_column_holds_who_does_not_answer_yet(studio: StandIn) -> None:
    present = [Contestant(), replace(Contestant(adapter_id=ADAPTER.id), strength=0.4)]
    assert next_contestant(studio, present) not in present  # type: ignore[arg-type]
    assert next_contestant(studio, [Contestant()]) == Contestant(adapter_id=ADAPTER.id)  # type: ignore[arg-type]


def test_blends_of_all_chats_are_offered_once() -> None:
    blend = Contestant(adapter_id="a", blend=(BlendPart(adapter_id="b", weight=0.5),))
    own = replace(blend, sampler=Sampler(), seed=3)
    assert blends_of([((blend, ""), (Contestant(), "")), ((own, "tip"),)]) == [blend]


def test_what_was_measured_stands_in_words(studio: StandIn) -> None:
    from types import SimpleNamespace

    assert effect_words(studio, ADAPTER.id) == ""  # type: ignore[arg-type]
    studio.effects[ADAPTER.id] = SimpleNamespace(nothing=False, top1_changed=0.37, kl=0.821)
    assert "37 %" in effect_words(studio, ADAPTER.id) and "0.82" in effect_words(studio, ADAPTER.id)  # type: ignore[arg-type]
    studio.effects[ADAPTER.id] = SimpleNamespace(nothing=True, top1_changed=0.0, kl=0.0)
    assert "nothing" in effect_words(studio, ADAPTER.id)  # type: ignore[arg-type]


def test_the_figure_in_nats_is_explained(studio: StandIn) -> None:
    worse, unmeasured = replace(OTHER, gain=-0.1), replace(FOREIGN, gain=None)
    studio.kept_adapters = [replace(ADAPTER, gain=0.82), worse, unmeasured]
    said = [gain_words(studio, one.id) for one in studio.kept_adapters]  # type: ignore[arg-type]
    assert "+0.82 nats" in said[0] and "so much better than the base" in said[0]
    assert "-0.10 nats" in said[1] and "no better" in said[1] and said[2] == ""


# -- sweep, blend, bake --------------------------------------------------------------------------------------------


def test_a_sweep_takes_every_step_and_says_when_they_are_too_many() -> None:
    assert strength_sweep.strengths(0, 1.5, 0.25) == [0, 0.25, 0.5, 0.75, 1, 1.25, 1.5]
    assert strength_sweep.strengths(0.2, 0.8, 0.2) == [0.2, 0.4, 0.6, 0.8]
    assert strength_sweep.strengths(1, 0.5, 0.1) == [] == strength_sweep.strengths(0, 1, 0)
    assert strength_sweep.trouble(strength_sweep.strengths(0, 1.5, 0.25)) == ""
    assert "16 columns" in strength_sweep.trouble(strength_sweep.strengths(0, 1.5, 0.1))
    assert strength_sweep.trouble([1.0]) != ""
    assert strength_sweep.words([0, 0.25]) == "0 · 0.25"


def test_a_blend_is_made_of_one_base(studio: StandIn) -> None:
    blend = Blend(studio, Contestant(adapter_id=ADAPTER.id, strength=0.7, persona_id=MIRA.id, seed=3))  # type: ignore[arg-type]
    assert not blend.ready() and [one.id for one in blend.free()] == [OTHER.id]
    blend.add(OTHER.id)
    assert blend.ready() and blend.free() == []
    assert "16 + 8 = 24" in blend.words() and "1.2" in blend.words() and blend.caution() == ""
    blend.weigh(OTHER.id, 1.0)
    assert blend.caution()
    assert blend.contestant() == Contestant(
        adapter_id=ADAPTER.id, strength=0.7, blend=(BlendPart(adapter_id=OTHER.id, weight=1.0),), persona_id=MIRA.id,
        seed=3,
    )  # fmt: skip
    blend.weigh(ADAPTER.id, 0.0)
    assert not blend.ready()
    blend.remove(ADAPTER.id)
    assert [one.id for one in blend.free()] == [ADAPTER.id]


class Blending:
    """Plans like the service, for two known adapters."""

    def __init__(self) -> None:
        self.trouble: StudioError | None = None

    def plan(self, parts, rank=0):
        if self.trouble:
            raise self.trouble
        found = tuple((one, part.weight) for part in parts for one in (ADAPTER, OTHER) if one.id == part.adapter_id)
        exact = sum(one.rank for one, _ in found)
        return BakePlan(parts=found, exact_rank=exact, rank=rank or exact, size_bytes=2**20 * (rank or exact))


def test_baking_shows_what_it_would_give(studio: StandIn) -> None:
    studio.blending = Blending()  # type: ignore[attr-defined]
    parts = (BlendPart(adapter_id=OTHER.id, weight=0.9),)
    desk = BakeDesk(studio, Contestant(adapter_id=ADAPTER.id, strength=0.5, blend=parts))  # type: ignore[arg-type]
    assert desk.name() == "Mira Vane v3 0.5 + Ilse Marrow v1 0.9" and desk.owner() == ILSE.id
    assert desk.look(0).exact_rank == 24 and "Rank 24" in desk.look(0).words
    assert "Rank 6" in desk.look(6).words and "6 MB" in desk.look(6).words
    studio.blending.trouble = StudioError("bake_nothing")  # type: ignore[attr-defined]
    assert "nothing to bake" in desk.look(0).trouble


@pytest.mark.parametrize(("lost", "said"), [(0.0, "nothing was lost"), (0.081, "91.9 %")])
def test_what_was_kept_is_said(lost: float, said: str) -> None:
    made: Adapter = replace(ADAPTER, made_of={"lost": lost})
    assert said in baked_words(made)
