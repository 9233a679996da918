"""The drawer put to work: what is set in it reaches the open chat, and it shows what is set."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from studio.gui.pages.chat.bottom import Bottom
from studio.gui.pages.chat.drawer.panel import Drawer
from studio.gui.pages.chat.drawer.presenter import DrawerPresenter
from studio.gui.widgets.line_dialog import ask_line
from studio.texts import tr

if TYPE_CHECKING:
    from studio.domain.chat import Sampler
    from studio.gui.pages.chat.presenter import Presenter
    from studio.gui.pages.chat.talk.screen import Try
    from studio.services.studio import Studio


class DrawerActs:
    """``guarded`` runs an act and tells trouble in a sentence."""

    def __init__(self, studio: Studio, presenter: Presenter, drawer: Drawer, bottom: Bottom, guarded: Try) -> None:
        self._chat_presenter, self._drawer, self._bottom, self._guarded = presenter, drawer, bottom, guarded
        self.presenter = DrawerPresenter(studio, presenter)
        drawer.hide()
        drawer.closed.connect(self.toggle)
        drawer.setting_changed.connect(lambda name, value: self._do(lambda: self.presenter.set(name, value)))
        drawer.sampler_changed.connect(lambda sampler: self._do(lambda: self.presenter.set_sampler(sampler)))
        drawer.preset_chosen.connect(lambda preset: self._do(lambda: self._take(preset)))
        drawer.preset_kept.connect(self._ask_name)
        drawer.preset_forgotten.connect(lambda name: self._do(lambda: self.presenter.forget(name)))
        drawer.same_seed_changed.connect(self.set_same_seed)
        bottom.settings.clicked.connect(self.toggle)
        bottom.same_seed.toggled.connect(self.set_same_seed)

    def toggle(self) -> None:
        """Open or close it."""
        shown = not self._drawer.isVisible()
        self._drawer.keep_words()
        self._drawer.setVisible(shown)
        self._bottom.settings.setChecked(shown)
        self.refresh(anew=True)

    def refresh(self, *, anew: bool = False) -> None:
        """Show what is set; ``anew``: in the place of what was being written for another chat."""
        self._bottom.same_seed.setChecked(self._chat_presenter.open_chat.settings.same_seed)
        if self._drawer.isVisible():
            self._drawer.show_state(self.presenter.state(hidden=self._chat_presenter.hides_names), anew=anew)

    def set_same_seed(self, on: bool) -> None:
        """All columns draw with the same luck, or each with its own."""
        self._guarded(lambda: self.presenter.set("same_seed", on))
        self._bottom.same_seed.setChecked(on)
        self._drawer.same_seed.setChecked(on)

    def _do(self, act: Callable[[], object]) -> None:
        self._guarded(act)
        self.refresh()

    def _take(self, preset: Sampler) -> None:
        self.presenter.take(preset)

    def _ask_name(self) -> None:
        ask_line(
            self._drawer, tr("Keep the sampler as a preset"), tr("Name"), "",
            lambda name: self._do(lambda: self.presenter.keep(name)),
        )  # fmt: skip
