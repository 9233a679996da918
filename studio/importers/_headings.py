"""What columns of tables are called, and so what may stand in them."""

import re

_WORDS = {
    "messages": "messages conversations conversation dialogue dialog chat turns",
    "persona": "chosen completion response output answer reply assistant bot gpt botresponse modelresponse persona "
    "char",
    "user": "instruction prompt question query input user human request usermessage",
    "context": "input context",
    "system": "system systemprompt systemmessage",
    "rejected": "rejected rejectedresponse",
    "role": "role from",
    "speaker": "speaker speakername name author username messageusername character charactername sender from who nick "
    "nickname talker user",
    "text": "text message messagetext line lines content dialogue dialog utterance msg body words quote value "
    "post spoken",
    "conversation": "conversation conversationid convid thread threadid threadtitle dialogueid dialogid chat chatid "
    "scene sceneid episode session sessionid conversationtitle",
    "title": "title conversationtitle threadtitle scenetitle subject",
    "tags": "tags categories",
    "train": "train",
    "alternatives": "alternatives swipes",
    "marks": "marks",
    "persona_name": "personaname botname",
}  # fmt: skip
COLUMN_ROLES = tuple(_WORDS)
"""What a column can be; the words of ``ReadOptions.columns``."""
HEADINGS = {role: headings.split() for role, headings in _WORDS.items()}
_NOT_FOLDED = re.compile(r"[\W_]+")
_TITLED = re.compile(r"title|scene|episode|chapter|topic|subject", re.IGNORECASE)


def folded(name: str) -> str:
    """A heading without case, spaces and marks."""
    return _NOT_FOLDED.sub("", name.casefold())


def is_text_heading(name: str) -> bool:
    """True for a column in which whole lines of talk stand."""
    return folded(name) in HEADINGS["text"]


def is_title_heading(name: str) -> bool:
    """True for a column whose values tell conversations apart by what they are called."""
    return _TITLED.search(name) is not None
