"""Teaching from a chat: what a reply becomes in the data, what it was preferred over, and every way back."""

from collections.abc import Callable

import pytest

from studio.domain.base_model import BaseModel
from studio.domain.chat import ChatSettings, Contestant
from studio.domain.conversation import CHOSEN, GENERATED, Conversation, Role, Turn
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.domain.preferences import passed_over, preferred_turns
from studio.services.run_data import check_preferences
from studio.services.studio import Studio
from studio.texts import sentence
from tests.services.app_thread import AppThread
from tests.services.voices import add_adapter, asked, of, said_by_hand, swiped, tip


@pytest.fixture
def quill(studio: Studio) -> Persona:
    """A persona without data, with greetings."""
    persona = studio.personas.create("Quill")
    return studio.personas.update(
        persona.id, system_prompt="You are {{char}}.", greeting="Good evening, {{user}}.", alternate_greetings=("Hm?",)
    )


@pytest.fixture
def chat(studio: Studio, app: AppThread, base: BaseModel, quill: Persona) -> str:
    """A chat with one answered question to Quill's adapter."""
    made = studio.chats.create("By the fire", [of(add_adapter(studio, base, quill.id, "Quill v1"))])
    asked(studio, app, made.id, "Who lit the lamp?", seed=1)
    return made.id


def data(studio: Studio, persona: Persona) -> list[Conversation]:
    return [one.conversation for one in studio.data.conversations(persona.id)]


def code_of(act: Callable[[], object]) -> str:
    with pytest.raises(StudioError) as raised:
        act()
    assert sentence(raised.value)
    return raised.value.code


def test_a_reply_becomes_a_conversation_that_says_where_it_came_from(studio: Studio, chat: str, quill: Persona) -> None:
    reply = tip(studio, chat)
    taught = studio.teaching.teach(chat, 0, reply.id)
    (conversation,) = data(studio, quill)
    assert [(turn.role, turn.text) for turn in conversation.turns] == [
        (Role.USER, "Who lit the lamp?"), (Role.PERSONA, reply.text),
    ]  # fmt: skip
    assert conversation.turns[1].train and conversation.turns[1].marks == (GENERATED, CHOSEN)
    assert (conversation.source, conversation.tags, conversation.title) == ("chat", ("taught",), "By the fire")
    origin = studio.teaching.origin(taught.conversation_id)
    assert origin and (origin.chat_id, origin.message_id, origin.title) == (chat, reply.id, "By the fire")
    assert studio.teaching.taught(chat) == {reply.id} and not taught.updated


def test_what_was_passed_over_is_rejected_and_a_thumb_up_is_not(
    studio: Studio, app: AppThread, chat: str, quill: Persona
) -> None:
    first = tip(studio, chat)
    liked, chosen = (swiped(studio, app, chat, 0, seed) for seed in (2, 3))
    broken = said_by_hand(studio, chat, 0, "…")
    studio.chats.choose(chat, 0, chosen.id)
    studio.chats.rate(liked.id, 1)
    taught = studio.teaching.teach(chat, 0, chosen.id)
    (conversation,) = data(studio, quill)
    assert conversation.turns[-1].alternatives == (first.text,) and taught.alternatives == 1
    assert broken.parent_id == chosen.id  # it stands below, so it was never a swipe


def test_a_reply_edited_by_hand_is_the_user_s_own_and_beats_what_it_was_made_of(
    studio: Studio, chat: str, quill: Persona
) -> None:
    before = tip(studio, chat)
    studio.chats.edit(chat, 0, before.id, "I lit it. Somebody has to.")
    studio.teaching.teach(chat, 0, tip(studio, chat).id)
    turn = data(studio, quill)[0].turns[-1]
    assert (turn.text, turn.marks) == ("I lit it. Somebody has to.", (CHOSEN,))
    assert turn.alternatives == (before.text,)


def test_a_reply_that_was_gone_on_with_does_not_lose_against_itself(
    studio: Studio, app: AppThread, chat: str, quill: Persona
) -> None:
    job = studio.chats.continue_reply(chat, 0, seed=5)
    app.until(lambda: job.ended)
    studio.teaching.teach(chat, 0, tip(studio, chat).id)
    assert data(studio, quill)[0].turns[-1].alternatives == ()


