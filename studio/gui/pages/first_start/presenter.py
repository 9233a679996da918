"""What the first start shows: where the library lies, a first base, the sample personas. Knows no Qt."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from studio.domain.errors import StudioError
from studio.gui.pages.models import presenter as models
from studio.texts import sentence, tr

if TYPE_CHECKING:
    from studio.services.studio import Studio

STEPS = 3
_COLOURS = {"mira": "#f2937b", "oswin": "#7fb3ff", "tik": "#6fd0a8"}


@dataclass(frozen=True)
class Sample:
    """A persona to meet."""

    name: str
    tagline: str
    portrait: Path | None
    colour: str


class Presenter:
    """Counts the steps; the base is fetched by the models page's presenter."""

    def __init__(self, studio: "Studio", on_change: Callable[[], None]) -> None:
        self._studio = studio
        self._on_change = on_change
        self.step = 0
        self.trouble = ""
        self.models = models.Presenter(studio, on_change)

    def library(self) -> Path:
        """Where everything will lie."""
        return self._studio.library

    def base(self) -> str:
        """The name of the base that is there already, or nothing."""
        found = self._studio.models.list()
        return found[0].name if found else ""

    def samples(self) -> list[Sample]:
        """Who waits to be met."""
        return [
            Sample(one.name, one.tagline, one.portrait, _colour(one.name)) for one in self._studio.samples.available()
        ]

    def samples_are_there(self) -> bool:
        """True when all of them are in the library."""
        known = {one.persona.name for one in self._studio.personas.list()}
        samples = self.samples()
        return bool(samples) and all(one.name in known for one in samples)

    def title(self) -> str:
        """The step in a line."""
        return [tr("Your library"), tr("A base to speak through"), tr("Meet three personas")][self.step]

    def go(self, by: int) -> bool:
        """To the next or previous step; True when the last one is left."""
        if self.step + by >= STEPS:
            self.finish()
            return True
        self.step = max(self.step + by, 0)
        self._on_change()
        return False

    def import_samples(self) -> bool:
        """Bring the sample personas into the library."""
        self.trouble = ""
        try:
            self._studio.samples.import_all()
        except StudioError as error:
            self.trouble = sentence(error)
        self._on_change()
        return not self.trouble

    def finish(self) -> None:
        """Seen: not shown again by itself."""
        self._studio.settings.set("first_start_done", True)


def _colour(name: str) -> str:
    return next((colour for part, colour in _COLOURS.items() if part in name.lower()), "#8ea6ff")
