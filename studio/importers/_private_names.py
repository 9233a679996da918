"""Names of people, found in what is said and replaced: whole words, whatever their case; first names and surnames too.

A name that is also a word (Will, May, or a nickname such as "moon") is only taken for a name in capitals within a
sentence, or where a comma or the like follows. What somebody is called but never signs with cannot be known.
"""

import re
from collections import Counter, defaultdict
from collections.abc import Iterable, Iterator, Mapping, Sequence

from studio.importers._privacy_words import DETERMINERS, GENERIC_NAMES, NAMES_THAT_ARE_WORDS, NEUTRAL_NAMES, PARTICLES

CHARACTER = "{{char}}"
USER = "{{user}}"
# With the signs that scripts without vowels, and those of India, set around their letters.
_WORD = re.compile("[\\w\u0300-\u036f\u0591-\u05c7\u064b-\u065f\u0900-\u0dff]+")
_LABEL = re.compile(r"(?m)^(?P<name>[^\n]{1,120}?): ")
_UNSPACED = re.compile("[\u0e00-\u0eff\u1000-\u109f\u1780-\u17ff\uac00-\ud7af\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")
"""Scripts that put no space between words, or endings at names: there a name is looked for inside words."""
_WORD_SHARE = 0.2
_ENDINGS = ".!?…:"
_CLOSINGS = ",.!?:;…)"
_GAP = 3
"""Signs between two words of one name."""

Form = tuple[str, ...]
"""The words of a name, case folded."""


class NameMask:
    """Replaces names. ``own`` are the persona's in this file, ``others`` everybody else's, ``texts`` what is said."""

    def __init__(self, others: Sequence[str], own: Sequence[str], texts: Iterable[str]) -> None:
        invented = _invented_names(others, own)
        self._others = {name.casefold(): neutral for name, neutral in zip(others, invented, strict=False)}
        self._people = {**self._others, **{name.casefold(): CHARACTER for name in own}}
        self._forms = _forms([*own, *others])
        self._words = _words_that_are_names_too(self._forms, texts)
        self._unspaced = _unspaced_pattern([*own, *others])

    def name_of(self, speaker: str, user: str) -> str:
        """What somebody is called instead; ``user`` is the one other in a talk of two, case folded."""
        key = speaker.casefold()
        return USER if key == user and user else self._people.get(key, speaker)

    def others_in(self, text: str) -> Iterator[str]:
        """Yield who is named before the lines of a turn in which several others speak."""
        for match in _LABEL.finditer(text):
            if match["name"].casefold() in self._others:
                yield match["name"].casefold()

    def without_labels(self, text: str, user: str) -> str:
        """Replace what ``fold`` writes before lines: names as a whole, with whatever signs are in them."""

        def label(match: re.Match[str]) -> str:
            known = match["name"].casefold() in self._people
            return f"{self.name_of(match['name'], user)}: " if known else match[0]

        return _LABEL.sub(label, text) if ": " in text else text

    def without_names(self, text: str, user: str) -> str:
        """Replace names within what is said."""
        if self._unspaced:
            text = self._unspaced.sub(lambda match: self.name_of(match[0], user), text)
        kept, position = [], 0
        for begins, ends, person in self._found_in(text):
            kept += [text[position:begins], self.name_of(person, user)]
            position = ends
        return "".join((*kept, text[position:])) if kept else text

    def _found_in(self, text: str) -> Iterator[tuple[int, int, str]]:
        done = 0
        for word in _WORD.finditer(text):
            forms = self._forms.get(word[0].casefold(), ()) if word.start() >= done else ()
            for form, person in forms:
                ends = _end_of(form, word, text)
                if ends and (len(form) > 1 or self._is_meant(word, text)):
                    yield word.start(), ends, person
                    done = ends
                    break

    def _is_meant(self, word: re.Match[str], text: str) -> bool:
        """Whether a single word is a name here."""
        said = word[0]
        before, after = text[max(0, word.start() - 3) : word.start()], text[word.end() : word.end() + 2].strip()[:1]
        if before.endswith("{{") and after == "}":
            return False
        if before.endswith("@"):
            return True
        if len(said) < 3:
            return not said[0].islower()
        if said.casefold() not in self._words:
            return True
        begins_sentence = not before.strip() or before.strip()[-1] in _ENDINGS or "\n" in before
        return not said[0].islower() and (not begins_sentence or after in _CLOSINGS)


