"""Previews of changes in words: how many, where, and each before and after. Knows no Qt."""

from __future__ import annotations

from typing import TYPE_CHECKING

from studio.domain.data_changes import ChangePreview, ChangeSample
from studio.domain.errors import StudioError
from studio.gui import figures
from studio.gui.pages.persona.data.version_words import talk_words
from studio.gui.widgets.word_diff import ShownChange
from studio.texts import tr, tr_plural

if TYPE_CHECKING:
    from studio.services.studio import Studio


def count_words(preview: ChangePreview) -> str:
    """How many places in how many conversations, and how many of them are shown."""
    if not preview.places:
        return tr("Nothing would change.")
    places = tr_plural("{count} place", "{count} places", preview.places)
    words = tr("{places} in {talks}", places=places, talks=figures.conversations(preview.conversations))
    if preview.places > len(preview.samples):
        words = tr("{words}; the first {shown} are shown", words=words, shown=len(preview.samples))
    return words


def shown_changes(studio: Studio, preview: ChangePreview) -> list[ShownChange]:
    """The samples with their places named."""
    titles: dict[str, str] = {}
    return [_shown(studio, sample, titles) for sample in preview.samples]


def _shown(studio: Studio, sample: ChangeSample, titles: dict[str, str]) -> ShownChange:
    key = sample.conversation_id
    if key not in titles:
        titles[key] = _title(studio, key)
    whole = sample.turn < 0
    place = titles[key] if whole else tr("{title} · turn {number}", title=titles[key], number=sample.turn + 1)
    return ShownChange(
        key=f"{key}/{max(sample.turn, 0)}", place=place, before=sample.before, after=sample.after,
        removed=sample.removed,
    )  # fmt: skip


def _title(studio: Studio, conversation_id: str) -> str:
    try:
        talk = studio.data.get(conversation_id).conversation
    except StudioError:  # deleted since: the preview is a little older than the data
        return tr("Conversation")
    return talk.title or talk_words(talk) or tr("Conversation")


def place_of(key: str) -> tuple[str, int]:
    """Conversation and turn of a change's key."""
    conversation_id, _, turn = key.rpartition("/")
    return conversation_id, int(turn or 0)
