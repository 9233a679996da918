"""What leads to a person, found in text and replaced: mail and postal addresses, phone and account numbers, links.

Everything here takes time in proportion to the text, whatever it holds. Where it is unclear whether digits are a phone
number they are hidden: a number that is missing harms nobody.
"""

import ipaddress
import re
from collections.abc import Callable, Iterator

from studio.importers._postal_addresses import POSTAL_ADDRESSES
from studio.importers._privacy_words import IBAN_LENGTHS, PERSONAL_HOSTS
from studio.importers._private_phones import PhoneBook

_HINT = re.compile(r"[\d@/#:]|(?<!\w)at(?!\w)", re.IGNORECASE)
_DIGIT = re.compile(r"\d")
_DIGIT_OR_SLASH = re.compile(r"[\d/:@({\[]")
_LOCAL_PART = re.compile(r"[^\W_][\w.+%'’-]*\Z")
_LOCAL_LIMIT = 64
_DOMAIN = re.compile(r"(?:[\w-]{1,63}\.){1,8}[^\W\d_]{2,63}")
_SPELT_MAIL = re.compile(
    r"(?<![\w.+-])[\w.+-]{1,64} ?[\[({] ?at ?[\])}] ?(?:[\w-]{1,63}(?:\.| ?[\[({] ?dot ?[\])}] ?)){1,4}[^\W\d_]{2,20}",
    re.IGNORECASE,
)
_TAIL = r"[^\s<>\"'\])}]{0,2000}(?<![.,!?;:])"
_URL = re.compile(rf"(?<![\w@])(?:https?://|www\.)(?P<host>[^\s/<>\"'?#]{{1,253}})(?P<rest>{_TAIL})", re.IGNORECASE)
_BARE_LINK = re.compile(
    r"(?<![\w@./-])(?P<host>(?:(?:m|web|[a-z]{2})\.)?(?:"
    + "|".join(re.escape(host) for host in sorted(PERSONAL_HOSTS, key=len, reverse=True))
    + rf"))(?P<rest>/{_TAIL})",
    re.IGNORECASE,
)
_HANDLE = re.compile(
    r"(?<!\w)(?:insta|instagram|ig|snap|snapchat|tiktok|twitter|telegram|discord|skype|steam|psn|wechat)"
    r"(?: ?[:=] ?@?| @)[\w.#-]{3,40}",
    re.IGNORECASE,
)
_DISCORD_TAG = re.compile(r"(?<![\w#])[\w.]{2,32}#\d{4}(?!\w)")
_IP4 = re.compile(r"(?<![\w.])\d{1,3}(?:\.\d{1,3}){3}(?!\w|\.\d)")
_IP6 = re.compile(r"(?<![\w:])[0-9A-Fa-f]{0,4}(?::[0-9A-Fa-f]{0,4}){2,7}(?![\w:])")
_IBAN_START = re.compile(r"(?<!\w)[A-Za-z]{2}\d{2}(?=[ -]?\w)")
_IBAN = re.compile(r"[A-Za-z]{2}\d{2}(?:[ -]?[A-Za-z0-9]){11,30}")
_CARD = re.compile(r"(?<![\w.+])\d(?:[ -]?\d){12,18}(?!\w)")
_SOCIAL_SECURITY = re.compile(r"(?<![\w-])\d{3}-\d{2}-\d{4}(?![\w-])")