def test_only_what_was_chosen_is_trained_and_a_branch_is_one_conversation(
    studio: Studio, app: AppThread, chat: str, quill: Persona
) -> None:
    first = tip(studio, chat)
    asked(studio, app, chat, "And who put it out?", seed=2)
    second = tip(studio, chat)
    asked(studio, app, chat, "Why?", seed=3)
    third = tip(studio, chat)
    one = studio.teaching.teach(chat, 0, second.id)
    assert trained(data(studio, quill)[0]) == [second.text] and len(data(studio, quill)[0].turns) == 4
    two = studio.teaching.teach(chat, 0, third.id)
    assert two.conversation_id == one.conversation_id and two.updated
    three = studio.teaching.teach(chat, 0, first.id)
    (conversation,) = data(studio, quill)
    assert trained(conversation) == [first.text, second.text, third.text] and len(conversation.turns) == 6
    assert studio.teaching.taught(chat) == {first.id, second.id, third.id}
    for taught, left in ((three, {second.id, third.id}), (two, {second.id}), (one, set())):
        studio.teaching.undo(taught.undo)
        assert studio.teaching.taught(chat) == left
    assert data(studio, quill) == []


def trained(conversation: Conversation) -> list[str]:
    return [turn.text for turn in conversation.persona_turns if turn.train]


def test_another_branch_is_another_conversation(studio: Studio, app: AppThread, chat: str, quill: Persona) -> None:
    first = tip(studio, chat)
    asked(studio, app, chat, "And then?", seed=2)
    there = studio.teaching.teach(chat, 0, tip(studio, chat).id)
    studio.chats.branch(chat, 0, first.id)
    asked(studio, app, chat, "Instead?", seed=3)
    here = studio.teaching.teach(chat, 0, tip(studio, chat).id)
    assert here.conversation_id != there.conversation_id and len(data(studio, quill)) == 2


def test_the_same_reply_taught_again_renews_its_conversation(
    studio: Studio, app: AppThread, chat: str, quill: Persona
) -> None:
    first = tip(studio, chat)
    once = studio.teaching.teach(chat, 0, first.id)
    other = swiped(studio, app, chat, 0, seed=8)
    again = studio.teaching.teach(chat, 0, first.id)
    assert again.conversation_id == once.conversation_id and again.updated
    assert data(studio, quill)[0].turns[-1].alternatives == (other.text,)
    studio.teaching.undo(again.undo)
    assert data(studio, quill)[0].turns[-1].alternatives == ()


def test_what_was_edited_on_the_bench_is_not_overwritten_from_further_down(
    studio: Studio, app: AppThread, chat: str, quill: Persona
) -> None:
    taught = studio.teaching.teach(chat, 0, tip(studio, chat).id)
    studio.data.edit_turn(taught.conversation_id, 0, text="Who, pray, lit the lamp?")
    asked(studio, app, chat, "And then?", seed=2)
    further = studio.teaching.teach(chat, 0, tip(studio, chat).id)
    assert further.conversation_id != taught.conversation_id
    assert {one.turns[0].text for one in data(studio, quill)} == {"Who, pray, lit the lamp?", "Who lit the lamp?"}


def test_deleted_on_the_bench_it_is_not_taught_any_more_and_can_be_taught_again(
    studio: Studio, chat: str, quill: Persona
) -> None:
    reply = tip(studio, chat)
    taught = studio.teaching.teach(chat, 0, reply.id)
    studio.data.delete_conversations([taught.conversation_id])
    assert studio.teaching.taught(chat) == set()
    assert studio.teaching.teach(chat, 0, reply.id).conversation_id != taught.conversation_id
    assert len(data(studio, quill)) == 1


def test_words_that_are_said_twice_are_told_apart(studio: Studio, app: AppThread, chat: str, quill: Persona) -> None:
    studio.chats.edit(chat, 0, tip(studio, chat).id, "Aye.")
    first = tip(studio, chat)
    asked(studio, app, chat, "Truly?", seed=2)
    studio.chats.edit(chat, 0, tip(studio, chat).id, "Aye.")
    second = tip(studio, chat)
    studio.teaching.teach(chat, 0, first.id)
    studio.teaching.teach(chat, 0, second.id)
    studio.teaching.untaught(first.id)
    assert studio.teaching.taught(chat) == {second.id}
    assert [turn.train for turn in data(studio, quill)[0].persona_turns] == [False, True]


def test_taking_back_switches_off_one_reply_or_takes_the_last_one_s_conversation_away(
    studio: Studio, app: AppThread, chat: str, quill: Persona
) -> None:
    first = tip(studio, chat)
    studio.teaching.teach(chat, 0, first.id)
    asked(studio, app, chat, "And then?", seed=2)
    second = tip(studio, chat)
    studio.teaching.teach(chat, 0, second.id)
    studio.teaching.untaught(second.id)
    assert trained(data(studio, quill)[0]) == [first.text] and studio.teaching.taught(chat) == {first.id}
    token = studio.teaching.untaught(first.id)
    assert data(studio, quill) == [] and code_of(lambda: studio.teaching.untaught(first.id)) == "not_taught"
    studio.teaching.undo(token)
    assert studio.teaching.taught(chat) == {first.id}


