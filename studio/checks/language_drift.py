"""Conversations in which the persona speaks another language than in most."""

from collections import Counter
from collections.abc import Callable
from functools import cache

from studio.checks._english import reads_as_english
from studio.checks._look import Look
from studio.checks._surgery import remove_named, switch_off_named
from studio.checks.check import Check, Context, Ledger, Repair
from studio.domain.checks import Severity

_LEAST_CHARACTERS = 80
_MOST_CHARACTERS = 240
"""A language is told from so many characters; more makes it slower, not surer."""
_SURE = 0.9
_MOST = 0.6
"""Only where this share speaks one language do the others differ from it."""
_LEAST_CONVERSATIONS = 4


@cache
def _identify() -> Callable[[str], tuple[str, float]]:
    """The identifier, loaded when a text is there that is not plainly English: it takes a second."""
    from py3langid import langid

    known = langid.LanguageIdentifier.from_model_file(langid.MODEL_FILE, norm_probs=True)

    def identify(text: str) -> tuple[str, float]:
        language, sureness = known.classify(text)
        return str(language), float(sureness)

    return identify


def _language(look: Look) -> str:
    """The language of the persona's learned words; nothing where they are too few to tell."""
    said: list[str] = []
    length = 0
    for turn in look.turns:
        if turn.learned:
            said.append(turn.text[:_MOST_CHARACTERS])
            length += len(said[-1])
        if length >= _MOST_CHARACTERS:
            break
    text = " ".join(said)
    if len(text) < _LEAST_CHARACTERS and text.isascii():
        return ""
    if reads_as_english([word for turn in look.turns if turn.learned for word in turn.folded[:60]]):
        return "en"
    language, sureness = _identify()(text[:_MOST_CHARACTERS]) if len(text) >= _LEAST_CHARACTERS // 2 else ("", 0)
    return language if sureness >= _SURE else ""


class _Watch:
    def __init__(self, context: Context) -> None:
        del context
        self._spoken: Counter[str] = Counter()
        self._others: dict[str, list[tuple[str, tuple[int, ...]]]] = {}

    def see(self, look: Look) -> None:
        """Tell the language and remember where it is spoken."""
        language = _language(look)
        if language:
            self._spoken[language] += 1
            places = tuple(turn.index for turn in look.turns if turn.learned)
            self._others.setdefault(language, []).append((look.key, places))

    def close(self, ledger: Ledger) -> None:
        """Flag every conversation that is not in the language of most."""
        told = self._spoken.total()
        if told < _LEAST_CONVERSATIONS:
            return
        (usual, count), *_ = self._spoken.most_common(1)
        if count < _MOST * told:
            return
        strange = [talk for language in self._spoken if language != usual for talk in self._others[language]]
        for key, places in strange:
            for number, place in enumerate(places):
                ledger.flag(key, place, surplus=True, remove=not number)
        if strange:
            ledger.count(len(strange))


ENTRY = Check(
    code="language_drift",
    severity=Severity.WARN,
    order=130,
    over_all=_Watch,
    repairs=(
        Repair(
            name="language_off",
            label="Switch those turns off",
            summary="The conversations stay, but the persona's turns in them are not learned.",
            apply=switch_off_named,
            needs_report=True,
        ),
        Repair(
            name="language_remove",
            label="Remove those conversations",
            summary="Takes out every conversation that is not in the language of most.",
            apply=remove_named,
            needs_report=True,
        ),
    ),
)
