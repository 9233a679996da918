"""Reading samples whole: two steps beside each other, with the words that differ marked."""

import html
from collections.abc import Callable, Sequence

from PySide6.QtWidgets import QCheckBox, QComboBox, QDialog, QTextBrowser, QWidget

from studio.gui.pages.train.run.samples import Prompt, SampleCell
from studio.gui.theme import tokens
from studio.gui.theme.switcher import switcher
from studio.gui.widgets.basic import button, label
from studio.gui.widgets.layouts import Part, column, row
from studio.gui.widgets.steady import steady
from studio.gui.widgets.word_diff import ADDED, REMOVED, SAME, Piece, diff, to_html
from studio.texts import tr


class SampleReader(QDialog):
    """``cells_of(key)`` gives the answers to a prompt; asked again at every choice, so that new ones appear."""

    def __init__(
        self, parent: QWidget | None, prompts: Sequence[Prompt], cells_of: Callable[[str], list[SampleCell]]
    ) -> None:
        super().__init__(parent)
        self.setWindowTitle(tr("What it says"))
        self.resize(860, 520)
        self._cells_of = cells_of
        self.prompt = self._choice(tr("Prompt"))
        for one in prompts:
            self.prompt.addItem(one.words, one.key)
        self.first, self.second = self._choice(tr("Step on the left")), self._choice(tr("Step on the right"))
        self.marks = QCheckBox(tr("Mark the words that differ"))
        self.marks.setChecked(True)
        self.marks.toggled.connect(lambda _: self._write())
        self.left, self.right = self._page(tr("Answer on the left")), self._page(tr("Answer on the right"))
        self._left_facts, self._right_facts = label("", "small"), label("", "small")
        self.prompt.activated.connect(lambda _: self._prompt_chosen())
        for choice in (self.first, self.second):
            choice.activated.connect(lambda _: self._write())
        self._build()
        switcher().theme_changed.connect(self._write)
        steady(self)

    def _choice(self, name: str) -> QComboBox:
        made = QComboBox()
        made.setAccessibleName(name)
        made.setSizeAdjustPolicy(QComboBox.SizeAdjustPolicy.AdjustToMinimumContentsLengthWithIcon)
        made.setMinimumContentsLength(12)
        return made

    def _page(self, name: str) -> QTextBrowser:
        made = QTextBrowser()
        made.setAccessibleName(name)
        made.setOpenLinks(False)
        return made

    def _build(self) -> None:
        def side(choice: QComboBox, page: QTextBrowser, facts: Part) -> Part:
            made = column(choice, page, facts, spacing=8)
            made.setStretch(1, 1)
            return made

        top = row(label(tr("Prompt"), "small"), self.prompt, spacing=10)
        top.setStretch(1, 1)
        sides = row(
            side(self.first, self.left, self._left_facts), side(self.second, self.right, self._right_facts), spacing=14
        )
        sides.setStretch(0, 1)
        sides.setStretch(1, 1)
        close = button(tr("Close"), on_click=self.close)
        whole = column(top, sides, row(self.marks, None, close), spacing=12, margins=(20, 18, 20, 16))
        whole.setStretch(1, 1)
        self.setLayout(whole)

    def show_step(self, key: str, step: int) -> None:
        """Read the answer at a step, with the one before it at its left."""
        self.prompt.setCurrentIndex(max(self.prompt.findData(key), 0))
        cells = self._cells_of(self.prompt.currentData())
        steps = [one.step for one in cells]
        before = max([one for one in steps if one < step], default=step)
        self._fill(cells, before, step)

    def _prompt_chosen(self) -> None:
        self._fill(self._cells_of(self.prompt.currentData()), self.first.currentData(), self.second.currentData())

    def _fill(self, cells: Sequence[SampleCell], first: int | None, second: int | None) -> None:
        for choice, step in ((self.first, first), (self.second, second)):
            choice.clear()
            for one in cells:
                choice.addItem(one.title, one.step)
            choice.setCurrentIndex(max(choice.findData(step), 0))
        self._write()

    def _write(self) -> None:
        cells = {one.step: one for one in self._cells_of(self.prompt.currentData())}
        first, second = cells.get(self.first.currentData()), cells.get(self.second.currentData())
        before, after = (first.text if first else ""), (second.text if second else "")
        pieces = diff(before, after) if self.marks.isChecked() else []
        self._show(self.left, before, [one for one in pieces if one.kind != ADDED])
        self._show(self.right, after, [one for one in pieces if one.kind != REMOVED])
        self._left_facts.setText(first.copied_words if first and first.step else "")
        self._right_facts.setText(second.copied_words if second and second.step else "")

    def _show(self, page: QTextBrowser, text: str, pieces: Sequence[Piece]) -> None:
        theme = tokens.current()
        said = to_html(
            list(pieces) or [Piece(SAME, text)], removed=theme.bad, removed_ground=theme.bad_ground,
            added=theme.good, added_ground=theme.good_ground,
        )  # fmt: skip
        if not text:
            said = f"<i>{html.escape(tr('no words'))}</i>"
        page.setHtml(f'<div style="line-height:128%; font-size:14px;">{said}</div>')
