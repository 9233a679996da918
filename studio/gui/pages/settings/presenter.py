"""What the settings page shows: every declared setting, the library, and what this program is. Knows no Qt."""

from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from studio import __version__
from studio.domain.errors import StudioError
from studio.gui import figures
from studio.options import Option
from studio.texts import LOCALE_FOLDER, sentence, tr

if TYPE_CHECKING:
    from studio.services.studio import Studio

LICENCE = "Apache-2.0"
_HIDDEN = {"first_start_done"}


class Presenter:
    """``choices`` are filled in for what only the running program knows: languages that are there, bases."""

    def __init__(self, studio: "Studio") -> None:
        self._studio = studio

    def options(self) -> dict[str, Option]:
        """Every setting that has a place on the page."""
        return {name: self._filled(one) for name, one in self._studio.settings.all().items() if name not in _HIDDEN}

    def values(self) -> dict[str, object]:
        """What is set."""
        return {name: self._studio.settings.get(name) for name in self.options()}

    def labels(self) -> dict[str, dict[str, str]]:
        """Words for choices that are ids: setting to choice to words."""
        bases = {one.id: one.name for one in self._studio.models.list()}
        languages = {"": tr("as the desktop"), "en": "English", "de": "Deutsch", "fr": "Français", "es": "Español"}
        keeping = {"auto": tr("automatic"), "none": tr("16-bit"), "nf4": tr("NF4 (4-bit)")}
        themes = {"system": tr("as the desktop"), "light": tr("light"), "dark": tr("dark")}
        return {"default_base": {"": tr("the newest"), **bases}, "language": languages, "theme": themes,
                "chat_quantization": keeping}  # fmt: skip

    def set(self, name: str, value: object) -> str:
        """Keep a value; returns what is wrong with it, or nothing."""
        try:
            self._studio.settings.set(name, value)
        except StudioError as error:
            return sentence(error)
        return ""

    def library(self) -> Path:
        """Where everything lies."""
        return self._studio.library

    def logs(self) -> Path:
        """The folder of the logs."""
        return Path(self._studio.engine.status().log_path).parent

    def about(self) -> list[tuple[str, str]]:
        """Name and value of what is good to know when asking for help."""
        status = self._studio.engine.status()
        device = status.device_name or status.device or tr("not started yet")
        memory = f" · {figures.size(status.memory_total)}" if status.memory_total else ""
        return [
            (tr("Version"), __version__),
            (tr("Licence"), LICENCE),
            (tr("Engine"), device + memory),
        ]

    def _filled(self, one: Option) -> Option:
        if one.name == "default_base":
            return replace(one, choices=("", *(base.id for base in self._studio.models.list())))
        if one.name == "language":
            folders = sorted(path.parent.parent.name for path in LOCALE_FOLDER.glob("*/LC_MESSAGES/studio.mo"))
            return replace(one, choices=tuple(dict.fromkeys(("", "en", *folders))))
        return one
