"""The ranking by blind votes as lines to be painted. Knows no Qt."""

from typing import TYPE_CHECKING

from studio.domain.errors import StudioError
from studio.gui.widgets.ranking_line import RankingLine
from studio.texts import tr, tr_plural

if TYPE_CHECKING:
    from studio.services.studio import Studio
    from studio.services.vote_ranking import Ranking, RankingRow


class RankingPresenter:
    """Reads; the last vote can be taken back."""

    def __init__(self, studio: "Studio") -> None:
        self._studio = studio
        self.persona_id = ""

    def personas(self) -> list[tuple[str, str]]:
        """Id and name of each persona that was voted on; everybody together first."""
        voted = {key for vote in self._studio.votes.list() for reply in vote.replies for key in reply.personas}
        named = [(one.persona.id, one.persona.name) for one in self._studio.personas.list()]
        return [("", tr("Everybody")), *(one for one in named if one[0] in voted)]

    def ranking(self) -> "Ranking":
        """Who is better, as far as the votes say."""
        return self._studio.votes.ranking(self.persona_id)

    def lines(self, ranking: "Ranking") -> list[RankingLine]:
        """A line for each contestant, the best first."""
        return [self._line(row, ranking) for row in ranking.rows]

    def counts(self, ranking: "Ranking") -> str:
        """How many votes were counted, and which were not."""
        parts = [tr_plural("{count} blind vote", "{count} blind votes", ranking.votes)]
        if ranking.bad:
            parts.append(tr("in {count} of them all were bad", count=ranking.bad))
        if ranking.with_names:
            parts.append(tr_plural("{count} vote with names is not counted", "{count} votes with names are not counted",
                                   ranking.with_names))  # fmt: skip
        return " · ".join(parts)

    def apart(self, ranking: "Ranking") -> str:
        """Who cannot be compared with the others."""
        return tr("Never met the others: {names}", names=", ".join(ranking.apart)) if ranking.apart else ""

    @property
    def can_undo(self) -> bool:
        """True when there is a vote to take back."""
        return bool(self._studio.votes.list())

    def undo_last(self) -> None:
        """Take the newest vote back."""
        votes = self._studio.votes.list()
        if votes:
            self._studio.votes.undo(votes[-1].id)

    def _line(self, row: "RankingRow", ranking: "Ranking") -> RankingLine:
        counts = tr("{wins} won · {losses} lost", wins=row.wins, losses=row.losses)
        counts = tr("{counts} · {ties} tied", counts=counts, ties=row.ties) if row.ties else counts
        return RankingLine(
            name=row.label, detail=counts, colour=self._colour(row), score=row.score, low=row.low, high=row.high,
            counts=_figure(row), sure=row.enough, is_reference=row.is_reference, words=_spoken(row, ranking, counts),
        )  # fmt: skip

    def _colour(self, row: "RankingRow") -> str:
        try:
            return str(self._studio.chats.label(row.contestant).colour)
        except StudioError:  # its adapter was deleted since
            return ""


def _figure(row: "RankingRow") -> str:
    if row.is_reference:
        return tr("compared with this")
    return f"{_points(row.score)}  ({_points(row.low)} … {_points(row.high)})"


def _points(score: float) -> str:
    """Signed and whole; what rounds to nothing has no sign."""
    return f"{round(score):+d}" if round(score) else "0"


def _spoken(row: "RankingRow", ranking: "Ranking", counts: str) -> str:
    if row.is_reference:
        return tr("{name}: the others are compared with this one; {counts}", name=row.label, counts=counts)
    against = ranking.reference or tr("the mean of the others")
    said = tr(
        "{name}: wins against {against} with a chance of {chance} % (95 %: {low} to {high} %); {counts}",
        name=row.label, against=against, chance=round(100 * row.win_chance), low=round(100 * row.chance_low),
        high=round(100 * row.chance_high), counts=counts,
    )  # fmt: skip
    return said if row.enough else tr("{said}; not sure yet", said=said)
