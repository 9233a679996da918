"""The settings page: a form made from the declared settings, the library's place, and what this program is."""

from pathlib import Path
from typing import TYPE_CHECKING

from PySide6.QtCore import QUrl
from PySide6.QtGui import QDesktopServices
from PySide6.QtWidgets import QFrame, QGridLayout, QWidget

from studio.domain.changes import Change, Kind
from studio.gui.navigator import Navigator
from studio.gui.pages.settings.presenter import Presenter
from studio.gui.theme import tokens
from studio.gui.widgets.basic import button, card, label, scrolling
from studio.gui.widgets.layouts import column, holder, row
from studio.gui.widgets.option_form import OptionForm
from studio.gui.widgets.steady import steady
from studio.texts import tr

if TYPE_CHECKING:
    from studio.services.studio import Studio

_WIDTH = 720


class Page(QWidget):
    """Values are kept as soon as they are changed."""

    def __init__(self, studio: "Studio", navigator: Navigator) -> None:
        super().__init__()
        self._studio, self._navigator = studio, navigator
        self.presenter = Presenter(studio)
        self._made_from: object = None
        self._form_place = column(spacing=0)
        self.form: OptionForm | None = None
        self._about = QGridLayout()
        inner = column(self._preferences(), self._library(), self._about_card(), None, spacing=14, margins=(0, 0, 8, 0))
        body = holder(inner)
        body.setMaximumWidth(_WIDTH)
        centred = row(body, None)
        centred.setStretch(0, 1000)
        whole = column(
            label(tr("Settings"), "display"), 4, scrolling(holder(centred)), margins=tokens.PAGE_MARGINS, spacing=10
        )
        whole.setStretch(2, 1)
        self.setLayout(whole)
        self._show()

    def _preferences(self) -> QFrame:
        self._note = label(tr("A changed language is spoken from the next start on."), "small", wrap=True)
        return card(column(label(tr("Preferences"), "h2"), 2, self._form_place, self._note, margins=(18, 16, 18, 16)))

    def _library(self) -> QFrame:
        self._path = label(str(self.presenter.library()), "muted", wrap=True, selectable=True)
        show = button(tr("Open folder"), "mdi6.folder-open-outline", on_click=lambda: _reveal(self.presenter.library()),
                      name=tr("Open the library's folder"))  # fmt: skip
        line = row(self._path, show, spacing=12)
        line.setStretch(0, 1)
        words = label(
            tr("Personas, chats, runs and adapters; a copy of this folder is a whole backup."), "small", wrap=True
        )
        return card(column(label(tr("Library"), "h2"), line, words, margins=(18, 16, 18, 16)))

    def _about_card(self) -> QFrame:
        self._about.setHorizontalSpacing(24)
        self._about.setVerticalSpacing(6)
        self._about.setColumnStretch(1, 1)
        logs = button(
            tr("Open the log folder"), "mdi6.text-box-outline", on_click=lambda: _reveal(self.presenter.logs())
        )
        again = button(tr("Show the introduction again"), "mdi6.school-outline",
                       on_click=lambda: self._navigator.open_page("first_start"))  # fmt: skip
        return card(
            column(
                label(tr("About Persona Studio"), "h2"),
                self._about,
                2,
                row(logs, again, None),
                margins=(18, 16, 18, 16),
            )
        )

    def open(self, **args: object) -> None:
        """Called when the page is shown."""
        self._show()

    def on_change(self, change: Change) -> None:
        """Read again what changed."""
        if change.kinds & {Kind.SETTING, Kind.BASE, Kind.ENGINE}:
            self._show()

    def _show(self) -> None:
        options = self.presenter.options()
        if options != self._made_from:
            self._made_from = options
            self._make_form()
        if self.form is not None:
            self.form.show_values(self.presenter.values())
        for line, (name, value) in enumerate(self.presenter.about()):
            self._cell(line, 0, name, "muted")
            self._cell(line, 1, value, "")

    def _make_form(self) -> None:
        if self.form is not None:
            self._form_place.removeWidget(self.form)
            self.form.hide()
            self.form.deleteLater()
        self.form = OptionForm(
            self.presenter.options(),
            self.presenter.values(),
            field_width=240,
            choice_labels=self.presenter.labels(),
            helped=True,
        )
        self.form.changed.connect(self._set)
        self._form_place.addWidget(self.form)
        steady(self.form)

    def _set(self, name: str, value: object) -> None:
        problem = self.presenter.set(name, value)
        if problem:
            self._navigator.toast(problem)

    def _cell(self, line: int, place: int, words: str, kind: str) -> None:
        found = self._about.itemAtPosition(line, place)
        if found is None:
            self._about.addWidget(label(words, kind, selectable=place == 1), line, place)
        else:
            found.widget().setText(words)  # type: ignore[union-attr, attr-defined]


def _reveal(folder: Path) -> None:
    QDesktopServices.openUrl(QUrl.fromLocalFile(str(folder)))
