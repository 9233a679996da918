"""A list of changes as text: each with its place, and the words that go and come."""

import html
from collections.abc import Sequence

from PySide6.QtCore import QUrl, Signal
from PySide6.QtWidgets import QTextBrowser

from studio.gui.theme import tokens
from studio.gui.theme.switcher import switcher
from studio.gui.widgets.word_diff import ShownChange, condensed, diff, to_html
from studio.texts import tr

AROUND = 60


class DiffView(QTextBrowser):
    """One document for all of them: two hundred changes cost no more than one text."""

    opened = Signal(str)
    """The key of the change whose place was clicked."""

    def __init__(self, name: str) -> None:
        super().__init__()
        self.setAccessibleName(name)
        self.setOpenLinks(False)
        self.setAcceptDrops(False)
        self.anchorClicked.connect(lambda url: self.opened.emit(url.path()))
        self._changes: tuple[ShownChange, ...] = ()
        self._around = AROUND
        switcher().theme_changed.connect(self._write)  # a bound method: the connection goes with the widget

    def show_changes(self, changes: Sequence[ShownChange], around: int = AROUND) -> None:
        """Show changes, each with so many letters beside it of what stays the same."""
        self._changes, self._around = tuple(changes), around
        self._write()

    def _write(self) -> None:
        place = self.verticalScrollBar().value()
        self.setHtml("".join(self._block(change) for change in self._changes))
        self.verticalScrollBar().setValue(place)

    def _block(self, change: ShownChange) -> str:
        theme = tokens.current()
        head = html.escape(change.place)
        if change.key:
            address = QUrl.toPercentEncoding(change.key).toStdString()
            head = f'<a href="{address}" style="color:{theme.muted}; text-decoration:none;">{head}</a>'
        head = f'<p style="margin:10px 0 2px 0; color:{theme.muted}; font-size:12px;">{head}</p>'
        return f'{head}<p style="margin:0 0 6px 0; line-height:118%;">{self._words(change)}</p>'

    def _words(self, change: ShownChange) -> str:
        theme = tokens.current()
        after = "" if change.removed else change.after
        pieces = diff(change.before, after)
        said = to_html(
            condensed(pieces, self._around), removed=theme.bad, removed_ground=theme.bad_ground,
            added=theme.good, added_ground=theme.good_ground,
        )  # fmt: skip
        if change.removed:
            return f"<i>{html.escape(tr('Goes as a whole:'))}</i> {said}"
        return said
