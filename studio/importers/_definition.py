"""Definitions that are one text: prose about the character, then lines of example dialogue."""

import re

_EXAMPLE = r"(?:<START>|(?:\{\{(?:user|char|random_user_\d+)\}\}|<(?:user|bot|char)>|you|%s) ?: ?\S)"
_LABEL = re.compile(r"(personality|scenario) ?: ?(?=\S)", re.IGNORECASE)
_BLANK_LINES = re.compile(r"\n{3,}")
_STARTS = re.compile("<START>", re.IGNORECASE)
_END_OF_DIALOG = re.compile(r"^[ \t]*END_OF_DIALOG[ \t]*$", re.MULTILINE)


def split_definition(text: str, name: str) -> tuple[str, str]:
    """Return (prose, example dialogue); ``name`` is how the character's lines may begin."""
    text = _END_OF_DIALOG.sub("<START>", text)
    first = re.compile(rf"^[ \t]*{_EXAMPLE % re.escape(name)}", re.IGNORECASE | re.MULTILINE).search(text)
    at = first.start() if first else len(text)
    blocks = _STARTS.split(text[at:])
    while blocks and not blocks[-1].strip():
        blocks.pop()
    return text[:at].strip(), "<START>".join(blocks).strip()


def labelled_parts(prose: str) -> dict[str, str]:
    """Return the description, and the paragraphs that are labelled as personality and scenario."""
    found: dict[str, list[str]] = {"description": []}
    part = "description"
    for line in prose.split("\n"):
        if label := _LABEL.match(line):
            part = label[1].casefold()
            line = line[label.end() :]
        elif not line.strip():
            part = "description"
        found.setdefault(part, []).append(line.rstrip())
    return {name: _BLANK_LINES.sub("\n\n", "\n".join(lines)).strip() for name, lines in found.items()}


def without_label(prose: str, name: str) -> str:
    """Take ``<name>'s Persona:`` away from the beginning: it labels the prose and says nothing."""
    label = re.compile(rf"(?:{re.escape(name)}|\{{\{{char\}}\}})['’]s persona ?: ?", re.IGNORECASE).match(prose)
    return prose[label.end() :].strip() if label else prose
