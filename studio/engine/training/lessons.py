"""What a run learns from and what it minimises, as its method wants it: replies, or preferences between them."""

from pathlib import Path
from typing import Any

from studio.domain.preferences import PREFERENCES
from studio.engine.bases.base_loader import LoadedBase
from studio.engine.forward.modes import Stage
from studio.engine.text.chat_encoding import Window
from studio.engine.text.chat_template import ChatTemplate
from studio.engine.text.preflight import EncodedDataset, encode_dataset
from studio.engine.training.objective import ReplyObjective, RunObjective
from studio.engine.training.preference_objective import ChoiceOptions, PreferenceObjective
from studio.engine.training.preference_pairs import PreferenceDataset, encode_preferences
from studio.methods.method import CommonOptions, Method

LessonData = EncodedDataset | PreferenceDataset


def lessons_for(method: Method, path: Path, template: ChatTemplate, max_length: int) -> LessonData:
    """Return a dataset file as examples of the method's kind; its held-out lines are windows in either case."""
    encode = encode_preferences if method.objective == PREFERENCES else encode_dataset
    return encode(path, template, max_length)


def windows_of(data: LessonData, count: int) -> list[Window]:
    """Return some of the windows that training reads, whatever its examples are made of."""
    if isinstance(data, PreferenceDataset):
        return [window for pair in data.train[:count] for window in (pair.chosen, pair.rejected)][:count]
    return data.train[:count]


def objective_for(
    method: Method, options: CommonOptions, base: LoadedBase, stage: Stage, data: LessonData, folder: Path
) -> RunObjective[Any]:
    """Return what the method minimises over such data; ``folder`` is the run's own."""
    if isinstance(data, PreferenceDataset):
        assert isinstance(options, ChoiceOptions), f"{method.name} weighs no choices"
        return PreferenceObjective(base, stage, options, data, folder)
    return ReplyObjective(base)


def lesson_notes(data: LessonData, template: ChatTemplate) -> list[tuple[str, dict[str, object]]]:
    """What is to be told about the data before the first step: (code, details)."""
    if not isinstance(data, PreferenceDataset):
        return [] if template.keeps_replies else [("replies_one_each", {"count": len(data.train)})]
    notes: list[tuple[str, dict[str, object]]] = []
    if data.left_out:
        notes.append(("pairs_left_out", {"count": data.left_out}))
    if not data.heldout_pairs:
        notes.append(("pairs_none_held_out", {"count": len(data.train)}))
    return notes
