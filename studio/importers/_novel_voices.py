"""Whose the speech in a story is: as it is told, and where it is not told, whose turn it was.

Told: a name, a description or an *I* with a verb of saying, or the one character who acts in the same paragraph.
Guessed, and so doubtful: *he* and *she*, and speech with nothing beside it, which goes to and fro between two.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass

from studio.importers._novel_tags import (
    DESCRIBED,
    FIRST_PERSON,
    NAME,
    PRONOUN,
    Subject,
    subjects,
    told_after,
    told_before,
)
from studio.importers._novel_text import Paragraph, Piece
from studio.importers._novel_words import Language

NARRATOR = "I"
FAR_APART = 600
"""Characters told between two speeches, after which nobody can say whose turn it is."""
_SURE_OF_GENDER = 2 / 3
_ADDRESSED = re.compile(
    r"(?:^|, ?|[.!?…] )(?P<name>[^\W\d_a-z][\w’'-]{1,30}(?: [^\W\d_a-z][\w’'-]{1,30})?)(?=[,.!?…]|$)"
)


@dataclass(frozen=True, kw_only=True, slots=True)
class Speech:
    """Everything that one speaker says in a paragraph. ``told`` is what is told around it; ``goes_on`` as there."""

    text: str
    subject: Subject | None
    told: str
    goes_on: bool = False


@dataclass(frozen=True, kw_only=True, slots=True)
class Voice:
    """Who speaks; nobody when it cannot be said."""

    speaker: str
    doubtful: bool = False


def speeches(paragraph: Paragraph, language: Language) -> list[Speech]:
    """What is spoken in a paragraph, once for each speaker that it names."""
    pieces = paragraph.pieces
    tags = [_tag(pieces, at, language) for at, piece in enumerate(pieces) if piece.spoken]
    spoken = [piece.text for piece in pieces if piece.spoken]
    if named := [tag for tag in tags if tag and tag.kind != PRONOUN]:
        # Beside a name in the same paragraph, the pronoun means the same one.
        tags = [tag if tag in named else None for tag in tags]
    said = named or [tag for tag in tags if tag]
    alone = len(set(said)) < 2
    groups = [(said[0] if said else None, spoken)] if alone else _grouped(tags, spoken)
    made = [Speech(text=joined(parts), subject=tag, told=paragraph.told) for tag, parts in groups if parts]
    if paragraph.goes_on and made:
        last = made[-1]
        made[-1] = Speech(text=last.text, subject=last.subject, told=last.told, goes_on=True)
    return made


def _tag(pieces: Sequence[Piece], at: int, language: Language) -> Subject | None:
    after = pieces[at + 1] if at + 1 < len(pieces) else None
    before = pieces[at - 1] if at else None
    found = told_after(after.text, language) if after and not after.spoken else None
    return found or (told_before(before.text, language) if before and not before.spoken else None)


def _grouped(tags: Sequence[Subject | None], spoken: Sequence[str]) -> list[tuple[Subject | None, list[str]]]:
    """Speech without a tag belongs to the one before it, at the beginning to the one behind."""
    groups: list[tuple[Subject | None, list[str]]] = []
    for tag, text in zip(tags, spoken, strict=True):
        if groups and (tag is None or groups[-1][0] in (None, tag)):
            groups[-1] = (groups[-1][0] or tag, [*groups[-1][1], text])
        else:
            groups.append((tag, [text]))
    return groups


def joined(parts: Sequence[str]) -> str:
    """Put speech together that was interrupted; a comma that only led over to what is told becomes a full stop."""
    made: list[str] = []
    for part in (part for part in parts if part):
        if made and made[-1].endswith(",") and not part[0].islower():
            made[-1] = f"{made[-1][:-1]}."
        # Spanish sets the full stop of what was said behind what is told.
        made.append(part if not made or part[0] in ".,;:!?…" else f" {part}")
    text = "".join(made)
    return f"{text.removesuffix(',')}." if text.endswith(",") or text[-1:].isalnum() else text


class Names:
    """The characters, each called by the form of the name that is used most; ``gender_of`` as far as told."""

    def __init__(self, spoken: Iterable[Speech], language: Language) -> None:
        self._language = language
        self._forms: Counter[str] = Counter()
        named: Counter[str] = Counter()
        told: dict[str, Counter[str]] = defaultdict(Counter)
        for speech in spoken:
            subject = speech.subject or _only_actor(speech.told, language)
            if subject and subject.kind == NAME:
                named[subject.words] += 1
                if speech.subject or _is_titled(subject.words, language):
                    self._forms[subject.words] += 0
                told[subject.words].update(self._genders(speech.told))
        # Who acts beside speech once may be the rain; who does so again is somebody.
        self._forms.update({form: count for form, count in named.items() if count > 1 or form in self._forms})
        self._called = self._merged()
        self._genders_told: dict[str, Counter[str]] = defaultdict(Counter)
        for form, genders in told.items():
            if form in self._called:
                self._genders_told[self._called[form]] += genders

    def called(self, words: str) -> str:
        """What the character of this name is called here; nothing when nobody of that name speaks."""
        return self._called.get(words, "")

    def gender_of(self, name: str) -> str:
        """``f`` or ``m`` when the story has told it more than once; else nothing."""
        genders = self._genders_told[name]
        likely, count = (genders.most_common(1) or [("", 0)])[0]
        return likely if count > 1 and count >= _SURE_OF_GENDER * sum(genders.values()) else ""

    def may_be(self, name: str, gender: str) -> bool:
        """Whether *he* or *she* can mean somebody."""
        known = self.gender_of(name)
        return not gender or not known or known == gender

    def _genders(self, told: str) -> Iterator[str]:
        for word in re.findall(r"\w+", told[:400].lower()):
            if gender := self._language.possessives.get(word):
                yield gender

    def _merged(self) -> dict[str, str]:
        """A shorter form is the only longer one's, unless a title tells two of a family apart."""
        whole = {form: frozenset(form.lower().split()) for form in self._forms}
        by_word: dict[str, list[str]] = defaultdict(list)
        for form, words in whole.items():
            for word in words:
                by_word[word].append(form)
        groups: dict[str, list[str]] = defaultdict(list)
        for form, words in whole.items():
            longer = [
                other for other in by_word[min(words, key=lambda word: len(by_word[word]))] if words < whole[other]
            ]
            titled = bool(words & self._language.titles)
            groups[longer[0] if len(longer) == 1 and not titled else form].append(form)
        return {form: max(forms, key=lambda one: self._forms[one]) for forms in groups.values() for form in forms}


