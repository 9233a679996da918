"""What the drawer shows and changes: words around the chat, lorebook, sampler and its presets, seed. Knows no Qt."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from studio.domain.chat import ChatSettings, Contestant, Sampler
from studio.domain.errors import StudioError
from studio.services.chat_settings import drawn_like
from studio.texts import tr

if TYPE_CHECKING:
    from studio.gui.pages.chat.presenter import Presenter
    from studio.services.studio import Studio


@dataclass(frozen=True)
class LoreLine:
    """An entry of a lorebook that the last turns called up: in which columns, by which word."""

    title: str
    why: str
    text: str
    columns: tuple[int, ...]


@dataclass(frozen=True)
class DrawerState:
    """All that the drawer shows."""

    settings: ChatSettings
    sampler: Sampler
    presets: tuple[tuple[str, Sampler], ...]
    own_presets: tuple[str, ...]
    card_sampler: Sampler | None
    lore: tuple[LoreLine, ...]


class DrawerPresenter:
    """Every change is kept with the chat at once."""

    def __init__(self, studio: "Studio", presenter: "Presenter") -> None:
        self._studio, self._presenter = studio, presenter

    def state(self, *, hidden: bool = False) -> DrawerState:
        """What is set. ``hidden``: nothing may tell who answers."""
        chat, chats = self._presenter.open_chat, self._studio.chats
        return DrawerState(
            settings=chat.settings, sampler=chat.sampler, presets=tuple(chats.samplers()),
            own_presets=tuple(chats.own_samplers()), card_sampler=None if hidden else self._card_sampler(),
            lore=() if hidden else tuple(self._lore()),
        )  # fmt: skip

    def set(self, name: str, value: object) -> None:
        """Change one of the settings."""
        chat = self._presenter.open_chat
        if getattr(chat.settings, name) != value:
            chat.set_settings(replace(chat.settings, **{name: value}))  # type: ignore[arg-type]

    def set_sampler(self, sampler: Sampler) -> None:
        """Draw words in another way."""
        self._presenter.open_chat.set_sampler(sampler)

    def take(self, preset: Sampler) -> None:
        """Take a preset; length and stop strings stay the chat's."""
        self.set_sampler(drawn_like(self._presenter.open_chat.sampler, preset))

    def keep(self, name: str) -> None:
        """Keep the sampler as a preset of this name."""
        self._studio.chats.keep_sampler(name, self._presenter.open_chat.sampler)

    def forget(self, name: str) -> None:
        """Forget a preset of the user's own."""
        self._studio.chats.forget_sampler(name)

    def _card_sampler(self) -> Sampler | None:
        """What the card of the first column that has anything to say about it brings along."""
        found = (self._card_sampler_of(one) for one in self._presenter.contestants())
        return next((one for one in found if one is not None), None)

    def _card_sampler_of(self, contestant: Contestant) -> Sampler | None:
        try:
            return self._studio.chats.card_sampler(contestant)
        except StudioError:  # its adapter was deleted: the column says so itself
            return None

    def _lore(self) -> list[LoreLine]:
        """The entries that all columns would be told now, each once."""
        chat_id = self._presenter.chat_id
        if not chat_id:
            return []
        found: dict[tuple[str, str], LoreLine] = {}
        for column in range(len(self._presenter.contestants())):
            for line in self._lore_of(chat_id, column):
                known = found.get((line.title, line.text))
                columns = (*known.columns, column) if known else (column,)
                found[line.title, line.text] = replace(line, columns=columns)
        return list(found.values())

    def _lore_of(self, chat_id: str, column: int) -> list[LoreLine]:
        try:
            hits = self._studio.chats.lore_for(chat_id, column)
        except StudioError:  # its adapter was deleted: the column says so itself
            return []
        return [LoreLine(one.title, _why(one.word, fits=one.fits), one.text, (column,)) for one in hits]


def stops_of(text: str) -> tuple[str, ...]:
    """Stop strings, one a line."""
    return tuple(dict.fromkeys(line.strip("\r") for line in text.split("\n") if line.strip()))


def preset_named(presets: Sequence[tuple[str, Sampler]], sampler: Sampler) -> str:
    """The preset that draws as this sampler does; empty when it is none of them."""
    for name, one in presets:
        if drawn_like(sampler, one) == sampler:
            return name
    return ""


def _why(word: str, *, fits: bool) -> str:
    if not fits:
        return tr("called by “{word}”, but there was no room", word=word) if word else tr("there was no room")
    return tr("called by “{word}”", word=word) if word else tr("always told")
