"""Find and replace, repairs, checks that are kept: worked out beside the window, stored as one act."""

from typing import Any

import pytest

from studio.domain.conversation import Conversation, Role, Turn
from studio.domain.data_changes import Replacing
from studio.domain.data_filter import Filter
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.services.job import Job, JobState
from studio.services.studio import Studio
from studio.services.text_replacing import Replacer
from tests.services.app_thread import AppThread


def ended(app: AppThread, job: Job[Any]) -> Any:
    app.until(lambda: job.ended)
    if job.error is not None:
        raise job.error
    return job.result


def texts(studio: Studio, persona: Persona) -> list[str]:
    return [turn.text for one in studio.data.conversations(persona.id, limit=1000) for turn in one.conversation.turns]


def said(text: str, *alternatives: str) -> Conversation:
    return Conversation(turns=(Turn(role=Role.PERSONA, text=text, alternatives=alternatives),))


@pytest.mark.parametrize(
    ("wanted", "before", "after"),
    [
        (Replacing(find="cat", replacement="dog"), "Cat, cats, concat", "dog, dogs, condog"),
        (Replacing(find="cat", replacement="dog", match_case=True), "Cat cat", "Cat dog"),
        (Replacing(find="cat", replacement="dog", whole_words=True), "cat cats (cat)", "dog cats (dog)"),
        (Replacing(find="a.c", replacement=r"\1"), "abc a.c", r"abc \1"),
        (Replacing(find=r"(\w+), (\w+)", replacement=r"\2 \1", regex=True), "one, two", "two one"),
        (Replacing(find="^- ", replacement="", regex=True), "- a\n- b", "a\nb"),
        (Replacing(find="straße", replacement="road", whole_words=True), "Die Straße.", "Die road."),
        (Replacing(find="x", roles=frozenset({Role.USER})), "x", "x"),
    ],
)
def test_words_are_replaced(wanted: Replacing, before: str, after: str) -> None:
    assert Replacer(wanted).replaced(said(before)).turns[0].text == after


def test_alternatives_are_replaced_and_nothing_found_is_the_same_object() -> None:
    replacer = Replacer(Replacing(find="cat", replacement="dog"))
    assert replacer.replaced(said("none", "a cat")).turns[0].alternatives == ("a dog",)
    nothing = said("none", "none")
    assert replacer.replaced(nothing) is nothing


@pytest.mark.parametrize("find", ["(a", "a{2,1}", "[", "(?P<a>x)(?P<a>y", "*"])
def test_a_bad_pattern_is_a_sentence(studio: Studio, persona: Persona, find: str) -> None:
    with pytest.raises(StudioError, match="pattern_invalid"):
        studio.data.preview_replace(persona.id, Replacing(find=find, regex=True))


def test_a_bad_replacement_is_a_sentence(studio: Studio, persona: Persona, app: AppThread) -> None:
    before = texts(studio, persona)
    with pytest.raises(StudioError, match="pattern_invalid"):
        ended(app, studio.data.replace_all(persona.id, Replacing(find="answer", replacement=r"\7", regex=True)))
    assert texts(studio, persona) == before
    with pytest.raises(StudioError, match="pattern_empty"):
        studio.data.preview_replace(persona.id, Replacing(find=""))


