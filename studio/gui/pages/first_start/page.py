"""The first start: one card, three steps, each of which can be skipped."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QFileDialog, QFrame, QLabel, QStackedWidget, QVBoxLayout, QWidget

from studio.domain.changes import Change, Kind
from studio.gui.navigator import Navigator
from studio.gui.pages.first_start.presenter import STEPS, Presenter, Sample
from studio.gui.pages.models.work_bar import WorkBar
from studio.gui.theme import tokens
from studio.gui.widgets.basic import IconLabel, button, card, label, set_kind
from studio.gui.widgets.layouts import column, even, holder, row
from studio.gui.widgets.portrait import Portrait
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.studio import Studio

_WIDTH, _HEIGHT = 760, 500


class Page(QWidget):
    """Ends on the personas page."""

    def __init__(self, studio: "Studio", navigator: Navigator) -> None:
        super().__init__()
        self._studio, self._navigator = studio, navigator
        self.presenter = Presenter(studio, self._show)
        self.work = WorkBar(self.presenter.models.cancel, self.presenter.models.dismiss)
        self._marks = [self._mark() for _ in range(STEPS)]
        self._title = label("", "h1")
        self._steps = QStackedWidget()
        self._steps.setObjectName("clear")
        for step in (self._library_step(), self._base_step(), self._samples_step()):
            self._steps.addWidget(step)
        self.setLayout(self._whole())
        self._show()

    def _whole(self) -> QVBoxLayout:
        self.back = button(tr("Back"), quiet=True, on_click=lambda: self._go(-1))
        self.skip = button(tr("Skip the introduction"), quiet=True, on_click=self._leave)
        self.next = button(tr("Next"), primary=True, on_click=lambda: self._go(1))
        self.next.setMinimumWidth(120)
        foot = row(self.skip, None, self.back, self.next)
        inner = column(
            row(self._title, None, *self._marks, spacing=6), self._steps, foot, margins=(32, 28, 32, 24), spacing=16
        )
        inner.setStretch(1, 1)
        box = card(inner)
        box.setFixedSize(_WIDTH, _HEIGHT)
        welcome = label(tr("Welcome to Persona Studio"), "display")
        words = label(
            tr("Teach a small model to speak like your characters, then talk to all of them at once."), "muted"
        )
        return column(None, row(None, welcome, None), row(None, words, None), 16, row(None, box, None), None, spacing=6,
                      margins=tokens.PAGE_MARGINS)  # fmt: skip

    def _mark(self) -> QLabel:
        made = label("●", "small")
        return made

    def _library_step(self) -> QWidget:
        words = label(tr(
            "Everything you make lives in one folder: personas, conversations, chats, runs and adapters. "
            "Nothing leaves this machine. Copy the folder, and you have a whole backup."
        ), "muted", wrap=True)  # fmt: skip
        self._path = label("", "", wrap=True, selectable=True)
        place = card(
            row(IconLabel("mdi6.folder-outline", "accent", 28), self._path, margins=(16, 14, 16, 14), spacing=14),
            "raised",
        )
        place.layout().setStretch(1, 1)  # type: ignore[union-attr]
        self.other = button(tr("Choose another…"), "mdi6.folder-edit-outline", on_click=self._choose_library)
        return holder(column(words, 8, place, row(self.other, None), None, spacing=10))

    def _base_step(self) -> QWidget:
        words = label(tr(
            "Personas are thin layers over one base model, which stays in memory while you switch between them. "
            "The starter is small (135M) and runs on any machine; a larger one speaks better."
        ), "muted", wrap=True)  # fmt: skip
        self._have = label("", "good", wrap=True)
        self.get = button(tr("Get the starter (about 93 MB)"), "mdi6.download", primary=True,
                          on_click=self.presenter.models.install_starter)  # fmt: skip
        self.own = button(tr("Use a model that I have…"), "mdi6.folder-plus-outline", on_click=self._add_folder)
        return holder(column(words, 8, row(self.get, self.own, None), self._have, self.work, None, spacing=10))

    def _samples_step(self) -> QWidget:
        words = label(tr("Three characters come with the studio: to meet, to train, and to break."), "muted", wrap=True)
        self._people = column(spacing=0)
        self.meet = button(
            tr("Add them to my library"), "mdi6.account-plus-outline", on_click=self.presenter.import_samples
        )
        self._met = label("", "good", wrap=True)
        return holder(column(words, 4, self._people, 4, row(self.meet, self._met, None, spacing=12), None, spacing=10))

    def open(self, **args: object) -> None:
        """Called when the page is shown."""
        self.presenter.step = 0
        self._show()

    def on_change(self, change: Change) -> None:
        """Read again what changed."""
        if self.isVisible() and change.kinds & {Kind.BASE, Kind.PERSONA, Kind.TRASH}:
            self._show()

    def _show(self) -> None:
        if not hasattr(self, "next"):
            return
        step = self.presenter.step
        self._title.setText(self.presenter.title())
        self._title.setAccessibleDescription(tr("Step {step} of {steps}", step=step + 1, steps=STEPS))
        self._steps.setCurrentIndex(step)
        for number, mark in enumerate(self._marks):
            set_kind(mark, "good" if number == step else "small")
        self.back.setVisible(step > 0)
        self.next.setText(tr("Start") if step == STEPS - 1 else tr("Next"))
        [self._show_library, self._show_base, self._show_samples][step]()

    def _show_library(self) -> None:
        self._path.setText(str(self.presenter.library()))

    def _show_base(self) -> None:
        have, working = self.presenter.base(), self.presenter.models.working()
        self._have.setText(tr("{name} is ready.", name=have) if have else "")
        self.get.setVisible(not have)
        self.get.setEnabled(working is None)
        self.own.setEnabled(working is None)
        self.work.show_work(working, self.presenter.models.trouble)

    def _show_samples(self) -> None:
        if self._people.count() == 0:
            shown = [_person(one) for one in self.presenter.samples()]
            if shown:
                self._people.addLayout(even(*shown, spacing=14))
        there = self.presenter.samples_are_there()
        self.meet.setVisible(not there and bool(self.presenter.samples()))
        self._met.setText(self.presenter.trouble or (tr("They are in your library.") if there else ""))
        set_kind(self._met, "bad" if self.presenter.trouble else "good")

    def _go(self, by: int) -> None:
        if self.presenter.go(by):
            self._navigator.open_page("personas")

    def _leave(self) -> None:
        self.presenter.finish()
        self._navigator.open_page("personas")

    def _add_folder(self) -> None:
        found = QFileDialog.getExistingDirectory(self._navigator.window_widget(), tr("Folder of a model"))
        if found:
            self.presenter.models.add(Path(found))

    def _choose_library(self) -> None:
        found = QFileDialog.getExistingDirectory(self._navigator.window_widget(), tr("Folder for the library"))
        if found:
            self._navigator.reopen(Path(found))


def _person(one: Sample) -> QFrame:
    name, tagline = label(one.name, "h2"), label(one.tagline, "small", wrap=True)
    for words in (name, tagline):
        words.setAlignment(Qt.AlignmentFlag.AlignHCenter)
    stripe = QFrame()
    stripe.setFixedHeight(3)
    stripe.setStyleSheet(f"background: {one.colour}; border-radius: 1px;")
    face = row(None, Portrait(84, one.name, one.colour, one.portrait), None)
    made = card(column(face, name, tagline, None, stripe, margins=(14, 16, 14, 12), spacing=8), "raised")
    made.setMinimumHeight(190)
    return made
