"""What a card says, as words to write with: the full prompt, the short form, and facts one at a time."""

import re
from collections.abc import Iterator, Mapping

from studio.domain.macros import resolve
from studio.domain.persona import Persona

PROMPT_WORDS = 60
"""Words in a short form: enough to say who it is, few enough to stand before every conversation."""
EXAMPLES_LIMIT = 4000
"""Characters of example dialogue in the full prompt; more would fill a small base's window."""
FACT_WORDS = (4, 40)
_SCAN = 2400
_SENTENCE_END = re.compile(r"(?<=[.!?…])[\"”’')\]*]*\s+")
_MARKUP = re.compile(r"^\s*(?!\{\{)[\[{(]|[A-Za-z]\s*\(\s*[\"“]")
"""W++ and its like: attributes in brackets, which make no sentence."""
_ATTRIBUTE = re.compile(r"([A-Za-z][A-Za-z /_-]{1,40})\s*[(:=]\s*([^()\[\]{}\n]{2,300})")
_QUOTED = re.compile(r"[\"“]([^\"“”]{1,120})[\"”]")


def card_field(persona: Persona, name: str) -> str:
    """Return a text of the card that the persona has no field for (``personality``, ``scenario``, ``mes_example``)."""
    data = persona.card.get("data", persona.card)
    value = data.get(name) if isinstance(data, Mapping) else None
    return value.strip() if isinstance(value, str) else ""


def card_texts(persona: Persona, name: str) -> tuple[str, ...]:
    """Return a list of texts of the card that the persona has no field for (``group_only_greetings``)."""
    data = persona.card.get("data", persona.card)
    value = data.get(name) if isinstance(data, Mapping) else None
    return tuple(text for text in value if isinstance(text, str)) if isinstance(value, list) else ()


def card_extension(persona: Persona, name: str) -> object:
    """Return what a program has put into the card under this name, if it has."""
    data = persona.card.get("data", persona.card)
    extensions = data.get("extensions") if isinstance(data, Mapping) else None
    return extensions.get(name) if isinstance(extensions, Mapping) else None


def prose(text: str) -> str:
    """Return the text when it is made of sentences, nothing when it is a list of attributes."""
    return "" if _MARKUP.search(text[:200]) else text


def first_sentences(text: str, words: int) -> str:
    """Return as many whole sentences as fit into so many words; a first sentence that is too long is cut."""
    taken: list[str] = []
    for sentence in _SENTENCE_END.split(" ".join(text[:_SCAN].split())):
        if taken and len(" ".join([*taken, sentence]).split()) > words:
            break
        taken.append(sentence)
        if len(" ".join(taken).split()) >= words:
            break
    said = " ".join(" ".join(taken).split()[:words])
    return said[:1].upper() + said[1:]


def short_form(persona: Persona) -> str:
    """Return a short system prompt made of the card: who it is, in the words that stand first."""
    said = prose(persona.description) or prose(card_field(persona, "personality")) or persona.tagline
    return f"You are {persona.name}. {first_sentences(said, PROMPT_WORDS)}".strip()


def full_prompt(persona: Persona, user_name: str) -> str:
    """Return everything that the card says, as a system prompt for a base that does not know the persona."""
    name = persona.name
    examples = card_field(persona, "mes_example").replace("<START>", "\n")[:EXAMPLES_LIMIT].strip()
    parts = [
        f"You are {name}. Answer as {name} would, in a few sentences, and say nothing for anybody else. "
        f"You have never heard of computers or language models; what {name} cannot know, {name} does not know.",
        persona.description or persona.tagline,
        _headed("Personality", card_field(persona, "personality")),
        _headed("Scenario", card_field(persona, "scenario")),
        _headed(f"How {name} talks", examples or persona.greeting),
    ]
    return resolve("\n\n".join(part for part in parts if part), char=name, user=user_name)


def facts(persona: Persona) -> list[str]:
    """Return what the card says about the persona, one fact each: attributes and sentences, none twice."""
    texts = (persona.description, card_field(persona, "personality"), card_field(persona, "scenario"))
    found: dict[str, str] = {}
    for text in texts:
        for fact in _facts_of(resolve(text, char=persona.name, user="the user")):
            found.setdefault(fact.casefold(), fact)
    return list(found.values())


def _facts_of(text: str) -> Iterator[str]:
    if prose(text):
        for line in text.split("\n"):
            yield from filter(_is_fact, _SENTENCE_END.split(line.strip(" -*•\t")))
        return
    for key, values in _ATTRIBUTE.findall(text):
        listed = _QUOTED.findall(values) or [part.strip(" +;,") for part in values.split("+")]
        said = ", ".join(filter(None, listed))
        if said:
            yield f"{key.strip().capitalize()}: {said}"


def _is_fact(sentence: str) -> bool:
    least, most = FACT_WORDS
    return least <= len(sentence.split()) <= most


def _headed(title: str, text: str) -> str:
    return f"{title}:\n{text}" if text else ""
