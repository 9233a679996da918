"""A scene, put to work: the button that starts one, the dialog, the bar."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Qt

from studio.gui.pages.chat.scene.bar import SceneBar
from studio.gui.pages.chat.scene.dialog import SceneDialog, SceneWish
from studio.gui.pages.chat.scene.presenter import ScenePresenter
from studio.gui.pages.chat.talk.contestants import groups
from studio.gui.widgets.basic import button
from studio.texts import tr

if TYPE_CHECKING:
    from studio.gui.navigator import Navigator
    from studio.gui.pages.chat.presenter import Presenter
    from studio.gui.pages.chat.talk.screen import Try
    from studio.services.studio import Studio


class ScenePart:
    """``guarded`` runs an act and tells trouble in a sentence."""

    def __init__(
        self, studio: Studio, navigator: Navigator, presenter: Presenter,
        guarded: Try,
    ) -> None:  # fmt: skip
        self._studio, self._navigator, self._chat, self._guarded = studio, navigator, presenter, guarded
        self.presenter = ScenePresenter(studio, presenter, self.show)
        self.bar = SceneBar()
        self.start = button(tr("Scene"), "mdi6.drama-masks", tip=tr("Let several personas talk with each other"))
        self.start.clicked.connect(lambda: self.open_dialog())
        one, bar = self.presenter, self.bar
        bar.step_requested.connect(lambda key: guarded(lambda: one.step(key)))
        bar.run_requested.connect(lambda turns: guarded(lambda: one.run(turns)))
        bar.pause_requested.connect(lambda: guarded(one.pause))
        bar.stop_requested.connect(lambda: guarded(one.stop))
        bar.order_changed.connect(lambda order: guarded(lambda: one.set_order(order)))
        bar.silenced.connect(lambda key, silent: guarded(lambda: one.silence(key, silent)))
        bar.talkativeness_changed.connect(lambda key, share: guarded(lambda: one.set_talkativeness(key, share)))
        bar.cast_requested.connect(lambda: self.open_dialog(change=True))

    def show(self) -> None:
        """Show who is there and whose turn it is."""
        one = self.presenter
        self.bar.setVisible(one.here)
        if one.here:
            pending = self._chat.replies.pending(0)
            self.bar.show_scene(
                one.speakers(), next_key=one.next(), speaking=pending.speaker if pending else "", order=one.order,
                running=one.running, paused=one.paused, busy=self._chat.replies.busy, progress=one.progress(),
            )  # fmt: skip

    def open_dialog(self, *, change: bool = False) -> SceneDialog:
        """Ask who takes part."""
        chat = self._chat.open_chat.chat if change else None
        scene = chat.settings.scene if chat else None
        dialog = SceneDialog(
            groups(self._studio), self._navigator.window_widget(),
            present=[one.contestant for one in scene.speakers] if scene else (),
            order=scene.order if scene else "mention", setting=scene.setting if scene else "",
        )  # fmt: skip
        dialog.wished.connect(lambda wish: self._guarded(lambda: self._fulfil(wish, change=change)))
        dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        dialog.open()
        return dialog

    def _fulfil(self, wish: SceneWish, *, change: bool) -> None:
        if change:
            self.presenter.change(wish.contestants, order=wish.order, setting=wish.setting)
        else:
            self.presenter.start(wish.contestants, order=wish.order, setting=wish.setting, opening=wish.opening,
                                 turns=wish.turns)  # fmt: skip
        self.show()