def test_words_that_the_data_has_already_are_not_doubled(studio: Studio, chat: str, quill: Persona) -> None:
    first = studio.teaching.teach(chat, 0, tip(studio, chat).id)
    copy = studio.chats.copy_branch(chat, 0, tip(studio, chat).id)
    again = studio.teaching.teach(copy.id, 0, tip(studio, copy.id).id)
    assert again.conversation_id == first.conversation_id and len(data(studio, quill)) == 1


def test_nothing_new_is_no_act_and_the_bench_s_tags_stay(studio: Studio, chat: str, quill: Persona) -> None:
    once = studio.teaching.teach(chat, 0, tip(studio, chat).id)
    assert studio.teaching.teach(chat, 0, tip(studio, chat).id).undo == ""
    assert len(studio.data.history(quill.id)) == 1
    studio.data.retag([once.conversation_id], add=["dear"])
    studio.teaching.teach(chat, 0, tip(studio, chat).id)
    assert data(studio, quill)[0].tags == ("taught", "dear") or data(studio, quill)[0].tags == ("dear", "taught")


def test_words_that_were_imported_are_chosen_where_they_are(studio: Studio, chat: str, quill: Persona) -> None:
    """The same talk may have come from a file, with swipes of its own and its turn switched off."""
    reply = tip(studio, chat)
    turns = (
        Turn(role=Role.USER, text="Who lit the lamp?"),
        Turn(role=Role.PERSONA, text=reply.text, train=False, alternatives=("Nobody.",)),
    )
    studio.data.add_conversations(quill.id, [Conversation(turns=turns, source="log.jsonl")], "import")
    taught = studio.teaching.teach(chat, 0, reply.id)
    (conversation,) = data(studio, quill)
    assert not taught.updated and conversation.source == "log.jsonl" and conversation.tags == ("taught",)
    assert conversation.turns[1] == Turn(
        role=Role.PERSONA, text=reply.text, train=True, alternatives=("Nobody.",), marks=(CHOSEN,)
    )
    studio.teaching.undo(taught.undo)
    assert studio.teaching.taught(chat) == set() and not data(studio, quill)[0].turns[1].train


def test_a_line_of_a_scene_answers_what_its_speaker_heard(
    studio: Studio, app: AppThread, base: BaseModel, quill: Persona
) -> None:
    other = studio.personas.create("Tallow")
    voices = [of(add_adapter(studio, base, one.id, f"{one.name} v1")) for one in (quill, other)]
    scene = studio.scenes.create(voices, order="hand")
    first, second = (one.key for one in studio.scenes.speakers(scene.id))
    studio.scenes.say(scene.id, "It is late.")
    for key in (second, first, second, first):
        job = studio.scenes.step(scene.id, key)
        app.until(lambda job=job: job.ended)  # type: ignore[misc]
        assert job.error is None, job.error
    said = studio.chats.thread(scene.id, 0)
    taught = studio.teaching.teach(scene.id, 0, said[-1].id)
    assert taught.persona_id == quill.id and data(studio, other) == []
    (conversation,) = data(studio, quill)
    assert [(turn.role, turn.text, turn.train) for turn in conversation.turns if turn.role is Role.PERSONA] == [
        (Role.PERSONA, said[2].text, False), (Role.PERSONA, said[4].text, True),
    ]  # fmt: skip
    assert conversation.turns[0].text == f"{{{{user}}}}: It is late.\nTallow: {said[1].text}"
    assert conversation.turns[2].text == f"Tallow: {said[3].text}" and studio.teaching.taught(scene.id) == {said[4].id}


# -- greeting, prompts, persona -------------------------------------------------------------------------------------


def test_a_greeting_stands_there_and_is_not_trained(
    studio: Studio, app: AppThread, base: BaseModel, quill: Persona
) -> None:
    made = studio.chats.create("", [of(add_adapter(studio, base, quill.id, "Quill v1"))])
    studio.chats.begin_with_greeting(made.id, 0, 1)
    greeting = tip(studio, made.id)
    assert code_of(lambda: studio.teaching.teach(made.id, 0, greeting.id)) == "teach_no_reply"
    asked(studio, app, made.id, "Evening.", seed=1)
    assert code_of(lambda: studio.teaching.teach(made.id, 0, studio.chats.thread(made.id, 0)[1].id)) == "teach_no_reply"
    studio.teaching.teach(made.id, 0, tip(studio, made.id).id)
    first = data(studio, quill)[0].turns[0]
    assert (first.role, first.text, first.train, first.alternatives, first.marks) == (
        Role.PERSONA, "Hm?", False, (), (),
    )  # fmt: skip


