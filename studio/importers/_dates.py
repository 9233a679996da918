"""Dates in figures, as programs of every country write them, and which of the figures is the day.

The order is told by what the file holds: a figure over twelve is no month, dates with dots put the day first, and
messages do not go back in time. Where nothing tells, the order is ``UNCLEAR`` and the day is taken to come first.
"""

import re
from collections.abc import Sequence
from datetime import datetime
from typing import NamedTuple

from studio.importers._wording import word_list, word_set

DAY_FIRST = "day_first"
MONTH_FIRST = "month_first"
UNCLEAR = "unclear"

_DATE = (
    r"(?P<first>\d{1,4})(?P<between>\s?[./\-年년]\s?)(?P<second>\d{1,2})\s?[./\-月월]\s?(?P<third>\d{1,4})"
    r"[.日일]?(?:\s?г\.)?"
)
_HALF = r"[^\d\s:.,،\]\-–—]{1,10}\.?(?:\s?[^\d\s:.,،\]\-–—]{1,3}\.)?"
_TIME = (
    rf"(?:(?P<half_before>{_HALF})\s?)?(?P<hour>\d{{1,2}})\s?[:.h]\s?(?P<minute>\d{{2}})(?:[:.](?P<sec>\d{{2}}))?"
    rf"(?:\s?(?P<half_after>{_HALF}))?"
)
DATE_THEN_TIME = re.compile(rf"{_DATE}(?:[,،]\s?|\s){_TIME}")
TIME_THEN_DATE = re.compile(rf"{_TIME}(?:[,،]\s?|\s){_DATE}")
_WITH_MONTH_NAME = re.compile(
    r"(?P<first>\d{1,2})-(?P<month>[A-Za-z]{3})[a-z]*-(?P<third>\d{2,4}) (?P<hour>\d{1,2}):(?P<minute>\d{2})"
    r"(?::(?P<sec>\d{2}))?(?: ?(?P<half_after>[AaPp]\.?[Mm]\.?))?"
)
_MONTHS = word_list("jan feb mar apr may jun jul aug sep oct nov dec")
# As they are without dots and spaces.
_MORNING = word_set("""am 上午 凌晨 早上 午前 오전 ص πμ de dop öö sa fm ap pd pg vm לפנהצ قظ पूर्वाह्न""")
_AFTERNOON = word_set("""pm 下午 晚上 午後 오후 م μμ du odp ös ch em ip md ptg nm אחהצ بظ अपराह्न""")
_CENTURY_TURN = 70


class Stamp(NamedTuple):
    """A date and time with its figures still in the order of the file; ``dotted`` when dots stand between them."""

    first: int
    second: int
    third: int
    hour: int
    minute: int
    sec: int
    dotted: bool = False

    @property
    def year_first(self) -> bool:
        """True when the first figure can only be a year; then the month follows."""
        return self.first > 31

    def moment(self, order: str) -> datetime | None:
        """The point in time, or ``None`` when there is no such day."""
        if self.year_first:
            year, month, day = self.first, self.second, self.third
        else:
            day, month, year = self.first, self.second, self.third
            if (order == MONTH_FIRST and day <= 12) or month > 12:
                day, month = month, day
        if year < 100:
            year += 1900 if year >= _CENTURY_TURN else 2000
        try:
            return datetime(year, month, day, self.hour, self.minute, self.sec)
        except ValueError:
            return None


def stamp_of(match: re.Match[str]) -> Stamp:
    """Return the stamp in a match of one of the patterns here, or of a longer one that holds it."""
    found = match.groupdict()
    return Stamp(
        first=int(found["first"]),
        second=int(found["second"]),
        third=int(found["third"]),
        hour=_hour(int(found["hour"]), found.get("half_before") or "", found.get("half_after") or ""),
        minute=int(found["minute"]),
        sec=int(found["sec"] or 0),
        dotted="." in found["between"],
    )


def read_stamp(text: str) -> Stamp | datetime | None:
    """Return what a whole text says: a moment where it is plain (ISO, month by name), else a stamp."""
    try:
        return datetime.fromisoformat(text).replace(tzinfo=None)
    except ValueError:
        pass
    if match := _WITH_MONTH_NAME.fullmatch(text):
        return _by_month_name(match)
    found = DATE_THEN_TIME.fullmatch(text) or TIME_THEN_DATE.fullmatch(text)
    return stamp_of(found) if found else None


def order_of(stamps: Sequence[Stamp], day_first: bool | None = None) -> str:
    """Return the order of day and month: ``""`` when there is nothing to tell, ``UNCLEAR`` when nothing tells it.

    What the file says is believed before the user, who is only asked where it says nothing.
    """
    asked = [stamp for stamp in stamps if not stamp.year_first]
    if not asked:
        return ""
    days = sum(stamp.first > 12 or stamp.dotted for stamp in asked)
    months = sum(stamp.second > 12 for stamp in asked)
    if days != months:
        return DAY_FIRST if days > months else MONTH_FIRST
    if not days and (told := _order_in_time(asked)):
        return told
    if day_first is None:
        return UNCLEAR
    return DAY_FIRST if day_first else MONTH_FIRST


def _order_in_time(stamps: Sequence[Stamp]) -> str:
    """Messages follow each other in time; an order in which they go back by days is the wrong one."""
    as_days = _steps_back([(stamp.third, stamp.second, stamp.first) for stamp in stamps])
    as_months = _steps_back([(stamp.third, stamp.first, stamp.second) for stamp in stamps])
    if bool(as_days) == bool(as_months):
        return ""
    return MONTH_FIRST if as_days else DAY_FIRST


def _steps_back(dates: Sequence[tuple[int, int, int]]) -> int:
    return sum(later < earlier for earlier, later in zip(dates, dates[1:], strict=False))


def _hour(hour: int, before: str, after: str) -> int:
    halves = {re.sub(r"[.\s״\"]", "", half).casefold() for half in (before, after)}
    if halves & _AFTERNOON and hour < 12:
        return hour + 12
    return 0 if halves & _MORNING and hour == 12 else hour


def _by_month_name(match: re.Match[str]) -> datetime | None:
    name = match["month"].lower()
    if name not in _MONTHS:
        return None
    stamp = Stamp(
        first=int(match["first"]),
        second=_MONTHS.index(name) + 1,
        third=int(match["third"]),
        hour=_hour(int(match["hour"]), "", match["half_after"] or ""),
        minute=int(match["minute"]),
        sec=int(match["sec"] or 0),
    )
    return stamp.moment(DAY_FIRST)
