"""The bar of a scene: who takes part and whose turn it is, one more line, running by itself."""

from collections.abc import Sequence
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QSize, Qt, Signal
from PySide6.QtGui import QAction, QIcon, QPainter, QPixmap
from PySide6.QtWidgets import QComboBox, QFrame, QMenu, QPushButton, QSpinBox, QWidget

from studio.domain.scene import BY_HAND, ORDERS
from studio.gui.pages.chat.scene.presenter import order_words
from studio.gui.theme.icons import set_icon
from studio.gui.widgets.basic import button, icon_button, label
from studio.gui.widgets.layouts import FlowLayout, column
from studio.gui.widgets.number_box import padded
from studio.gui.widgets.portrait import portrait_pixmap
from studio.gui.widgets.steady import steady
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.scene import SpeakerView

_FACE, _ROOM, _HEIGHT = 22, 6, 38


class SceneBar(QFrame):
    """A click on a face lets that one speak; the menu beside it makes it quiet or talkative."""

    step_requested = Signal(str)
    run_requested = Signal(int)
    pause_requested = Signal()
    stop_requested = Signal()
    order_changed = Signal(str)
    silenced = Signal(str, bool)
    talkativeness_changed = Signal(str, float)
    cast_requested = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.setObjectName("card")
        self._shown: tuple[object, ...] = ()
        self.faces: dict[str, QPushButton] = {}
        self._flow = FlowLayout(spacing=8)
        self._controls = self._made_controls()
        self.setLayout(column(self._flow, margins=(14, 10, 12, 10)))
        self.hide()
        steady(self)

    def _made_controls(self) -> list[QWidget]:
        """What stands behind the faces."""
        self.order = QComboBox()
        self.order.setAccessibleName(tr("How they take turns"))
        for name in ORDERS:
            words, tip = order_words(name)
            self.order.addItem(words, name)
            self.order.setItemData(self.order.count() - 1, tip, Qt.ItemDataRole.ToolTipRole)
        self.order.activated.connect(lambda _: self.order_changed.emit(self.order.currentData()))
        self.next = button(tr("Next line"), "mdi6.skip-next-outline", on_click=lambda: self.step_requested.emit(""),
                           tip=tr("Let one line be said (Ctrl+Return)"))  # fmt: skip
        self.turns = padded(QSpinBox())
        self.turns.setRange(1, 200)
        self.turns.setValue(8)
        self.turns.setAccessibleName(tr("Lines"))
        self.turns.setSuffix(tr(" lines"))
        self.run = button(tr("Run by itself"), "mdi6.play", on_click=self._run)
        self.pause = button(tr("Pause"), "mdi6.pause", on_click=self.pause_requested.emit)
        self.stop = button(tr("Stop"), "mdi6.stop", on_click=self.stop_requested.emit)
        self.progress = label("", "small")
        cast = icon_button("mdi6.account-multiple-plus-outline", tr("Who takes part, and where…"),
                           self.cast_requested.emit, size=_HEIGHT)  # fmt: skip
        cast.setIconSize(QSize(20, 20))
        made = [self.order, self.next, self.run, self.turns, self.pause, self.stop, cast, self.progress]
        for one in made:
            one.setFixedHeight(_HEIGHT)
        return made

    def show_scene(
        self, speakers: Sequence["SpeakerView"], *, next_key: str, speaking: str, order: str, running: bool,
        paused: bool, busy: bool, progress: str,
    ) -> None:  # fmt: skip
        """Show who is there and what can be done now."""
        shown = (*((one.key, one.name, one.silent, one.talkativeness, one.label.colour) for one in speakers),
                 next_key, speaking, busy)  # fmt: skip
        if shown != self._shown:
            self._shown = shown
            self._show_faces(speakers, next_key, speaking, busy=busy)
        self.order.setCurrentIndex(self.order.findData(order))
        going = running or paused
        by_hand = order == BY_HAND
        self.next.setVisible(not going)
        self.next.setEnabled(not busy and not by_hand)
        self.run.setVisible(not going)
        self.run.setEnabled(not busy and not by_hand)
        self.turns.setVisible(not going)
        self.turns.setEnabled(not by_hand)
        self.pause.setVisible(going)
        self.pause.setText(tr("Go on") if paused else tr("Pause"))
        set_icon(self.pause, "mdi6.play" if paused else "mdi6.pause")
        self.stop.setVisible(going)
        self.progress.setText(tr("Paused") if paused else progress if running else "")

    def _show_faces(self, speakers: Sequence["SpeakerView"], next_key: str, speaking: str, *, busy: bool) -> None:
        while self._flow.count():
            self._flow.takeAt(0)
        for gone in self.faces.values():
            gone.hide()
            gone.deleteLater()
        self.faces = {}
        for one in speakers:
            made = self._face(one, is_next=one.key == next_key and not busy, speaks=one.key == speaking)
            made.setEnabled(not busy or one.key == speaking)
            self.faces[one.key] = made
        for part in (*self.faces.values(), *self._controls):
            self._flow.addWidget(part)

    def _face(self, one: "SpeakerView", *, is_next: bool, speaks: bool) -> QPushButton:
        state = tr("speaks") if speaks else tr("quiet") if one.silent else tr("next") if is_next else ""
        made = button(f"{one.name} · {state}" if state else one.name, name=tr("Let {name} speak", name=one.name),
                      tip=tr("Let {name} speak (right click: more)", name=one.name),
                      on_click=partial(self.step_requested.emit, one.key))  # fmt: skip
        face = portrait_pixmap(one.name, one.label.colour, one.label.portrait, _FACE, self.devicePixelRatioF())
        made.setIcon(_with_room(face))
        made.setIconSize(QSize(_FACE + _ROOM, _FACE))
        made.setFixedHeight(_HEIGHT)
        made.setCheckable(True)
        made.setChecked(is_next or speaks)
        made.setContextMenuPolicy(Qt.ContextMenuPolicy.CustomContextMenu)
        made.customContextMenuRequested.connect(lambda at, one=one, made=made: self._open(one, made, at))
        return made

    def _open(self, one: "SpeakerView", made: QPushButton, at: object) -> None:
        menu = QMenu(made)
        menu.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.fill_menu(menu, one)
        menu.exec(made.mapToGlobal(made.rect().bottomLeft()))

    def fill_menu(self, menu: QMenu, one: "SpeakerView") -> None:
        """What can be done with a speaker."""
        menu.addAction(tr("Let {name} speak", name=one.name), partial(self.step_requested.emit, one.key))
        _checked(menu, tr("Keeps quiet"), one.silent, partial(self.silenced.emit, one.key, not one.silent))
        menu.addSeparator()
        words = {0.2: tr("Speaks little"), 0.5: tr("Speaks like the others"), 1.0: tr("Speaks much")}
        for share, said in words.items():
            there = abs(one.talkativeness - share) < 0.15
            _checked(menu, said, there, partial(self.talkativeness_changed.emit, one.key, share))

    def _run(self) -> None:
        self.run_requested.emit(self.turns.value())


def _checked(menu: QMenu, words: str, on: bool, act: object) -> QAction:
    made = menu.addAction(words, act)  # type: ignore[call-overload]
    made.setCheckable(True)
    made.setChecked(on)
    return made  # type: ignore[no-any-return]


def _with_room(face: QPixmap) -> QIcon:
    """A face and some room after it: a button puts its words right beside its icon."""
    ratio = face.devicePixelRatioF()
    made = QPixmap(round((_FACE + _ROOM) * ratio), face.height())
    made.setDevicePixelRatio(ratio)
    made.fill(Qt.GlobalColor.transparent)
    painter = QPainter(made)
    painter.drawPixmap(0, 0, face)
    painter.end()
    return QIcon(made)
