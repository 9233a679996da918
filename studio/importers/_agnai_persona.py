"""The persona of an Agnai character as text: prose as it is, attributes in the notation that was chosen for them."""

from collections.abc import Iterable
from itertools import chain

from studio.domain.card_text import PROMPT_WORDS

Attributes = dict[str, list[str]]


def described(name: str, persona: object) -> str:
    """Return the description as a model saw it."""
    kind, attributes = _parts(persona)
    match kind:
        case "text":
            return "\n".join(chain.from_iterable(attributes.values())).strip()
        case "wpp":
            lines = [f"{key}({_quoted(values, ' + ')})" for key, values in attributes.items()]
            return "\n".join([f'[character("{name}") {{', *lines, "}]"]) if lines else ""
        case "sbf":
            told = "; ".join(f"{key}: {_quoted(values, ', ')}" for key, values in attributes.items())
            return f'[ character: "{name}"; {told} ]' if told else ""
        case "boostyle":
            return " + ".join([name, *chain.from_iterable(attributes.values())]) if attributes else ""
    return "\n".join(f"{key}: {', '.join(values)}" for key, values in attributes.items())


def summed_up(name: str, persona: object) -> str:
    """Return a short prompt in sentences, for attributes, which make none; nothing for prose."""
    kind, attributes = _parts(persona)
    if kind == "text" or not attributes:
        return ""
    said = [f"You are {name}."]
    for key, values in attributes.items():
        sentence = f"{key[:1].upper()}{key[1:]}: {', '.join(values)}."
        if len(" ".join([*said, sentence]).split()) > PROMPT_WORDS:
            break
        said.append(sentence)
    return " ".join(said)


def _parts(persona: object) -> tuple[str, Attributes]:
    if isinstance(persona, str):
        return "text", {"text": [persona]}
    if not isinstance(persona, dict):
        return "text", {}
    kind, found = persona.get("kind"), persona.get("attributes")
    told = found.items() if isinstance(found, dict) else ()
    attributes = {str(key): list(_texts(values)) for key, values in told}
    known = kind if isinstance(kind, str) else "attributes"
    return known, {key: values for key, values in attributes.items() if values}


def _texts(values: object) -> Iterable[str]:
    listed = values if isinstance(values, list) else [values]
    return (value.strip() for value in listed if isinstance(value, str) and value.strip())


def _quoted(values: Iterable[str], joint: str) -> str:
    return joint.join(f'"{value}"' for value in values)
