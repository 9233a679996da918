"""Drafts wait, checks are kept."""

import dataclasses

from studio.checks import CheckReport
from studio.domain.data_filter import Filter
from studio.domain.drafts import Draft, DraftState
from studio.library.check_store import KeptCheck
from studio.library.library import Library
from tests.library.examples import DRAFT, PERSONA, fill


def test_drafts_by_state(library: Library) -> None:
    fill(library)
    more = [dataclasses.replace(DRAFT, id=f"draft-{n}", details={"seed": n, "odd": [None]}) for n in range(2, 6)]
    library.drafts.add_many(more)
    assert library.drafts.get("draft-3") == more[1]
    assert library.drafts.update(dataclasses.replace(more[0], reply="Hm!", state=DraftState.EDITED))
    assert not library.drafts.update(Draft(id="nobody", persona_id=PERSONA.id, kind="", prompt="", reply=""))
    assert [one.id for one in library.drafts.page(PERSONA.id, DraftState.NEW, 1, 2)] == ["draft-3", "draft-4"]
    assert library.drafts.count(PERSONA.id)[DraftState.NEW] == 4
    assert library.drafts.count(PERSONA.id)[DraftState.REJECTED] == 0
    assert library.drafts.remove(["draft-1", "nobody"]) == 1


def test_a_report_is_kept_and_filters(library: Library) -> None:
    ids = fill(library)
    kept = library.checks.get(PERSONA.id)
    assert kept is not None and kept.report.flagged == {"one_word_turns": (ids[0],)}
    assert library.conversations.ids(PERSONA.id, Filter(finding="one_word_turns")) == [ids[0]]
    newer = KeptCheck(report=CheckReport(conversations=3), stamp="x", checked_at="now")
    library.checks.put(PERSONA.id, newer)
    library.checks.mark(PERSONA.id, {"same_opening": ids})
    assert library.checks.get(PERSONA.id) == newer
    assert library.conversations.ids(PERSONA.id, Filter(finding="one_word_turns")) == []
    assert library.conversations.ids(PERSONA.id, Filter(finding="same_opening")) == ids
    assert library.checks.get("nobody") is None


def test_a_report_of_another_kind_is_as_good_as_none(library: Library) -> None:
    fill(library)
    library._database.write("UPDATE stored_checks SET report = '{\"findings\": 7}'")
    assert library.checks.get(PERSONA.id) is None
