"""Which swipes are choices: the rule that exports and preference training share."""

from collections.abc import Iterable

import pytest

from studio.domain.conversation import Conversation, Role, Turn
from studio.domain.preferences import PREFERENCE_LOSS, passed_over, preferred_turns
from studio.domain.run import MetricPoint, Run, RunState
from studio.domain.run_findings import best_of, diagnose, measurements

NAMES = {"u": Role.USER, "p": Role.PERSONA, "s": Role.SYSTEM}


def _talk(shape: str) -> Conversation:
    """A turn a letter; ``P`` was swiped, ``-`` was swiped and is not to be learned."""
    return Conversation(turns=tuple(_turns(shape)))


def _turns(shape: str) -> Iterable[Turn]:
    for letter in shape:
        swiped = letter in "P-U"
        role = NAMES["p" if letter == "-" else letter.lower()]
        yield Turn(role=role, text="a", train=letter != "-", alternatives=("b",) if swiped else ())


@pytest.mark.parametrize(("shape", "preferred"), [
    ("uPu", [1]),
    ("uP", []),  # the last swipe shown
    ("Pu", []),  # a greeting answers nobody
    ("PuPu", [2]),
    ("upPPu", [2, 3]),
    ("suPuPuP", [2, 4]),
    ("u-u", []),  # not to be learned
    ("UpUp", []),  # the user's own second thoughts
    ("", []),
    ("P", []),
])  # fmt: skip
def test_a_swipe_is_a_choice_where_the_user_asked_and_went_on(shape: str, preferred: list[int]) -> None:
    assert list(preferred_turns(_talk(shape))) == preferred


def test_rivals_say_something_else_and_each_once() -> None:
    turn = Turn(role=Role.PERSONA, text="Aye. ", alternatives=("No.", " ", "Aye.", "No. ", "", "no."))
    assert passed_over(turn) == ("No.", "no.")
    asked = Turn(role=Role.USER, text="?")
    alone = Turn(role=Role.PERSONA, text="Aye.", alternatives=(" Aye.", " "))
    assert not list(preferred_turns(Conversation(turns=(asked, alone, asked))))


def _points(kind: str, *losses: float) -> list[MetricPoint]:
    return [
        MetricPoint(run_id="r", step=10 * at, kind=kind, loss=loss, gradient_norm=1.0) for at, loss in enumerate(losses)
    ]


def test_a_run_that_learns_to_choose_is_judged_by_its_choices() -> None:
    """The persona's own lines may become dearer meanwhile, which is no trouble."""
    lines = [*_points("train", 0.7, 0.6, 0.5, 0.4, 0.3), *_points("heldout", 2.0, 2.1, 2.3, 2.5, 2.7)]
    run = Run(id="r", persona_id="p", base_id="b", dataset_id="d", recipe_id="c", state=RunState.FINISHED, step=40)
    assert {one.code for one in diagnose(run, lines, [])} >= {"worse_than_base"}
    choices = [*lines, *_points(PREFERENCE_LOSS, 0.69, 0.6, 0.55, 0.52, 0.53)]
    best = best_of(measurements(choices))
    assert best is not None and (best.step, best.loss) == (30, 0.52)
    assert [one.code for one in diagnose(run, choices, [])] == ["learned_well"]