def test_a_catastrophic_pattern_is_given_up_and_changes_nothing(
    studio: Studio, persona: Persona, app: AppThread, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("studio.services.text_replacing.SECONDS_A_TEXT", 0.2)
    studio.data.add_conversations(persona.id, [said("a" * 60 + "!")], "The bait")
    before, acts = texts(studio, persona), studio.data.history(persona.id)
    with pytest.raises(StudioError, match="pattern_too_slow"):
        ended(app, studio.data.replace_all(persona.id, Replacing(find=r"(a|aa)+$|number", replacement="", regex=True)))
    assert texts(studio, persona) == before and studio.data.history(persona.id) == acts


def test_a_preview_shows_what_the_act_then_does(studio: Studio, persona: Persona, app: AppThread) -> None:
    wanted = Replacing(find="answer 1", replacement="reply one")
    preview = ended(app, studio.data.preview_replace(persona.id, wanted))
    assert (preview.conversations, preview.places) == (11, 11)
    first = preview.samples[0]
    assert "answer 1" in first.before and first.after == first.before.replace("answer 1", "reply one")
    before = texts(studio, persona)
    act = ended(app, studio.data.replace_all(persona.id, wanted))
    assert act.conversations == 11 and sum("reply one" in text for text in texts(studio, persona)) == 11
    assert studio.data.count(persona.id, search="reply") == 11
    studio.data.undo(act.token)
    assert texts(studio, persona) == before
    [only] = studio.data.ids(persona.id, Filter(text="talk 13 answer 14"))
    assert ended(app, studio.data.replace_all(persona.id, wanted, Filter(text="talk 13 answer 14"))).conversations == 1
    assert "reply one3" in studio.data.get(only).conversation.turns[1].text
    nothing = ended(app, studio.data.replace_all(persona.id, Replacing(find="nowhere")))
    assert (nothing.token, nothing.conversations) == ("", 0)


def test_what_is_edited_meanwhile_is_left_alone(studio: Studio, persona: Persona, app: AppThread) -> None:
    ids = studio.data.ids(persona.id)
    job = studio.data.replace_all(persona.id, Replacing(find="answer", replacement="reply"))
    studio.data.edit_turn(ids[-1], 1, text="my answer")
    studio.data.delete_conversations([ids[-2]])
    act = ended(app, job)
    assert act.conversations in (38, 39)  # the edit may have come before the last ones were read
    assert studio.data.get(ids[-1]).conversation.turns[1].text in ("my answer", "my reply")


def test_a_change_given_up_is_taken_back(studio: Studio, persona: Persona, app: AppThread) -> None:
    before, acts = texts(studio, persona), studio.data.history(persona.id)
    job = studio.data.replace_all(persona.id, Replacing(find="answer", replacement="reply"))
    app.until(lambda: len(studio.data.history(persona.id)) > len(acts))
    job.cancel()
    app.until(lambda: job.ended)
    assert job.state is JobState.CANCELLED
    assert texts(studio, persona) == before and studio.data.history(persona.id) == acts


def test_a_check_is_kept_until_the_data_moves_on(studio: Studio, persona: Persona, app: AppThread) -> None:
    assert studio.data.checked(persona.id) is None
    studio.data.add_conversations(persona.id, [said("As an AI language model, I cannot help with that.")], "One")
    report = ended(app, studio.data.check_now(persona.id))
    kept = studio.data.checked(persona.id)
    assert kept is not None and kept.fresh and kept.report == report and kept.checked_at
    [flagged] = report.flagged["assistant_boilerplate"]
    assert studio.data.ids(persona.id, Filter(finding="assistant_boilerplate")) == [flagged]
    assert ("assistant_boilerplate", 1) in studio.data.facets(persona.id).findings
    studio.data.edit_turn(studio.data.ids(persona.id)[0], 0, text="Moved on.")
    assert not studio.data.checked(persona.id).fresh  # type: ignore[union-attr]
    studio.data.undo_last(persona.id)
    assert studio.data.checked(persona.id).fresh  # type: ignore[union-attr]
    studio.personas.update(persona.id, greeting="Well met!")
    assert not studio.data.checked(persona.id).fresh  # type: ignore[union-attr]


def test_a_repair_is_previewed_made_and_undone(studio: Studio, persona: Persona, app: AppThread) -> None:
    wrong = [said("Aye. As an AI language model, I cannot help with that."), said("((brb)) The lamp is lit.")]
    studio.data.add_conversations(persona.id, wrong, "Two")
    report = ended(app, studio.data.check_now(persona.id))
    offered = [name for one in report.findings if one.code == "assistant_boilerplate" for name in one.repairs]
    assert offered
    before = texts(studio, persona)
    for name in offered:
        preview = ended(app, studio.data.preview_repair(persona.id, name))
        assert preview.conversations == 1
        act = ended(app, studio.data.repair(persona.id, name))
        assert act.conversations == 1 and act.label
        again = ended(app, studio.data.check_now(persona.id))
        assert "assistant_boilerplate" not in again.flagged
        studio.data.undo(act.token)
        assert texts(studio, persona) == before
    with pytest.raises(StudioError, match="repair_unknown"):
        studio.data.preview_repair(persona.id, "make_it_good")
