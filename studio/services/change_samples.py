"""What a change would look like: how many places, and the first of them side by side."""

from collections.abc import Iterator
from difflib import SequenceMatcher
from itertools import zip_longest

from studio.checks import Repaired, Split
from studio.domain.conversation import Conversation, Turn
from studio.domain.data_changes import ChangePreview, ChangeSample

SHOWN = 200


class Samples:
    """Collects changes, one conversation after another."""

    def __init__(self) -> None:
        self._conversations = 0
        self._places = 0
        self._samples: list[ChangeSample] = []

    def add(self, key: str, before: Conversation, after: Repaired) -> None:
        """Take up what becomes of a conversation."""
        self._conversations += 1
        for sample in _samples(key, before, after):
            self._places += 1
            if len(self._samples) < SHOWN:
                self._samples.append(sample)

    def preview(self) -> ChangePreview:
        """Everything so far."""
        return ChangePreview(conversations=self._conversations, places=self._places, samples=tuple(self._samples))


def _samples(key: str, before: Conversation, after: Repaired) -> Iterator[ChangeSample]:
    if after is None:
        said = "\n".join(turn.text for turn in before.turns)
        yield ChangeSample(conversation_id=key, turn=-1, before=said, removed=True)
        return
    turns = tuple(turn for part in after.parts for turn in part.turns) if isinstance(after, Split) else after.turns
    found = list(_turns(key, before.turns, turns))
    yield from found
    if not found:  # only the title, the tags or where a split is have changed
        yield ChangeSample(conversation_id=key, turn=-1, before=before.title, after=_about(after))


def _turns(key: str, before: tuple[Turn, ...], after: tuple[Turn, ...]) -> Iterator[ChangeSample]:
    """Compare turn by turn; where turns were taken out or put in, the others are found again by their words."""
    if len(before) == len(after):
        for index, (old, new) in enumerate(zip(before, after, strict=True)):
            if old != new:
                yield ChangeSample(conversation_id=key, turn=index, before=old.text, after=_shown(old, new))
        return
    matcher = SequenceMatcher(None, [turn.text for turn in before], [turn.text for turn in after], autojunk=False)
    for tag, first, last, there, until in matcher.get_opcodes():
        if tag == "equal":
            continue
        for offset, (old, new) in enumerate(zip_longest(before[first:last], after[there:until])):
            yield ChangeSample(
                conversation_id=key,
                turn=min(first + offset, len(before) - 1),
                before=old.text if old else "",
                after=new.text if new else "",
                removed=new is None,
            )


def _shown(old: Turn, new: Turn) -> str:
    """The new words; where only an alternative has changed, that one."""
    if old.text != new.text or old.alternatives == new.alternatives:
        return new.text
    return next(text for text in new.alternatives if text not in old.alternatives)


def _about(after: Conversation | Split) -> str:
    return " | ".join(part.title for part in after.parts) if isinstance(after, Split) else after.title
