"""Details of people are told from other figures and words."""

import pytest

from studio.domain.personal_data import find_personal, mask_personal


@pytest.mark.parametrize(
    ("text", "masked"),
    [
        ("Write to ines.m+boat@ferry-house.example.org!", "Write to [email]!"),
        ("Call +49 30 901820 or 0049 30 901820.", "Call [phone] or [phone]."),
        ("Call (415) 555-2671 or 415-555-2671.", "Call [phone] or [phone]."),
        ("Ring 030 9018200 tonight", "Ring [phone] tonight"),
        ("Card 4111 1111 1111 1111, ok?", "Card [number], ok?"),
        ("IBAN DE89 3704 0044 0532 0130 00.", "IBAN [number]."),
        ("The server is 192.168.1.44.", "The server is [ip]."),
        ("I live at 221 Baker Street, 10001.", "I live at [address]."),
        ("Er wohnt Lindenstraße 14a.", "Er wohnt [address]."),
        ("C'est 12, rue de la Paix.", "C'est [address]."),
        ("See https://www.instagram.com/bex.rows now", "See [link] now"),
    ],
)
def test_details_are_masked(text: str, masked: str) -> None:
    assert mask_personal(text) == masked
    assert find_personal(masked) == []


@pytest.mark.parametrize(
    "text",
    [
        "It was 3.5.2024, at 10:30, page 12-14, room 101, 1,000,000 coins.",
        "Version 1.2.3.4.5 of 300.400.500.600 came out in 2019-2020.",
        "Order 1234567890123456 and part AB12 3456.",
        "Meet me @ the ferry. 2 Good Men rowed. Dr. Street, 5 Ways to Drive.",
        "2024-05-03 12:30:45",
        "1 2 3 4 5 6 7 8 9 10 11 12",
        "",
    ],
)
def test_other_figures_are_left_alone(text: str) -> None:
    assert mask_personal(text) == text
