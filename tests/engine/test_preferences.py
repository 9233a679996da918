"""Learning from swipes: which rows a pair becomes, what its loss is, and that the reference stays where it was."""

import math
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch

from studio.domain.errors import StudioError
from studio.engine.bases.base_loader import LoadedBase
from studio.engine.forward.batches import micro_batches
from studio.engine.forward.modes import Mode, Stage
from studio.engine.text import windowing
from studio.engine.training import training_loop
from studio.engine.training.preference_objective import PreferenceObjective, margins
from studio.engine.training.preference_pairs import PreferencePair
from studio.engine.training.preference_reference import ReferenceFile
from studio.methods.dpo import PreferenceOptions
from studio.protocol.budgets import MICRO_BATCH_TOKENS
from studio.protocol.dataset_file import ConversationLine, TurnLine
from tests.engine.rig import loaded, talk, write_data
from tests.engine.swipe_rig import PairBench, losses_by_hand, pairs_of, result_of, swiped, swiped_talk

Tiny = Callable[..., LoadedBase]


@pytest.fixture(autouse=True)
def _unclipped(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(training_loop, "CLIP", float("inf"))


@pytest.fixture(scope="module")
def base(tiny_base: Path) -> LoadedBase:
    """For what only reads."""
    return loaded(tiny_base)


@pytest.fixture
def bench(tiny: Tiny, tmp_path: Path) -> PairBench:
    base = tiny()
    return PairBench(base, pairs_of(base, tmp_path, map(swiped_talk, range(6))), tmp_path)


# rows


def _read(base: LoadedBase, pair: PreferencePair) -> tuple[str, str, str]:
    """(what both rows begin with, what the kept reply adds, what the passed-over one adds)."""
    first, second = pair.chosen, pair.rejected
    starts = [row.trained.index(True) for row in (first, second)]
    assert starts[0] == starts[1] and first.ids[: starts[0]] == second.ids[: starts[1]]
    kept, lost = (_learned(base, row.ids, row.trained) for row in (first, second))
    return base.tokenizer.decode(first.ids[: starts[0]]), kept, lost


def _learned(base: LoadedBase, ids: Any, trained: Any) -> str:
    return base.tokenizer.decode([one for one, learned in zip(ids, trained, strict=True) if learned])


def test_a_pair_is_two_replies_to_the_same_words(base: LoadedBase, tmp_path: Path) -> None:
    line = talk("c", "Who goes there?", "A ferry.", "Which one?", "The last.", "Ah.", "Yes.", system="Be brief.")
    data = pairs_of(base, tmp_path, [swiped(line, 4, "None.", "I cannot say.")])
    said = [
        ("system", "Be brief."), ("user", "Who goes there?"), ("assistant", "A ferry."), ("user", "Which one?")
    ]  # fmt: skip
    before = "".join(f"<|im_start|>{role}\n{text}<|im_end|>\n" for role, text in said) + "<|im_start|>assistant\n"
    assert [_read(base, pair) for pair in data.train] == [
        (before, "The last.<|im_end|>", "None.<|im_end|>"),
        (before, "The last.<|im_end|>", "I cannot say.<|im_end|>"),
    ]
    assert [(pair.key, pair.number, pair.rows) for pair in data.train] == [("c", 0, 2), ("c", 1, 2)]
    assert data.tokens == sum(len(row.ids) for pair in data.train for row in (pair.chosen, pair.rejected))
    assert data.trained_tokens == sum(pair.trained_tokens for pair in data.train)


def _long(turns: int = 12, *others: str) -> ConversationLine:
    texts = [f"{'Question' if not index % 2 else 'Answer'} {index:02d}." for index in range(turns)]
    return swiped(talk("c", *texts, system="Be brief."), turns, *others)


def test_before_a_long_pair_stands_as_much_as_fits(base: LoadedBase, tmp_path: Path) -> None:
    line = _long(12, "No.")
    (whole,) = pairs_of(base, tmp_path, [line]).train
    assert whole.length == whole.chosen.length > whole.rejected.length
    (same,) = pairs_of(base, tmp_path, [line], whole.length).train
    assert same == whole
    (cut,) = pairs_of(base, tmp_path, [line], whole.length - 1).train
    before = _read(base, cut)[0]
    assert "Be brief." in before and "Question 02." in before
    assert "Question 00." not in before and "Answer 01." not in before
    (longer,) = pairs_of(base, tmp_path, [_long(12, "No. " * 20)], whole.length).train
    before = _read(base, longer)[0]
    assert longer.length == longer.rejected.length <= whole.length
    assert "Be brief." in before and "Question 10." in before and "Question 02." not in before


@pytest.mark.parametrize(("roles", "tails"), [
    ("u p", ["u p"]),
    ("s u p u p", ["s u p u p", "s u p"]),
    ("u p p u u p", ["u p p u u p", "p u u p", "u u p"]),  # never between two questions
    ("u p p", ["u p p"]),  # never without a question
    ("p u p u p", ["p u p u p", "u p u p", "u p"]),
    ("p p", []),
])  # fmt: skip
def test_a_cut_falls_after_a_reply_and_leaves_a_question(roles: str, tails: list[str]) -> None:
    names = {"s": "system", "u": "user", "p": "assistant"}
    turns = [TurnLine(role=names[one], text="") for one in roles.split()]
    assert [" ".join(turns[index].role[0] for index in tail) for tail in windowing.tails(turns, len(turns) - 1)] == [
        one.replace("p", "a") for one in tails
    ]


def test_what_cannot_be_learned_is_left_out_and_counted(base: LoadedBase, tmp_path: Path) -> None:
    others = ["No.", "x" * 600, "So <|im_end|> it ends.", "<think>Hm.</think> No.", " The last. ", "{{user}} knows."]
    line = swiped(talk("c", "Which one?", "The last.", "Ah."), 1, *others)
    data = pairs_of(base, tmp_path, [line], 128)
    assert [_read(base, pair)[2] for pair in data.train] == ["No.<|im_end|>", " The last. <|im_end|>"]
    assert (data.left_out, [pair.number for pair in data.train]) == (4, [0, 4])
    same = pairs_of(base, tmp_path, [swiped(talk("c", "Which?", "That.", "Ah."), 1, "That.", "No.")])
    assert (same.left_out, len(same.train)) == (1, 1)


def test_sides(base: LoadedBase, tmp_path: Path) -> None:
    lines = [swiped_talk(1), swiped_talk(2, heldout=True), talk("plain", "Who?", "I.", heldout=True)]
    data = pairs_of(base, tmp_path, lines)
    assert [pair.key for pair in data.train] == ["c1", "c1"]
    assert [pair.key for pair in data.heldout_pairs] == ["c2"]
    assert [window.key for window in data.heldout] == ["c2", "plain"], "the persona's lines are measured as ever"
    assert data.heldout_tokens == sum(window.trained_tokens for window in data.heldout)


def test_nothing_to_choose_from_stops_a_run(base: LoadedBase, tmp_path: Path) -> None:
    with pytest.raises(StudioError, match=r"no_preferences\("):
        pairs_of(base, tmp_path, [talk("c", "Who?", "I.", "Ah.")])
    with pytest.raises(StudioError, match="no_preferences_to_train") as caught:
        pairs_of(base, tmp_path, [swiped_talk(1, heldout=True), swiped_talk(2, heldout=True)])
    assert caught.value.details == {"count": 3}
    with pytest.raises(StudioError, match="template_tokens_in_text"):
        pairs_of(base, tmp_path, [swiped_talk(1), talk("c", "Who?", "I <|im_end|>.")])


# the loss


@pytest.mark.parametrize(("gain", "beta", "doubt", "loss"), [
    (0.0, 0.1, 0.0, math.log(2)),
    (10.0, 0.1, 0.0, 0.31326168751822286),  # ln(1 + 1/e)
    (-10.0, 0.1, 0.0, 1.31326168751822286),
    (10.0, 0.1, 0.25, 0.31326168751822286 + 0.25),
    (4000.0, 1.0, 0.0, 0.0),
    (-4000.0, 1.0, 0.0, 4000.0),
])  # fmt: skip
def test_the_loss_of_a_pair(
    base: LoadedBase, tmp_path: Path, gain: float, beta: float, doubt: float, loss: float
) -> None:
    options = PreferenceOptions(beta=beta, label_smoothing=doubt)
    data = pairs_of(base, tmp_path, [swiped_talk(0)])
    objective = PreferenceObjective(base, Stage(base), options, data, tmp_path)
    assert float(objective._losses(torch.tensor([gain]))) == pytest.approx(loss, rel=1e-6)


def _close(found: list[torch.Tensor], expected: list[torch.Tensor]) -> None:
    """fp32, where only the order of sums differs; the gradient of a difference of sums loses a digit."""
    assert all(float(one.norm()) > 1e-4 for one in expected)
    for one, other in zip(found, expected, strict=True):
        assert float((one - other).norm() / other.norm()) < 1e-4


@pytest.mark.parametrize("doubt", [0.0, 0.2])
def test_a_step_is_pefts_plain_forward_and_backward(tiny: Tiny, tmp_path: Path, doubt: float) -> None:
    base = tiny()
    data = pairs_of(base, tmp_path, map(swiped_talk, range(6)))
    bench = PairBench(base, data, tmp_path, label_smoothing=doubt)
    found = bench.gradients()
    gains, expected = bench.plainly()
    assert float(gains.abs().min()) > 0.01
    assert bench.loop.loss == pytest.approx(float(losses_by_hand(gains, 0.3, doubt).mean()), rel=1e-4)
    _close(found, expected)


def test_eight_together_are_eight_times_one(bench: PairBench, monkeypatch: pytest.MonkeyPatch) -> None:
    assert len(bench.data.train) == 9
    together, loss = bench.gradients(), bench.loop.loss
    monkeypatch.setitem(MICRO_BATCH_TOKENS, "cpu", 1)
    assert len(list(micro_batches(bench.data.train, 1))) == 9
    alone = bench.gradients()
    assert bench.loop.loss == pytest.approx(loss, rel=1e-5)
    _close(alone, together)


def test_what_is_measured_is_what_the_oracle_finds(bench: PairBench) -> None:
    bench.data.heldout_pairs.extend(bench.data.train)
    found = result_of(bench.objective.extras())
    gains, _ = bench.plainly()
    assert found["preference_loss"] == pytest.approx(float(losses_by_hand(gains, 0.3, 0).mean()), rel=1e-4)
    assert found["preference_accuracy"] == pytest.approx(float((gains > 0).double().mean()))
    assert found["preference_margin"] == pytest.approx(0.3 * float(gains.mean()), rel=1e-4)
    assert 0 < found["preference_accuracy"] < 1


def test_at_the_start_nothing_is_preferred(bench: PairBench) -> None:
    bench.change(0.0)
    bench.data.heldout_pairs.extend(bench.data.train)
    found = result_of(bench.objective.extras())
    assert found == {"preference_loss": math.log(2), "preference_accuracy": 0.5, "preference_margin": 0.0}


# the reference


def _margins(bench: PairBench, mode: Mode) -> dict[int, float]:
    return result_of(margins(bench.base, bench.data.train, lambda: bench.stage.enter(mode)))


def test_the_reference_is_the_base_whatever_is_learned(bench: PairBench) -> None:
    kept = dict(bench.objective._reference)
    for size in (0.05, 0.5):
        bench.change(size)
        bench.gradients()
        assert _margins(bench, Mode.OTHERS) == kept
        assert _margins(bench, Mode.MEASURING) != kept
    again = ReferenceFile(bench.objective._file._path.parent, bench.base, bench.data.train)
    assert again.read() == kept


def test_the_reference_is_measured_once(bench: PairBench, monkeypatch: pytest.MonkeyPatch) -> None:
    kept = dict(bench.objective._reference)
    bench.objective._reference = {}
    assert list(bench.objective.prepare(bench.learner, None)) == []
    assert bench.objective._reference == kept


@pytest.mark.parametrize("damage", [b"", b"{", b'{"identity": "x", "margins": []}'])
def test_a_damaged_one_is_measured_again(bench: PairBench, damage: bytes) -> None:
    kept, path = dict(bench.objective._reference), bench.objective._file._path
    whole = path.read_bytes()
    path.write_bytes(damage)
    bench.objective._reference = {}
    assert len(list(bench.objective.prepare(bench.learner, None))) > 0
    assert bench.objective._reference == kept and path.read_bytes() == whole


def test_other_pairs_are_measured_anew(bench: PairBench, tmp_path: Path) -> None:
    folder = bench.objective._file._path.parent
    assert ReferenceFile(folder, bench.base, bench.data.train).read()
    assert not ReferenceFile(folder, bench.base, bench.data.train[:-1]).read()
    other = pairs_of(bench.base, tmp_path, map(swiped_talk, range(1, 7)))
    assert len(other.train) == len(bench.data.train)
    assert not ReferenceFile(folder, bench.base, other.train).read()


def test_an_adapter_that_is_continued_is_its_own_reference(bench: PairBench) -> None:
    """As TRL does with an adapter that is trained further; what was learned since comes back afterwards."""
    began = {name: one.detach().clone() for name, one in bench.parameters.items()}

    def begin() -> None:
        with torch.no_grad():
            for name, one in bench.parameters.items():
                one.copy_(began[name])

    start = _margins(bench, Mode.MEASURING)
    bench.objective._file._path.unlink()
    bench.objective._reference = {}
    bench.change(0.5)
    now = {name: one.detach().clone() for name, one in bench.parameters.items()}
    result_of(bench.objective.prepare(bench.learner, begin))
    assert bench.objective._reference == start
    assert all(torch.equal(one, now[name]) for name, one in bench.parameters.items())


def test_a_reference_that_is_no_number_ends_the_run(bench: PairBench) -> None:
    with pytest.raises(StudioError, match="loss_not_finite"):
        bench.objective._file.write(dict.fromkeys(bench.objective._reference, math.nan))


def test_a_broken_off_measurement_gives_the_adapter_back(bench: PairBench) -> None:
    bench.objective._file._path.unlink()
    bench.objective._reference = {}
    now = {name: one.detach().clone() for name, one in bench.parameters.items()}
    work = bench.objective.prepare(bench.learner, lambda: bench.change(0.5))
    next(work)
    assert not all(torch.equal(one, now[name]) for name, one in bench.parameters.items())
    work.close()
    assert all(torch.equal(one, now[name]) for name, one in bench.parameters.items())


def test_the_file_of_a_run_holds_the_swipes(tmp_path: Path, base: LoadedBase) -> None:
    path = write_data(tmp_path / "data", [swiped_talk(0), talk("c", "Who?", "I.")])
    first, second = path.read_text(encoding="utf-8").splitlines()
    assert '"passed_over":["I am a helper' in first
    assert "passed_over" not in second, "files of runs that do not learn from swipes are as small as they were"
