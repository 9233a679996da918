"""Who is said to speak in a stretch of a story: ``said Marga``, ``Marga laughed and asked``, ``she said``."""

import re
from collections.abc import Iterator, Sequence
from dataclasses import dataclass

from studio.importers._novel_words import Language
from studio.importers._wording import word_set

NAME = "name"
DESCRIBED = "described"
PRONOUN = "pronoun"
FIRST_PERSON = "i"

_TOKEN = re.compile(r"(?:Mrs?|Ms|Dr|St|Prof|Capt|Sgt|Lt|Mme|Mlle|M|Sra?)\.(?= [A-Z])|[\w’'-]+|[^\w\s]")
_SENTENCE_END = re.compile(r"(?<=[.!?…])(?<!\bMr\.)(?<!\bMrs\.)(?<!\bMs\.)(?<!\bDr\.)(?<!\bSt\.)\s+")
_NEAR = 160
"""Characters beside speech in which it is said who speaks."""
_CONNECTING = word_set("and but so then when as now und aber da et mais puis y pero entonces")
_PARTICLES = word_set("of the de du la le von van der den di da bin ibn")
_LONGEST_NAME = 5
_LONGEST_DESCRIPTION = 3


@dataclass(frozen=True, slots=True)
class Subject:
    """``words`` is the name, the description or the pronoun; ``gender`` as in ``Language``."""

    kind: str
    words: str
    gender: str = ""


def told_after(text: str, language: Language) -> Subject | None:
    """The subject of what is told right after speech, when it says that somebody spoke."""
    tokens = _tokens(text[:_NEAR], language)
    if not tokens:
        return None
    if tokens[0].lower() in language.said or "-" in tokens[0]:
        inverted = _inverted_pronoun(tokens[0], language)
        return inverted or _subject(tokens, _over(tokens, 1, language.between), language)[0]
    return _speaking(tokens, language)


def told_before(text: str, language: Language) -> Subject | None:
    """The subject of the sentence that speech ends: ``Marga turned and said, “…”`` or ``Marga waited: “…”``."""
    bare = text[-_NEAR:].rstrip()
    if not bare.endswith((",", ":")):
        return None
    tokens = _tokens(_SENTENCE_END.split(bare)[-1], language)
    subject, following = _subject(tokens, 0, language)
    said = any(token.lower() in language.said for token in tokens[following:])
    named = subject is not None and subject.kind != DESCRIBED
    return subject if said or (named and bare.endswith(":")) else None


def subjects(text: str, language: Language) -> Iterator[Subject]:
    """Yield the subject that each sentence begins with, as far as it begins with one."""
    for sentence in _SENTENCE_END.split(text):
        subject, following = _subject(_tokens(sentence[:_NEAR], language), 0, language)
        if subject and following:
            yield subject


def _tokens(text: str, language: Language) -> list[str]:
    tokens = _TOKEN.findall(text)
    first = next((at for at, token in enumerate(tokens) if token[0].isalnum()), len(tokens))
    tokens = tokens[first:]
    return tokens[_over(tokens, 0, _CONNECTING | language.between) :]


def _over(tokens: Sequence[str], at: int, words: frozenset[str]) -> int:
    """Go over up to two of these words; an adverb in -ly is one of them."""
    for _ in range(2):
        if at < len(tokens) and (tokens[at].lower() in words or (at and tokens[at].endswith("ly"))):
            at += 1
    return at


def _inverted_pronoun(token: str, language: Language) -> Subject | None:
    """``dit-il``: a verb with its pronoun."""
    verb, _, pronoun = token.lower().partition("-")
    if verb not in language.said or pronoun not in language.pronouns:
        return None
    return Subject(PRONOUN, pronoun, language.pronouns[pronoun])


def _speaking(tokens: Sequence[str], language: Language) -> Subject | None:
    """The subject, when its verb is one of saying, or one such follows behind an *and*."""
    subject, at = _subject(tokens, 0, language)
    if subject is None:
        return None
    at = _over(tokens, at, language.between)
    if at < len(tokens) and tokens[at].lower() in language.said:
        return subject
    for before, token in zip(tokens[at : at + 9], tokens[at + 1 : at + 10], strict=False):
        if before in ".!?":
            return None
        if before.lower() in _CONNECTING and token.lower() in language.said:
            return subject
    return None


def _subject(tokens: Sequence[str], at: int, language: Language) -> tuple[Subject | None, int]:
    """Return the subject that begins here, and where it ends."""
    if at >= len(tokens):
        return None, 0
    word = tokens[at].lower()
    if word in language.pronouns and (word != "i" or tokens[at] == "I"):
        gender = language.pronouns[word]
        kind = FIRST_PERSON if gender == "i" else PRONOUN
        return Subject(kind, word, "" if gender == "i" else gender), at + 1
    if word in language.articles:
        return _described(tokens, at, language)
    ends = _name_end(tokens, at, language)
    name = " ".join(tokens[at:ends]).removesuffix("'s").removesuffix("’s")
    owned = name != " ".join(tokens[at:ends])
    return (None, 0) if ends == at or owned else (Subject(NAME, name), ends)


def _name_end(tokens: Sequence[str], at: int, language: Language) -> int:
    ends = at
    while ends < min(len(tokens), at + _LONGEST_NAME):
        token = tokens[ends]
        following = next((one for one in tokens[ends + 1 : ends + 3] if one.lower() not in _PARTICLES), "")
        joins = token.lower() in _PARTICLES and ends > at and following[:1].isupper()
        if not (token[0].isupper() or joins) or token.lower() in language.said:
            break
        ends += 1
    only_title = ends == at + 1 and tokens[at].endswith(".")
    common = ends == at + 1 and tokens[at].lower() in language.common
    return at if only_title or common else ends


def _described(tokens: Sequence[str], at: int, language: Language) -> tuple[Subject | None, int]:
    """``the old man``; a name behind the article (``the Captain``) is a name."""
    ends = at + 1
    while ends < min(len(tokens), at + 1 + _LONGEST_DESCRIPTION):
        token = tokens[ends]
        stops = token.lower() in language.said or token.lower() in language.ends_subject or token in language.between
        if not token[0].isalpha() or stops:
            break
        ends += 1
    words = tokens[at + 1 : ends]
    if not words or any(word.endswith(("'s", "’s", "ly")) for word in words):
        return None, 0
    if all(word[0].isupper() for word in words) and not language.nouns_in_capitals:
        return Subject(NAME, " ".join(words)), ends
    return Subject(DESCRIBED, " ".join(tokens[at:ends]).lower()), ends