def _end_of(form: Form, word: re.Match[str], text: str) -> int:
    """Where a name ends that begins with this word, or 0 when it goes on otherwise."""
    ends = word.end()
    for part in form[1:]:
        following = _WORD.search(text, ends, ends + _GAP + len(part) * 3)
        if following is None or following.start() - ends > _GAP or "\n" in text[ends : following.start()]:
            return 0
        if following[0].casefold() != part:
            return 0
        ends = following.end()
    return 0 if text[ends : ends + 1].isalnum() else ends


def _forms(names: Sequence[str]) -> Mapping[str, Sequence[tuple[Form, str]]]:
    """First word of a form to the forms and whose they are, the longest first.

    A part that two people share stays: nobody could say who is meant.
    """
    owners: dict[Form, set[str]] = defaultdict(set)
    for name in names:
        for form in _forms_of(name):
            owners[form].add(name.casefold())
    for name in names:
        # A whole name is that person's, even where it is part of another's.
        owners[_form(name)] = {name.casefold()}
    by_first: dict[str, list[tuple[Form, str]]] = defaultdict(list)
    for form, people in owners.items():
        if form and len(people) == 1 and not (len(form) == 1 and _says_nothing(form[0])):
            by_first[form[0]].append((form, next(iter(people))))
    for forms in by_first.values():
        forms.sort(key=lambda found: -len(found[0]))
    return dict(by_first)


def _forms_of(name: str) -> Iterator[Form]:
    parts = [part for part in name.split() if part.casefold().strip(".") not in PARTICLES]
    yield _form(name)
    yield _form(" ".join(parts))
    for part in parts:
        form = _form(part)
        if len(part) > 2 and any(word.isalpha() for word in form):
            yield form
            yield from ((word,) for word in form if len(word) > 2 and word.isalpha() and word not in PARTICLES)


def _form(name: str) -> Form:
    return tuple(word.casefold() for word in _WORD.findall(name))


def _says_nothing(word: str) -> bool:
    return word in GENERIC_NAMES or word in PARTICLES or (len(word) == 1 and not _UNSPACED.match(word))


def _words_that_are_names_too(forms: Mapping[str, object], texts: Iterable[str]) -> frozenset[str]:
    """Those in the list, and those that stand behind an article in what is said: ``a moon``."""
    seen: Counter[str] = Counter()
    behind_article: Counter[str] = Counter()
    for text in texts:
        before, ended = "", 0
        for match in _WORD.finditer(text):
            word = match[0].casefold()
            if word in forms:
                seen[word] += 1
                behind = before in DETERMINERS and text[ended : match.start()] == " "
                behind_article[word] += behind and match[0].islower()
            before, ended = word, match.end()
    found = {word for word, count in behind_article.items() if count and count >= _WORD_SHARE * seen[word]}
    return frozenset(found | NAMES_THAT_ARE_WORDS)


def _unspaced_pattern(names: Sequence[str]) -> re.Pattern[str] | None:
    found = sorted({name for name in names if _UNSPACED.search(name) and len(name) > 1}, key=len, reverse=True)
    return re.compile("|".join(map(re.escape, found)), re.IGNORECASE) if found else None


def _invented_names(others: Sequence[str], own: Sequence[str]) -> Iterator[str]:
    """Neutral names that nobody in the file bears; when they run out, with a number."""
    taken = {word for name in (*others, *own) for word in _form(name)}
    free = [name for name in NEUTRAL_NAMES if name.casefold() not in taken]
    for index in range(len(others)):
        turn, place = divmod(index, len(free))
        yield f"{free[place]} {turn + 1}" if turn else free[place]
