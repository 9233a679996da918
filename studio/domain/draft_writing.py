"""How a base's reply becomes a draft: freed of what small bases add, and a conversation once it is accepted."""

import re
from dataclasses import replace

from studio.domain.conversation import GENERATED, Conversation, Role, Turn
from studio.domain.drafts import Draft

FROM_CARD = "from the card"
"""Tag of conversations that were written from a card."""
SOURCE = "card"
_SENTENCE = re.compile(r"[.!?…][\"”’')\]*]*(?=\s|$)")


def tidied(text: str, persona_name: str, user_name: str, *, whole: bool) -> str:
    """Return a reply without the persona's label before it and without lines for the user after it.

    A reply that was cut off by its length (not ``whole``) ends with its last whole sentence, if it has one.
    """
    said = _without_label(text.strip(), persona_name)
    other = re.search(rf"^[ *_]*(?:{re.escape(user_name)}|user|you|human)[*_]* ?:", said, re.IGNORECASE | re.MULTILINE)
    if other:
        said, whole = said[: other.start()], True
    return said.strip() if whole else _whole_sentences(said.strip())


def conversation_of(draft: Draft) -> Conversation:
    """Return the example that an accepted draft becomes. Replies that were passed over become its alternatives."""
    earlier = draft.details.get("passed_over")
    others = [draft.original, *(earlier if isinstance(earlier, list) else [])]
    alternatives = tuple(
        dict.fromkeys(text for text in others if isinstance(text, str) and text not in ("", draft.reply))
    )
    return Conversation(
        turns=(
            Turn(role=Role.USER, text=draft.prompt),
            Turn(role=Role.PERSONA, text=draft.reply, marks=(GENERATED,), alternatives=alternatives),
        ),
        source=SOURCE,
        tags=(FROM_CARD, draft.kind.replace("_", " ")),
    )


def with_another_reply(draft: Draft, text: str, seed: int) -> Draft:
    """Return the draft with a new reply; the one before is remembered as passed over."""
    earlier = draft.details.get("passed_over")
    passed = [*(earlier if isinstance(earlier, list) else []), draft.original or draft.reply]
    return replace(draft, reply=text, original=text, details={**draft.details, "passed_over": passed, "seed": seed})


def _without_label(text: str, name: str) -> str:
    match = re.match(rf"[ *_]*{re.escape(name)}[*_]* ?:[*_]* *", text, re.IGNORECASE)
    return text[match.end() :] if match else text


def _whole_sentences(text: str) -> str:
    ends = [match.end() for match in _SENTENCE.finditer(text)]
    return text[: ends[-1]] if ends else text
