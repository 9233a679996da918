"""Personal details in text: e-mail, telephone, card, account, postal and network addresses, personal links.

Told by pattern and, where there is one, by check digits. Everything takes linear time; what is doubtful is left alone.
"""

import re
from bisect import bisect_left
from collections.abc import Callable, Iterator, Mapping, Sequence
from dataclasses import dataclass

MASKS: Mapping[str, str] = {
    "email": "[email]",
    "phone": "[phone]",
    "card": "[number]",
    "account": "[number]",
    "address": "[address]",
    "network": "[ip]",
    "link": "[link]",
}
"""What takes the place of each kind, in the words that importers use for it: a persona meets one set of them."""


@dataclass(frozen=True, kw_only=True)
class PersonalDetail:
    """One detail: its kind (a key of ``MASKS``) and where it stands."""

    kind: str
    start: int
    end: int


_LEAST_DIGITS = 7
"""Of a number that somebody can be called or paid by."""
_WORTH_A_LOOK = re.compile(r"[@\d]|\.(?:com|me|gg)/")
_DIGIT = re.compile(r"\d")

_EMAIL = re.compile(
    r"(?<![A-Za-z0-9._%+-])[A-Za-z0-9_%+][A-Za-z0-9._%+-]{0,63}@"
    r"[A-Za-z0-9-]{1,63}(?:\.[A-Za-z0-9-]{1,63}){0,4}\.[A-Za-z]{2,24}\b"
)
_LINK = re.compile(
    r"(?:https?://)?\b(?:www\.)?(?:instagram|facebook|twitter|x|tiktok|linkedin|snapchat|onlyfans|vk|paypal|t|discord)"
    r"\.(?:com|me|gg)/[\w.@/-]{2,80}",
    re.IGNORECASE,
)
_ACCOUNT = re.compile(r"\b[A-Z]{2}\d{2}(?:[ ]?[A-Z0-9]{4}){2,7}(?:[ ]?[A-Z0-9]{1,3})?\b")
_CARD = re.compile(r"(?<![\d.-])\d(?:[ -]?\d){12,18}(?![\d-])")
_NETWORK = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?!\.?\w)")
_PHONE = re.compile(
    r"(?<![\w.,/-])(?:(?:\+|00)[ ]?\d{1,3}(?:[ ./()-]{0,2}\d{1,4}){2,7}"  # with a country
    r"|\(\d{3}\)[ ]?\d{3}[ .-]\d{4}|\d{3}[.-]\d{3}[.-]\d{4}"  # North America
    r"|0\d{2,5}[ /-]\d{3,8}(?:[ -]\d{2,6}){0,3})(?![\w-]|[.,]\d)"  # with a leading zero
)
_STREET = "Street|St|Avenue|Ave|Road|Rd|Lane|Ln|Drive|Dr|Boulevard|Blvd|Court|Ct|Square|Terrace|Crescent|Close"
_STREET_WORD = re.compile(
    rf" (?:{_STREET})\b|(?:stra\u00dfe|strasse|str\.|weg|platz|gasse|allee) "
    r"|(?:rue|avenue|boulevard|place|chemin|impasse) "
)
_ADDRESS = re.compile(
    rf"\b\d{{1,5}}[a-zA-Z]?,? (?:[NSEW]\.? )?(?:[A-Z][a-z']{{1,20}} ){{1,3}}(?:{_STREET})\b\.?(?:,? \d{{5}}\b)?"
    r"|\b[A-ZÄÖÜ][a-zäöüß-]{1,30}(?:straße|strasse|str\.|weg|platz|gasse|allee) \d{1,4}[a-z]?\b"
    r"|\b\d{1,4},? (?:rue|avenue|boulevard|place|chemin|impasse) (?:(?:de|du|des|la|le) ){0,2}[A-ZÀ-Ü]\w{1,30}"
)


def find_personal(text: str) -> list[PersonalDetail]:
    """Every detail in the text, in order; where two could be meant, the surer one."""
    if not _WORTH_A_LOOK.search(text):
        return []
    found: list[PersonalDetail] = []
    for kind in _possible(text):
        pattern, is_one = _KINDS[kind]
        new = [
            PersonalDetail(kind=kind, start=match.start(), end=match.end())
            for match in pattern.finditer(text)
            if is_one(match[0]) and _is_free(match, found)
        ]
        found = sorted([*found, *new], key=_start) if new else found
    return found


def _possible(text: str) -> Iterator[str]:
    """The kinds for which there is a first sign, the surest first; most texts have none."""
    digits = len(_DIGIT.findall(text))
    if "@" in text:
        yield "email"
    if "/" in text:
        yield "link"
    if digits >= _LEAST_DIGITS:
        yield from ("account", "card")
    if digits and text.count(".") >= 3:
        yield "network"
    if digits >= _LEAST_DIGITS:
        yield "phone"
    if digits and _STREET_WORD.search(text):
        yield "address"


def _start(detail: PersonalDetail) -> int:
    return detail.start


def _is_free(match: re.Match[str], found: Sequence[PersonalDetail]) -> bool:
    """Whether nothing of an earlier kind stands there; ``found`` is in order."""
    after = bisect_left(found, match.end(), key=_start)
    return not after or found[after - 1].end <= match.start()


def mask_personal(text: str) -> str:
    """The text with every detail replaced by a word for its kind."""
    details = find_personal(text)
    return "".join(_masked(text, details)) if details else text


def _masked(text: str, details: list[PersonalDetail]) -> Iterator[str]:
    position = 0
    for detail in details:
        yield text[position : detail.start]
        yield MASKS[detail.kind]
        position = detail.end
    yield text[position:]


def _always(said: str) -> bool:
    return bool(said)


def _is_account(said: str) -> bool:
    """An IBAN by its check digits."""
    plain = said.replace(" ", "")
    return 15 <= len(plain) <= 34 and int("".join(str(int(sign, 36)) for sign in plain[4:] + plain[:4])) % 97 == 1


def _is_card(said: str) -> bool:
    """A card by Luhn's check digit."""
    digits = [int(sign) for sign in said if sign.isdigit()]
    doubled = [sum(divmod(2 * digit, 10)) for digit in digits[-2::-2]]
    return len(set(digits)) > 1 and (sum(digits[-1::-2]) + sum(doubled)) % 10 == 0


def _is_network(said: str) -> bool:
    return all(int(part) <= 255 for part in said.split("."))


def _is_phone(said: str) -> bool:
    """A number that could be dialled: with its country, or as North America or Germany write theirs."""
    import phonenumbers

    region = None if said.startswith("+") else "DE" if said.startswith("0") else "US"
    try:
        return bool(phonenumbers.is_possible_number(phonenumbers.parse(said, region)))
    except phonenumbers.NumberParseException:
        return False


_KINDS: Mapping[str, tuple[re.Pattern[str], Callable[[str], bool]]] = {
    "email": (_EMAIL, _always),
    "link": (_LINK, _always),
    "account": (_ACCOUNT, _is_account),
    "card": (_CARD, _is_card),
    "network": (_NETWORK, _is_network),
    "phone": (_PHONE, _is_phone),
    "address": (_ADDRESS, _always),
}
