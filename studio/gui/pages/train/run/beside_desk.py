"""Which run stands beside the one looked at, and what of both is shown. Knows no Qt."""

from studio.gui.pages.train.run.beside import Beside, BesideRow, BesideRun, sentence_on
from studio.gui.pages.train.run.curves import RunCurves
from studio.gui.pages.train.run.presenter import RunPresenter
from studio.gui.theme import tokens

_ORDER = ("recipe", "results", "conditions")


class BesideDesk:
    """The other run's curves are read in pieces, as this one's are."""

    def __init__(self, presenter: RunPresenter) -> None:
        self._presenter = presenter
        self.other_id = ""
        self._curves = RunCurves("")

    def forget(self) -> None:
        """Another run is looked at: the choice is made anew."""
        self.choose("")

    def choose(self, other_id: str) -> None:
        """Take a run to compare with."""
        self.other_id = other_id
        self._curves = RunCurves(other_id)

    def others(self) -> list[tuple[str, str]]:
        """What can be chosen; the first of them is taken until one is."""
        found = self._presenter.others()
        if self.other_id not in {one for one, _ in found}:
            self.choose(found[0][0] if found else "")
        return found

    def read(self) -> bool:
        """Read the next piece of the other run's curves; True while more is to be read."""
        return self._presenter.read_other(self._curves)

    def beside(self) -> Beside:
        """Both."""
        found = self._presenter.compare(self.other_id)
        in_order = sorted(found.rows, key=lambda one: _ORDER.index(one.part))
        rows = tuple(
            BesideRow(label=one.label, first=one.first, second=one.second, differs=one.differs) for one in in_order
        )
        colours = [self._presenter.colour_of(one) or tokens.current().accent for one in (found.first, found.second)]
        if colours[0] == colours[1]:
            colours[1] = tokens.current().text
        recipe = sum(one.differs for one in found.rows if one.part == "recipe" and one.key != "data")
        own = self._presenter.curves
        return Beside(
            first=BesideRun(
                title=found.first_label, colour=colours[0], train=own.losses("train"), heldout=own.heldout()
            ),
            second=BesideRun(
                title=found.second_label, colour=colours[1], train=self._curves.losses("train"),
                heldout=self._curves.heldout(),
            ),
            rows=rows,
            words=sentence_on(rows, recipe, found.same_data),
            total_steps=max(found.first.total_steps, found.second.total_steps),
        )  # fmt: skip
