"""Templates of bases that need not be in memory: tokenizer, chat template and what ends a reply, but no weights."""

from collections import OrderedDict
from pathlib import Path
from typing import Any

from transformers import AutoConfig, GenerationConfig

from studio.engine.bases.base_folder import check_tokenizer_folder
from studio.engine.bases.base_loader import foreign, load_tokenizer
from studio.engine.text.chat_template import ChatTemplate

KEPT = 3
_FILES = (
    "tokenizer.json", "tokenizer_config.json", "chat_template.jinja", "generation_config.json", "config.json",
    "special_tokens_map.json", "added_tokens.json",
)  # fmt: skip
_Stamp = tuple[tuple[int, int], ...]


class TemplateShelf:
    """Keeps the last few; a folder whose files have changed is read again."""

    def __init__(self) -> None:
        self._kept: OrderedDict[tuple[Path, _Stamp], ChatTemplate] = OrderedDict()

    def template(self, folder: Path) -> ChatTemplate:
        """The template of a base folder; refuses what loading the base would refuse."""
        key = folder, _stamp(folder)
        if key not in self._kept:
            check_tokenizer_folder(folder)
            self._kept[key] = foreign(folder, lambda: ChatTemplate(load_tokenizer(folder), _generation_config(folder)))
        self._kept.move_to_end(key)
        while len(self._kept) > KEPT:
            self._kept.popitem(last=False)
        return self._kept[key]


def _stamp(folder: Path) -> _Stamp:
    return tuple(_state(folder / name) for name in _FILES)


def _state(file: Path) -> tuple[int, int]:
    try:
        found = file.stat()
    except OSError:
        return 0, 0
    return found.st_mtime_ns, found.st_size


def _generation_config(folder: Path) -> Any:
    """What a loaded model would have: the folder's own, or the one that follows from its config."""
    if (folder / "generation_config.json").exists():
        return GenerationConfig.from_pretrained(folder, local_files_only=True)
    if (folder / "config.json").exists():
        return GenerationConfig.from_model_config(
            AutoConfig.from_pretrained(folder, local_files_only=True, trust_remote_code=False)
        )
    return None
