"""Phone numbers in text: told apart from dates and prices by how they are written and by numbering plans."""

import re
from collections.abc import Iterator

from studio.importers._privacy_words import PHONE_REGIONS

# Nothing may stand behind the star: with an end to look for, brackets without digits would be read again and again.
_RUN = re.compile(r"(?<![\w@/$€£])[+(\d][\d ().+\-/–]*")
_PIECE = re.compile(r"[^ ]+")
_NO_PHONE = re.compile(
    r"[0-3]?\d[./–-][0-3]?\d[./–-](?:\d{4}|\d\d)|\d{4}[./–-][0-3]?\d[./–-][0-3]?\d|[12]\d{3} ?[–/-] ?[12]\d{3}"
    r"|\d{1,3}(?:\.\d{3})+|\d+\.\d+|(?:19|20)\d\d(?:0[1-9]|1[0-2])(?:[0-2]\d|3[01])"
)
_LOCAL_AMERICAN = re.compile(r"[2-9]\d{2}-\d{4}")
_MOST_PIECES = 6
_LONG_RUN = 300
"""Characters; digits that go on for longer are hidden as a whole."""
_LOOK_UPS = 4000
"""Numbers that are looked up in the plans of all regions; after so many, whatever could be one is taken for one."""


class PhoneBook:
    """Finds numbers; one that was looked up is not looked up again."""

    def __init__(self) -> None:
        self._known: dict[str, bool] = {}

    def found_in(self, text: str) -> Iterator[tuple[int, int]]:
        """Yield where phone numbers stand."""
        for run in _RUN.finditer(text):
            if len(run[0]) > _LONG_RUN:
                yield run.span()
            elif sum(char.isdigit() for char in run[0]) >= 7:
                yield from self._numbers(run[0], run.start(), _pieces(run, text))

    def _numbers(self, run: str, offset: int, pieces: list[tuple[int, int]]) -> Iterator[tuple[int, int]]:
        first = 0
        while first < len(pieces):
            for last in range(min(len(pieces), first + _MOST_PIECES) - 1, first - 1, -1):
                begins, ends = pieces[first][0], pieces[last][1]
                if said := self._number(run[begins:ends]):
                    yield offset + begins, offset + begins + len(said)
                    first = last
                    break
            first += 1

    def _number(self, said: str) -> str:
        """The number without what stands behind it, or nothing when it is none."""
        said = said.rstrip(" ().+-/–")
        digits = "".join(char for char in said if char.isdigit())
        if not 7 <= len(digits) <= 17 or said.count("+") > 1 or any(map(_NO_PHONE.fullmatch, [said, *said.split()])):
            return ""
        abroad = said.lstrip("(").startswith(("+", "00"))
        is_one = self._is_abroad(digits) if abroad else self._is_national(said, digits)
        return said if is_one else ""

    def _is_abroad(self, digits: str) -> bool:
        import phonenumbers

        try:
            number = phonenumbers.parse(f"+{digits.removeprefix('00')}", None)
        except phonenumbers.NumberParseException:
            return False
        return bool(phonenumbers.is_possible_number(number))

    def _is_national(self, said: str, digits: str) -> bool:
        if _LOCAL_AMERICAN.fullmatch(said) or (digits[0] == "0" and 9 <= len(digits) <= 12):
            return True
        if len(digits) > 15 or (len(digits) < 9 and said == digits):
            return False
        if digits not in self._known:
            self._known[digits] = len(self._known) >= _LOOK_UPS or _is_valid_somewhere(digits)
        return self._known[digits]


def _pieces(run: re.Match[str], text: str) -> list[tuple[int, int]]:
    """The parts of a run between spaces, without minutes of a time and without digits that are part of a word."""
    pieces = [match.span() for match in _PIECE.finditer(run[0])]
    after, before = text[run.end() : run.end() + 2], text[run.start() - 1 : run.start()]
    if pieces and pieces[-1][1] == len(run[0]) and (after[:1].isalnum() or (after[:1] == ":" and after[1:].isdigit())):
        pieces.pop()
    if pieces and before == ":" and pieces[0][1] <= 2:
        del pieces[0]
    return pieces


def _is_valid_somewhere(digits: str) -> bool:
    import phonenumbers

    for region in PHONE_REGIONS:
        try:
            number = phonenumbers.parse(digits, region)
        except phonenumbers.NumberParseException:
            continue
        if phonenumbers.is_valid_number_for_region(number, region):
            return True
    return False
