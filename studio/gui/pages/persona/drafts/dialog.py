"""Examples from a card alone: what to ask stands left, the draft to decide on right."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

import shiboken6
from PySide6.QtCore import Qt, QTimer
from PySide6.QtWidgets import QDialog, QLabel, QPlainTextEdit, QProgressBar, QSpinBox, QStackedWidget, QWidget

from studio.domain.changes import Change, Kind
from studio.domain.drafts import Draft
from studio.domain.errors import StudioError
from studio.gui.navigator import Navigator
from studio.gui.pages.persona.drafts.card import DraftCard
from studio.gui.pages.persona.drafts.presenter import DraftsPresenter, KindRow
from studio.gui.theme import tokens
from studio.gui.widgets.basic import button, card, empty_state, label
from studio.gui.widgets.layouts import column, holder, row
from studio.gui.widgets.portrait import Portrait
from studio.gui.widgets.share_bar import Share, ShareBar
from studio.texts import tr, tr_plural

if TYPE_CHECKING:
    from studio.services.job import Job, Progress
    from studio.services.replies import ReplyRow
    from studio.services.studio import Studio

PROMPT_DELAY_MS = 800


class DraftsDialog(QDialog):
    """Every decision is stored as it is made; closing loses nothing."""

    def __init__(self, studio: Studio, navigator: Navigator, persona_id: str) -> None:
        super().__init__(navigator.window_widget())
        self._navigator = navigator
        self.presenter = DraftsPresenter(studio, persona_id)
        self._writing: Job[int] | None = None
        self.counts: dict[str, QSpinBox] = {}
        self._left_labels: dict[str, QLabel] = {}
        self.setWindowTitle(tr("Examples from the card of {name}", name=self.presenter.persona.name))
        self.resize(1080, 720)
        self.setLayout(row(self._left(studio), self._right(), spacing=18, margins=(22, 20, 22, 18)))
        self.layout().setStretch(1, 1)  # type: ignore[union-attr]
        self._unsubscribe = studio.changes.subscribe(self._on_change)
        self._show()

    # -- left: what to ask --------------------------------------------------------------------------------------

    def _left(self, studio: Studio) -> QWidget:
        persona = self.presenter.persona
        face = Portrait(tokens.PORTRAIT_HEADER)
        face.show_persona(persona.name, persona.colour, studio.personas.portrait_path(persona))
        words = label(
            tr("The base answers our questions as the card describes {name}. You decide what goes into the data.",
               name=persona.name), "small", wrap=True,
        )  # fmt: skip
        asked = [self._kind_row(one) for one in self.presenter.kinds()]
        parts = column(row(face, label(persona.name, "h1"), None, spacing=12), words, 6, self._prompt_part(), 6)
        parts.addWidget(label(tr("What to ask"), "h2"))
        for one in asked:
            parts.addWidget(one)
        parts.addStretch(1)
        parts.addWidget(self._writing_part())
        left = holder(parts)
        left.setFixedWidth(340)
        return left

    def _prompt_part(self) -> QWidget:
        self.prompt = QPlainTextEdit(self.presenter.prompt())
        self.prompt.setAccessibleName(tr("System prompt"))
        self.prompt.setFixedHeight(96)
        self.prompt.setTabChangesFocus(True)
        self._keeping = QTimer(self)
        self._keeping.setSingleShot(True)
        self._keeping.setInterval(PROMPT_DELAY_MS)
        self._keeping.timeout.connect(self._keep_prompt)
        self.prompt.textChanged.connect(self._keeping.start)
        why = label(tr("The card's short form; it stands before every conversation."), "small", wrap=True)
        return holder(column(label(tr("System prompt"), "h2"), self.prompt, why, spacing=4))

    def _keep_prompt(self) -> None:
        self.presenter.set_prompt(self.prompt.toPlainText())

    def _kind_row(self, shown: KindRow) -> QWidget:
        count = QSpinBox()
        count.setRange(0, shown.left)
        count.setValue(shown.suggested)
        count.setFixedWidth(86)
        count.setAccessibleName(tr("How many: {kind}", kind=shown.title))
        count.valueChanged.connect(lambda _: self._show_button())
        self.counts[shown.kind] = count
        left = label(tr("{count} left", count=shown.left), "small")
        self._left_labels[shown.kind] = left
        made = holder(row(label(shown.title), None, left, count))
        made.setToolTip(shown.why)
        return made

    def _writing_part(self) -> QWidget:
        self.write = button("", "mdi6.creation-outline", primary=True, on_click=self.start_writing)
        self._bar = QProgressBar()
        self._bar.setAccessibleName(tr("Examples being written"))
        self._stop = button(tr("Stop"), on_click=self.stop_writing)
        self._busy = holder(row(self._bar, self._stop))
        self._busy.hide()
        return holder(column(self._busy, self.write, spacing=8))

    def _show_button(self) -> None:
        count = sum(one.value() for one in self.counts.values())
        words = tr_plural("Write {count} example", "Write {count} examples", count)
        self.write.setText(words)
        self.write.setAccessibleName(words)
        self.write.setEnabled(bool(count) and self._writing is None)

    def start_writing(self) -> None:
        """Have the base answer; the first drafts can be decided while the others are written."""
        self._keep_prompt()
        try:
            self._writing = self.presenter.write({kind: one.value() for kind, one in self.counts.items()})
        except StudioError as error:
            self._navigator.show_error(error)
            return
        self._bar.setRange(0, 0)
        self._busy.show()
        self._show_button()
        self._writing.on_progress(self._advanced).on_end(self._written)

    def stop_writing(self) -> None:
        """Stop; what was written stays."""
        if self._writing is not None:
            self._writing.cancel()

    def _advanced(self, progress: Progress) -> None:
        if shiboken6.isValid(self):
            self._bar.setRange(0, round(progress.total) if progress.what == "writing_drafts" else 0)
            self._bar.setValue(round(progress.done))

    def _written(self, job: Job[int]) -> None:
        self._writing = None
        if not shiboken6.isValid(self):
            return
        self._busy.hide()
        if job.error and job.error.code != "cancelled":
            self._navigator.show_error(job.error)
        for shown in self.presenter.kinds():
            self.counts[shown.kind].setMaximum(shown.left)
            self._left_labels[shown.kind].setText(tr("{count} left", count=shown.left))
        self._show()

    # -- right: what to decide ----------------------------------------------------------------------------------

    def _right(self) -> QWidget:
        self._progress = label("", "muted")
        self._shares = ShareBar(tr("Decisions"))
        self.card = DraftCard()
        self.card.accept_requested.connect(self._accept)
        self.card.reject_requested.connect(lambda: self._act(self.presenter.reject))
        self.card.later_requested.connect(lambda: self._act(self.presenter.later))
        self.card.another_requested.connect(self._another)
        self.card.take_back_requested.connect(self._take_back)
        self._stack = QStackedWidget()
        self._stack.setObjectName("clear")
        self._stack.addWidget(self.card)
        self._stack.addWidget(card(column(self._nothing())))
        done = button(tr("Done"), on_click=self.accept)
        whole = column(row(self._progress, None), self._shares, self._stack, row(None, done), spacing=10)
        whole.setStretch(2, 1)
        return holder(whole)

    def _nothing(self) -> QWidget:
        words = tr(
            "Choose what to ask on the left. Then decide on each reply with one key: A accept, E edit, R reject. "
            "A small base writes weak replies; editing them is where the voice comes from."
        )
        return empty_state("mdi6.card-account-details-outline", tr("Nothing waits for you"), words)

    def _show(self) -> None:
        draft = self.presenter.current()
        self._stack.setCurrentIndex(0 if draft else 1)
        if draft is not None:
            self.card.show_draft(draft, self.presenter.persona, self.presenter.kind_words(draft))
        self._progress.setText(self.presenter.progress())
        taken, refused, waiting = self.presenter.shares()
        self._shares.show_shares((
            Share(tr("accepted"), taken, "good"), Share(tr("rejected"), refused, "bad"),
            Share(tr("waiting"), waiting, "faint"),
        ))  # fmt: skip
        self._show_button()

    def _on_change(self, change: Change) -> None:
        if Kind.DRAFT in change.kinds and not self.card.is_editing:
            self._show()

    def _accept(self, text: str) -> None:
        self._act(lambda draft: self.presenter.accept(draft, text))

    def _act(self, decide: Callable[[Draft], object]) -> None:
        draft = self.presenter.current()
        if draft is None:
            return
        self.card.stop_editing()
        try:
            decide(draft)
        except StudioError as error:
            self._navigator.show_error(error)
        self._show()
        self.card.setFocus()

    def _another(self) -> None:
        draft = self.presenter.current()
        if draft is None:
            return
        try:
            replying = self.presenter.another(draft)
        except StudioError as error:
            self._navigator.show_error(error)
            return
        self.card.set_waiting(True)
        said: list[str] = []
        replying.on_delta(lambda _, piece: self._streamed(draft, said, piece))
        replying.on_end(self._renewed)

    def _streamed(self, draft: Draft, said: list[str], piece: str) -> None:
        said.append(piece)
        if shiboken6.isValid(self):
            self.card.show_words("".join(said))

    def _renewed(self, job: Job[list[ReplyRow]]) -> None:
        if not shiboken6.isValid(self):
            return
        self.card.set_waiting(False)
        if job.error and job.error.code != "cancelled":
            self._navigator.show_error(job.error)
        self._show()

    def _take_back(self) -> None:
        if not self.presenter.take_back():
            self._navigator.toast(tr("There is no decision to take back."))
        self._show()

    def done(self, result: int) -> None:
        """Qt's: stop writing; what was written stays."""
        self._keep_prompt()
        self._unsubscribe()
        self.stop_writing()
        super().done(result)


def open_drafts(studio: Studio, navigator: Navigator, persona_id: str) -> DraftsDialog:
    """Open the dialog."""
    dialog = DraftsDialog(studio, navigator, persona_id)
    dialog.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
    dialog.open()
    return dialog
