"""Text with a chat template's marks into turns."""

from collections.abc import Iterator

from studio.domain.conversation import Turn
from studio.importers._messages import MessageReader
from studio.importers._sides import merge_sides
from studio.importers._template_text import conversations_in, template_of
from studio.importers._wording import clean


def told_conversations(text: str, messages: MessageReader, line: int) -> Iterator[tuple[Turn, ...]]:
    """Yield the turns of each conversation in a text; ``line`` is where the text begins."""
    words = clean(text)
    template = template_of(words, least=1)
    if template is None:
        if words.strip():
            raise messages.invalid(line, "it has no marks that tell turns apart, such as <|im_start|>")
        return
    for numbered in conversations_in(words, template):
        turns = (turn for below, message in numbered for turn in messages.turns([message], line + below - 1))
        # An instruction and its input are two marks, but one side.
        yield merge_sides(turns, joint="\n\n") if template.roles else tuple(turns)