class DetailMask:
    """Replaces details by their kind; ``hidden`` counts them."""

    def __init__(self) -> None:
        self.hidden = 0
        self._phones = PhoneBook()

    def masked(self, text: str) -> str:
        """Return the text without personal details."""
        if not _HINT.search(text):
            return text
        text = self._without(text, _mails(text), "[email]")
        for pattern, is_one, mark in _KINDS if _DIGIT_OR_SLASH.search(text) else ():
            text = self._without(text, (match.span() for match in pattern.finditer(text) if is_one(match)), mark)
        if not _DIGIT.search(text):
            return text
        text = self._without(text, _accounts(text), "[number]")
        for pattern in POSTAL_ADDRESSES:
            text = self._without(text, (match.span() for match in pattern.finditer(text)), "[address]")
        return self._without(text, self._phones.found_in(text), "[phone]")

    def _without(self, text: str, spans: Iterator[tuple[int, int]], mark: str) -> str:
        kept, position = [], 0
        for begins, ends in spans:
            kept += [text[position:begins], mark]
            position = ends
            self.hidden += 1
        return "".join((*kept, text[position:])) if kept else text


def _mails(text: str) -> Iterator[tuple[int, int]]:
    """Looked for from the ``@`` outwards: a pattern that begins with the name would read long words again and again."""
    at, done = text.find("@"), 0
    while at >= 0:
        name = _LOCAL_PART.search(text, max(done, at - _LOCAL_LIMIT), at)
        domain = _DOMAIN.match(text, at + 1) if name else None
        if name and domain:
            done = domain.end()
            yield name.start(), done
        at = text.find("@", max(at + 1, done))


def _accounts(text: str) -> Iterator[tuple[int, int]]:
    """International bank account numbers: as long as their country has them, and with the right check digits."""
    done = 0
    for start in _IBAN_START.finditer(text):
        length = IBAN_LENGTHS.get(start[0][:2].upper())
        body = _IBAN.match(text, start.start()) if length and start.start() >= done else None
        if not body or not length:
            continue
        places = [index for index, char in enumerate(body[0]) if char not in " -"][:length]
        compact = "".join(body[0][index] for index in places).upper()
        if len(compact) == length and _checks(compact):
            done = start.start() + places[-1] + 1
            yield start.start(), done


def _checks(iban: str) -> bool:
    return int("".join(str(int(char, 36)) for char in iban[4:] + iban[:4])) % 97 == 1


def _always(match: re.Match[str]) -> bool:
    return True


def _is_personal_link(match: re.Match[str]) -> bool:
    """A place below a host of people, or an address that holds a name before its host."""
    host = match["host"].lower().split(":")[0].removeprefix("www.").strip(".")
    if "@" in host:
        return True
    labels = host.split(".")
    above = {".".join(labels[at:]): at for at in range(max(0, len(labels) - 3), len(labels))}
    known = [(at, PERSONAL_HOSTS[name]) for name, at in above.items() if name in PERSONAL_HOSTS]
    path = match["rest"].lower().lstrip("/")
    return any((path.startswith(begins) and path) or (at and len(labels[0]) > 3) for at, begins in known)


def _is_ip4(match: re.Match[str]) -> bool:
    return all(int(part) < 256 for part in match[0].split("."))


def _is_ip6(match: re.Match[str]) -> bool:
    try:
        return any(char.isdigit() for char in match[0]) and bool(ipaddress.IPv6Address(match[0]))
    except ValueError:
        return False


def _is_card(match: re.Match[str]) -> bool:
    """The last digit of a card's number is made from the others."""
    digits = [int(char) for char in match[0] if char.isdigit()]
    doubled = [digit if place % 2 else digit * 2 for place, digit in enumerate(digits, len(digits) % 2)]
    return sum(value - 9 if value > 9 else value for value in doubled) % 10 == 0


_KINDS: tuple[tuple[re.Pattern[str], Callable[[re.Match[str]], bool], str], ...] = (
    (_SPELT_MAIL, _always, "[email]"),
    (_URL, _is_personal_link, "[link]"),
    (_BARE_LINK, _is_personal_link, "[link]"),
    (_HANDLE, _always, "[handle]"),
    (_DISCORD_TAG, _always, "[handle]"),
    (_IP4, _is_ip4, "[ip]"),
    (_IP6, _is_ip6, "[ip]"),
    (_CARD, _is_card, "[number]"),
    (_SOCIAL_SECURITY, _always, "[number]"),
)
