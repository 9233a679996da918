"""Texts made to be slow, and texts made to break: every check and every repair gets through them in linear time."""

import time
import tracemalloc

import pytest

from studio.checks import Context, repair_each, repairs, run_checks
from studio.domain.conversation import Conversation
from tests.checks.talks import persona, user

LONG = 40_000
SEEDS = [
    *["*", '"', "\u201c", "{{", "{{a", "((", "(OOC", "<", "<|", "<think>", "</think>", "[", "\n", "\n* ", " \n", ":"],
    *[
        "a@",
        "@",
        "1",
        "1-",
        "1 ",
        "+1",
        "0",
        "1.",
        "DE12 ",
        "a.b@c.",
        "x.com/",
        "User:",
        "\nUser",
        "Bex: Ines: ",
        "\n*_ ",
    ],
    *[
        "\u00e2\u20ac",
        "\u00c3",
        "\u0420\u045f",
        "\ud800",
        "\x00",
        "I'm sorry, but ",
        "As an AI ",
        "*a* ",
        '"a" ',
        "{{random:",
    ],
    *[
        "{{// }}",
        "{{//",
        "a",
        "A ",
        "\u3042",
        ". ",
        "*a",
        "Main Street ",
        "1 Main ",
        "\U0001f600",
        "\u0301",
        "_",
        "((a)) OOC: ",
    ],
]


def test_endless_conversations_take_little_memory() -> None:
    """Words in lists take ten times the room of their text; only so many are looked at together."""
    turns = [persona(f"{number} boats were out there, and the water was high. " * 4) for number in range(5_000)]
    data = [("c", Conversation(turns=tuple(turns))), ("d", Conversation(turns=(persona("rope and " * 300_000),)))]
    tracemalloc.start()
    report = run_checks(lambda: iter(data), Context())
    peak = tracemalloc.get_traced_memory()[1]
    tracemalloc.stop()
    assert report.meter.words >= 700_000
    assert peak < 50_000_000


@pytest.mark.parametrize("seed", SEEDS, ids=[ascii(seed) for seed in SEEDS])
def test_a_long_text_of_one_kind(seed: str) -> None:
    text = seed * (LONG // len(seed))
    data = [("c", Conversation(turns=(user(text, speaker="Ines"), persona(text))))]
    context = Context(persona_name="Bex", user_name="Ines")
    slowest: dict[str, float] = {}
    started = time.perf_counter()
    report = run_checks(lambda: iter(data), context)
    slowest["checks"] = time.perf_counter() - started
    for name in repairs():
        started = time.perf_counter()
        list(repair_each(name, data, report, context))
        slowest[name] = time.perf_counter() - started
    assert max(slowest.values()) < 2, slowest
