"""What was measured corrects what is expected; and the method that fits is recommended with its reason."""

from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest

from studio.domain.base_model import BaseModel
from studio.domain.persona import Persona
from studio.domain.run import Run, RunState
from studio.library.library import Library
from studio.methods.method import METHODS
from studio.protocol.budgets import MICRO_BATCH_TOKENS
from studio.protocol.events import MemoryMeasured, RunEnded
from studio.services.memory_advice import Place, expected_memory, recommended, remember
from studio.services.memory_estimate import MemoryEstimate
from studio.services.run_plan import full_options
from studio.services.studio import Studio
from tests.services.app_thread import AppThread
from tests.services.test_end_to_end import trained
from tests.services.test_estimates import GB, LLAMA_8B, SMOLLM2
from tests.services.test_queue import ENDLESS, begun

CARD = Place(device="cuda", name="Card 24", memory=int(24 * GB))
HERE = Place(device="cpu", name="cpu", memory=int(24 * GB))
RUN = Run(
    id="run-1", persona_id="p", base_id=SMOLLM2.id, dataset_id="d", recipe_id="r", method="qlora", quantization="nf4"
)


@pytest.fixture
def library(tmp_path: Path) -> Iterator[Library]:
    opened = Library.open(tmp_path / "library")
    yield opened
    opened.close()


def _measured(peak: int, tokens: int = MICRO_BATCH_TOKENS["cpu"]) -> MemoryMeasured:
    plan: dict[str, object] = {
        "micro_batch_tokens": 1024, "checkpoint_activations": False, "offload_activations": False, "tokens": tokens,
        "max_length": 1024,
    }  # fmt: skip
    return MemoryMeasured(job="j", run_id="run-1", peak_bytes=peak, available_bytes=HERE.memory, plan=plan)


def _expected(library: Library, place: Place = HERE, **options: object) -> MemoryEstimate:
    return expected_memory(library, SMOLLM2, "qlora", options, place)


def test_the_same_run_again_is_expected_to_need_what_it_needed(library: Library) -> None:
    before = _expected(library)
    assert before.measured == 0
    peak = before.total + 300 * 2**20
    told = remember(library, RUN, {}, SMOLLM2, HERE, _measured(peak))
    after = _expected(library)
    assert after.measured == peak
    assert after.total == pytest.approx(peak, rel=0.001)
    assert after.base == before.base
    assert told["needed"] == f"{peak / 2**30:.1f} GB"
    assert told["expected"] == f"{before.total / 2**30:.1f} GB"


def test_other_settings_are_corrected_by_the_same_share(library: Library) -> None:
    before = _expected(library, rank=64)
    plain = _expected(library)
    remember(library, RUN, {}, SMOLLM2, HERE, _measured(plain.base + (plain.total - plain.base) * 3 // 2))
    after = _expected(library, rank=64)
    assert after.measured == 0
    assert after.total - after.base == pytest.approx(1.5 * (before.total - before.base), rel=0.001)


def test_a_measurement_on_short_conversations_does_not_promise_that_for_long_ones(library: Library) -> None:
    """The run that was measured read 128 tokens at once; the form counts on whole micro-batches."""
    plain = _expected(library)
    remember(library, RUN, {}, SMOLLM2, HERE, _measured(plain.total // 2, tokens=128))
    assert _expected(library).total > plain.total // 2


def test_another_device_and_another_base_know_nothing_of_it(library: Library) -> None:
    card, other = _expected(library, CARD), replace(SMOLLM2, id="other", fingerprint="other")
    remember(library, RUN, {}, SMOLLM2, HERE, _measured(2**33))
    assert _expected(library, CARD) == card
    assert expected_memory(library, other, "qlora", {}, HERE).measured == 0


def test_nonsense_is_not_learned(library: Library) -> None:
    """Something else filled the memory while it was measured: the correction has bounds."""
    plain = _expected(library)
    remember(library, RUN, {}, SMOLLM2, HERE, _measured(100 * plain.total))
    assert _expected(library).total < 3 * plain.total


@pytest.mark.parametrize(
    ("memory", "method", "word"), [(140, "lora", "16 bit"), (14, "qlora", "4 bit"), (4, "qlora", "Even in 4 bit")]
)
def test_the_method_that_fits_is_recommended(library: Library, memory: float, method: str, word: str) -> None:
    options = full_options(METHODS.get("qlora"), {})
    advice = recommended(library, LLAMA_8B, options, replace(CARD, memory=int(memory * GB)))
    assert advice.method == method
    assert word in advice.reason
    assert f"{memory * GB / 2**30:.1f} GB" in advice.reason


def test_options_of_another_method_are_passed_over(library: Library) -> None:
    options = full_options(METHODS.get("prompt_tuning"), {})
    assert recommended(library, SMOLLM2, options, HERE).method == "lora"


def test_a_run_remembers_what_its_dry_steps_needed(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona
) -> None:
    options = studio.training.preset_options("taste", persona.id, base)
    assert studio.training.estimate(base, "qlora", options).measured == 0
    run = trained(studio, app, persona)
    settings = studio.training.recipe(run.id).options
    assert studio.training.estimate(base, "qlora", settings).measured > 0
    story = studio.run_stories.story(run.id)
    assert any("Dry steps" in note.sentence for note in story.notes)
    assert studio.training.recommended_method(base, settings).reason


def test_a_full_disk_lets_the_run_rest(studio: Studio, app: AppThread, base: BaseModel, persona: Persona) -> None:
    """The engine paused it at its last checkpoint; it is neither failed nor interrupted."""
    run = studio.training.start(persona.id, preset="thorough", options=ENDLESS)
    begun(studio, app, run, 0)
    active = studio.training._active
    assert active is not None
    ended = RunEnded(
        job="j", run_id=run.id, outcome="paused", step=3, adapter="", seconds=1.0, tokens=9, trained_tokens=5,
        tokens_per_second=9.0, peak_memory_bytes=1, heldout_nll_base=3.0, heldout_nll_adapter=None, resting="disk",
    )  # fmt: skip
    active._heard(ended)
    found = studio.training.get(run.id)
    assert (found.state, found.resting, found.step) == (RunState.PAUSED, "disk", 3)
