"""What postal addresses look like, in the ways of several countries. Another country is one more pattern in the list.

Every pattern ends soon wherever it begins: the parts are bounded, and none can be read in two ways.
"""

import re

_CAP = r"[^\W\d_a-z][\w'’.-]{0,24}"
_TOWN = rf"{_CAP}(?: {_CAP}){{0,2}}"
_UK_POSTCODE = r"[A-Za-z]{1,2}\d[A-Za-z\d]? \d[ABD-HJLNP-UW-Zabd-hjlnp-uw-z]{2}(?!\w)"
_KINDS = (
    "street|st|road|rd|avenue|ave|lane|ln|drive|dr|court|ct|boulevard|blvd|way|place|pl|square|sq|terrace|close"
    "|crescent|cres|gardens|grove|row|walk|hill|mews|parkway|pkwy|highway|hwy"
)
_SMALL_KINDS = "street|road|rd|avenue|ave|lane|drive|close|boulevard|crescent|terrace"
_NO_STREET = (
    "way|lane|one|two|block|blocks|minute|minutes|min|mins|hour|hours|day|days|mile|miles|km|long|more|big|old|other|of"
    "|down|up|from|the|on|in|at|different|busy|dark|country|dirt|back|am|pm|times|people|kids|cars|and|or|to|a|test|hard"
)
_SMALL_NAME = rf"(?!(?:{_NO_STREET}) )[a-z][a-z'’-]{{2,24}}"
_AFTER_STREET = (
    rf"(?:,? (?:apt|apartment|flat|unit|suite|no|#)\.? ?[\w-]{{1,8}})?(?:, ?{_TOWN})?"
    rf"(?:,? (?:[A-Z]{{2}} \d{{5}}(?:-\d{{4}})?|{_UK_POSTCODE}|\d{{4,5}} {_TOWN}))?"
)
_GERMANIC = (
    "straße|strasse|str\\.|weg|platz|allee|gasse|ring|damm|ufer|chaussee|straat|laan|plein|gracht|kade|dijk|singel"
)
_NO_GERMANIC = "sitz|park|stell|steh|spiel|arbeits|lauf|heim|rück|um"
_PARTICLE = r"(?:(?:de la|de|du|des|la|le|les) |d['’]|de l['’])"
_FRENCH = "rue|avenue|av\\.|boulevard|bd|place|chemin|impasse|allée|quai|route"
_SOUTHERN = (
    "[Cc]alle|C/|[Aa]venida|[Aa]vda\\.?|[Pp]laza|[Pp]aseo|[Cc]arrer|Via|Viale|[Pp]iazza|[Cc]orso|[Rr]ua|[Tt]ravessa"
    "|[Pp]raça|[Aa]lameda"
)
_SOUTHERN_PARTICLE = r"(?:(?:de|del|della|delle|dei|da|do|dos|das|la|las|los|el) ){0,2}"

_ENGLISH_STREET = (
    rf"(?<!\w)\d{{1,5}}[A-Za-z]?(?:[-/]\d{{1,4}})?,? (?:(?:{_CAP}|\d{{1,3}}(?:st|nd|rd|th)) ){{1,4}}"
    rf"(?i:{_KINDS})(?!\w)\.?{_AFTER_STREET}"
)
_ENGLISH_IN_SMALL_LETTERS = rf"(?<!\w)\d{{1,5}}[a-z]? {_SMALL_NAME} (?:{_SMALL_NAME} )?(?:{_SMALL_KINDS})(?!\w)"
_GERMAN_OR_DUTCH = (
    rf"(?<!\w)(?:{_CAP} (?:Straße|Strasse|Str\.|Weg|Platz|Allee|Gasse|Ring|Damm|Ufer)"
    rf"|(?:{_CAP} )?(?!(?i:{_NO_GERMANIC}))[^\W\d_][\w.-]{{0,30}}(?i:{_GERMANIC}))"
    rf" \d{{1,4}} ?[a-z]?(?!\w)(?:,? (?:[A-Z]{{1,2}}-)?\d{{4,5}}(?: ?[A-Z]{{2}}(?!\w))?(?: {_TOWN})?)?"
)
_FRENCH_STREET = (
    rf"(?<!\w)\d{{1,4}}(?: ?(?:bis|ter))?,? (?:(?i:rue) {_PARTICLE}[\w'’-]{{2,30}}|(?i:{_FRENCH}) {_PARTICLE}?{_CAP})"
    rf"(?: {_CAP}){{0,3}}(?:,? \d{{5}} {_TOWN})?"
)
_SOUTHERN_STREET = (
    rf"(?<!\w)(?:{_SOUTHERN}) {_SOUTHERN_PARTICLE}{_CAP}(?: (?:de |del |da )?{_CAP}){{0,3}},? (?:n[º°.]? ?)?\d{{1,5}}"
    rf"(?!\w)(?:,? \d{{4,5}}(?:-\d{{3}})? {_TOWN})?"
)
_SLAVIC_STREET = (
    rf"(?<!\w)(?:ul|al|pl|ул|просп|пер)\. ?{_TOWN},? (?:д\. ?)?\d{{1,4}}(?:/\d{{1,4}})?(?:,? \d{{2}}-\d{{3}} {_TOWN})?"
)
_POST_OFFICE_BOX = r"(?<!\w)(?i:p\.? ?o\.? ?box) \d{1,6}"
_AMERICAN_TOWN = rf"(?<!\w){_TOWN}, [A-Z]{{2}} \d{{5}}(?:-\d{{4}})?(?!\w)"
_ON_THE_MAP = r"(?<![\w.])-?\d{1,3}\.\d{4,12}, ?-?\d{1,3}\.\d{4,12}(?!\w)"

POSTAL_ADDRESSES = tuple(
    re.compile(pattern)
    for pattern in (
        _ENGLISH_STREET,
        _ENGLISH_IN_SMALL_LETTERS,
        _GERMAN_OR_DUTCH,
        _FRENCH_STREET,
        _SOUTHERN_STREET,
        _SLAVIC_STREET,
        _POST_OFFICE_BOX,
        _AMERICAN_TOWN,
        # One postcode of the United Kingdom is a few houses.
        rf"(?<!\w){_UK_POSTCODE}",
        _ON_THE_MAP,
    )
)