def _only_actor(told: str, language: Language) -> Subject | None:
    actors = {actor for actor in subjects(told, language) if actor.kind == NAME}
    return actors.pop() if len(actors) == 1 else None


def _is_titled(name: str, language: Language) -> bool:
    words = name.lower().split()
    return len(words) > 1 and words[0] in language.titles


def voices(talk: Sequence[Speech], told_before_it: Sequence[str], names: Names, language: Language) -> list[Voice]:
    """Return who speaks each of the speeches of a talk, with what is told before each."""
    told = [_told_voice(speech, names, language) for speech in talk]
    found: list[Voice] = []
    for at, speech in enumerate(talk):
        if at and talk[at - 1].goes_on and not told[at]:
            found.append(found[-1])
        else:
            guess = _Guess(speech, told_before_it[at], found, told[at + 1 : at + 9], names, language)
            found.append(told[at] or guess.voice())
    return found


def _told_voice(speech: Speech, names: Names, language: Language) -> Voice | None:
    subject = speech.subject
    if subject and subject.kind == NAME:
        return Voice(speaker=names.called(subject.words))
    if subject and subject.kind == DESCRIBED:
        return Voice(speaker=subject.words[:1].upper() + subject.words[1:])
    if subject and subject.kind == FIRST_PERSON:
        return Voice(speaker=NARRATOR)
    acting = set(_acting(speech.told, names, language))
    one = next(iter(acting)) if len(acting) == 1 else ""
    return Voice(speaker=one) if one and names.may_be(one, subject.gender if subject else "") else None


def _acting(told: str, names: Names, language: Language) -> list[str]:
    """The characters whose name a sentence begins with."""
    named = (names.called(actor.words) for actor in subjects(told, language) if actor.kind == NAME)
    return [name for name in named if name]


@dataclass(frozen=True)
class _Guess:
    """Speech of which nothing tells whose it is; ``after`` is what is told of the next ones."""

    speech: Speech
    told_before: str
    found: Sequence[Voice]
    after: Sequence[Voice | None]
    names: Names
    language: Language

    def voice(self) -> Voice:
        """The likeliest speaker, for sure when only one of those who talk can be meant by the pronoun."""
        beside = subjects(self.speech.told, self.language)
        pronoun = self.speech.subject or next((one for one in beside if one.kind == PRONOUN), None)
        gender = pronoun.gender if pronoun else ""
        likely = list(dict.fromkeys(self._likely(pronoun is not None)))
        addressed = {self.names.called(match["name"]) for match in _ADDRESSED.finditer(self.speech.text[:2000])}
        meant = [name for name in likely if self.names.may_be(name, gender) and name not in addressed]
        if not meant:
            return Voice(speaker="", doubtful=True)
        told_apart = bool(gender) and len(likely) > 1 and all(self.names.gender_of(name) for name in likely)
        return Voice(speaker=meant[0], doubtful=not (told_apart and len(meant) == 1))

    def _likely(self, by_pronoun: bool) -> Iterator[str]:
        """Yield who may speak, likeliest first: of two who talk, the one who did not speak last."""
        if by_pronoun:
            yield from reversed(_acting(self.told_before, self.names, self.language))
        elif len(self.told_before) > FAR_APART:
            return
        before = list(dict.fromkeys(voice.speaker for voice in reversed(self.found[-8:]) if voice.speaker))
        after = [(place, voice.speaker) for place, voice in enumerate(self.after, 1) if voice and voice.speaker]
        if self.found and not self.found[-1].speaker:
            yield from before[:1]
        elif before:
            yield from before[1:2]
            yield from (name for _, name in after if name != before[0])
            yield from before[:1] if by_pronoun else ()
        elif after:
            place, first = after[0]
            other = next((name for _, name in after if name != first), "")
            yield from [first] if place % 2 == 0 else [other] if other else []