def test_a_prompt_of_this_chat_alone_is_a_part_of_what_was_said(studio: Studio, chat: str, quill: Persona) -> None:
    studio.chats.set_settings(chat, ChatSettings(system_prompt="{{char}} has lost her voice.", author_note="Hurry."))
    studio.teaching.teach(chat, 0, tip(studio, chat).id)
    first = data(studio, quill)[0].turns[0]
    assert (first.role, first.text) == (Role.SYSTEM, "{{char}} has lost her voice.")
    assert len(data(studio, quill)[0].turns) == 3


def test_the_persona_s_own_prompt_is_left_to_training(studio: Studio, chat: str, quill: Persona) -> None:
    studio.chats.set_settings(chat, ChatSettings(system_prompt=" You are {{char}}. "))
    studio.teaching.teach(chat, 0, tip(studio, chat).id)
    assert data(studio, quill)[0].turns[0].role is Role.USER


def test_the_base_alone_teaches_whom_one_names(studio: Studio, app: AppThread, base: BaseModel, quill: Persona) -> None:
    made = studio.chats.create("", [Contestant(), Contestant(persona_id=quill.id, card="full")])
    asked(studio, app, made.id, "Who are you?", seed=1)
    reply = tip(studio, made.id, 0)
    assert code_of(lambda: studio.teaching.teach(made.id, 0, reply.id)) == "teach_no_persona"
    assert studio.teaching.teach(made.id, 0, reply.id, persona_id=quill.id).persona_id == quill.id
    assert studio.teaching.teach(made.id, 1, tip(studio, made.id, 1).id).persona_id == quill.id


# -- preferences ----------------------------------------------------------------------------------------------------


def test_a_taught_choice_is_a_preference_also_at_the_end(
    studio: Studio, app: AppThread, chat: str, quill: Persona
) -> None:
    """A swipe that happens to be the last one shown decides nothing; whoever teaches it has decided."""
    first = tip(studio, chat)
    chosen = swiped(studio, app, chat, 0, seed=2)
    taught = studio.teaching.teach(chat, 0, chosen.id)
    (conversation,) = data(studio, quill)
    assert [
        (conversation.turns[at].text, passed_over(conversation.turns[at])) for at in preferred_turns(conversation)
    ] == [(chosen.text, (first.text,))]
    check_preferences(studio.data.version_path(studio.data.snapshot(quill.id, 0.0)))
    studio.teaching.undo(taught.undo)
    empty = studio.data.version_path(studio.data.snapshot(quill.id, 0.0))
    assert code_of(lambda: check_preferences(empty)) == "no_preferences"


def test_preferences_leave_as_pairs(
    studio: Studio, app: AppThread, chat: str, quill: Persona, tmp_path_factory: pytest.TempPathFactory
) -> None:
    first, chosen = tip(studio, chat), swiped(studio, app, chat, 0, seed=2)
    studio.teaching.teach(chat, 0, chosen.id)
    version = studio.data.snapshot(quill.id, 0.0)
    out = tmp_path_factory.mktemp("pairs") / "pairs.jsonl"
    job = studio.data.export_version(version.id, "preference", out)
    app.until(lambda: job.ended)
    assert job.error is None, job.error
    written = "".join(path.read_text(encoding="utf-8") for path in [out, *out.rglob("*")] if path.is_file())
    assert first.text in written and chosen.text in written


def test_thumbs_choose_and_reject(studio: Studio, app: AppThread, chat: str, quill: Persona) -> None:
    bad, good = tip(studio, chat), swiped(studio, app, chat, 0, seed=2)
    studio.chats.rate(bad.id, -1)
    assert studio.teaching.rated(chat) == [good.id]  # it stands in the place of one with a thumb down
    asked(studio, app, chat, "And then?", seed=3)
    liked = tip(studio, chat)
    studio.chats.rate(liked.id, 1)
    made = studio.teaching.teach_rated(chat)
    assert {one.message_id for one in made} == {good.id, liked.id} and studio.teaching.rated(chat) == []
    (conversation,) = data(studio, quill)
    assert trained(conversation) == [good.text, liked.text]
    assert conversation.turns[1].alternatives == (bad.text,)
