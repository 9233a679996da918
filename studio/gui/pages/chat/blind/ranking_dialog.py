"""Who is the better voice: the ranking by blind votes, for a persona or for everybody."""

from PySide6.QtWidgets import QComboBox, QDialog, QWidget

from studio.gui.pages.chat.blind.ranking_presenter import RankingPresenter
from studio.gui.theme.icons import set_icon
from studio.gui.widgets.basic import IconLabel, button, card, label, scrolling
from studio.gui.widgets.layouts import column, holder, row
from studio.gui.widgets.ranking_chart import RankingChart
from studio.texts import tr


class RankingDialog(QDialog):
    """The sentence first: what the votes say, or that they do not suffice."""

    def __init__(self, presenter: RankingPresenter, parent: QWidget | None) -> None:
        super().__init__(parent)
        self._presenter = presenter
        self.setWindowTitle(tr("Ranking"))
        self.resize(760, 560)
        self.persona = QComboBox()
        self.persona.setAccessibleName(tr("Whose voices"))
        self.persona.setMinimumWidth(180)
        for key, name in presenter.personas():
            self.persona.addItem(name, key)
        self.persona.activated.connect(self._chosen)
        self._sign, self.verdict = IconLabel("mdi6.podium", "accent", 22), label("", wrap=True)
        self.counts, self.apart = label("", "small", wrap=True), label("", "small", wrap=True)
        self.chart = RankingChart()
        self._key = label(tr("Points on Elo's scale: 100 more win 64 times in 100. Lines are 95 % intervals; an open "
                             "circle is not sure yet."), "small", wrap=True)  # fmt: skip
        self.undo = button(tr("Take the last vote back"), "mdi6.undo", quiet=True, on_click=self._undo)
        close = button(tr("Close"), on_click=self.accept)
        said = row(self._sign, self.verdict, spacing=12, margins=(14, 12, 14, 12))
        said.setStretch(1, 1)
        head = row(label(tr("Ranking"), "h1"), None, self.persona)
        whole = column(head, card(said), self.counts, scrolling(holder(column(self.chart, self.apart, None))),
                       self._key, row(self.undo, None, close), spacing=10, margins=(24, 20, 24, 18))  # fmt: skip
        whole.setStretch(3, 1)
        self.setLayout(whole)
        self.show_ranking()

    def show_ranking(self) -> None:
        """Read the votes again."""
        ranking = self._presenter.ranking()
        self.verdict.setText(ranking.verdict)
        set_icon(self._sign, "mdi6.podium" if ranking.enough else "mdi6.scale-balance",
                 "good" if ranking.enough else "muted")  # fmt: skip
        self.counts.setText(self._presenter.counts(ranking))
        self.chart.show_lines(self._presenter.lines(ranking))
        self.chart.setVisible(bool(ranking.rows))
        self._key.setVisible(bool(ranking.rows))
        self.apart.setText(self._presenter.apart(ranking))
        self.apart.setVisible(bool(ranking.apart))
        self.undo.setEnabled(self._presenter.can_undo)

    def _chosen(self) -> None:
        self._presenter.persona_id = self.persona.currentData()
        self.show_ranking()

    def _undo(self) -> None:
        self._presenter.undo_last()
        self.show_ranking()
