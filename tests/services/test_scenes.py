"""Scenes: several personas in one thread, by hand and by themselves, with the fake engine."""

from dataclasses import replace

import pytest

from studio.domain.base_model import BaseModel
from studio.domain.chat import Chat, ChatMessage, Contestant, Sampler, SceneSettings, Speaker
from studio.domain.conversation import Role
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.services.chat_prompts import Prompts
from studio.services.replies import ReplyJob
from studio.services.studio import Studio
from tests.services.app_thread import AppThread
from tests.services.conftest import add_persona
from tests.services.voices import add_adapter


@pytest.fixture
def two(studio: Studio, base: BaseModel, persona: Persona) -> list[Contestant]:
    tik = add_persona(studio, "Tik", 2)
    return [Contestant(adapter_id=add_adapter(studio, base, one.id, f"{one.name}'s").id) for one in (persona, tik)]


@pytest.fixture
def scene(studio: Studio, two: list[Contestant]) -> Chat:
    chat = studio.scenes.create(two, setting="A cold kitchen.", order="round")
    return studio.chats.set_sampler(chat.id, Sampler(temperature=0.0, max_tokens=8))


def lines(studio: Studio, chat: Chat) -> list[ChatMessage]:
    return studio.chats.thread(chat.id, 0)


def speakers(studio: Studio, chat: Chat) -> list[object]:
    return [one.made_by.get("speaker", "user") for one in lines(studio, chat)]


def step(studio: Studio, app: AppThread, chat: Chat, speaker: str = "") -> ChatMessage:
    job = studio.scenes.step(chat.id, speaker)
    app.until(lambda: job.ended)
    assert job.error is None, job.error
    return lines(studio, chat)[-1]


def test_a_scene_is_a_chat_of_one_thread(studio: Studio, scene: Chat) -> None:
    assert (scene.kind, scene.title, len(scene.columns)) == ("scene", "Oswin · Tik", 1)
    views = studio.scenes.speakers(scene.id)
    assert [(one.key, one.name, one.label.title) for one in views] == [("s1", "Oswin", "Oswin"), ("s2", "Tik", "Tik")]
    assert studio.chats.list("scene") == [scene] and studio.chats.list("chat") == []


def test_they_take_turns_and_every_line_has_its_speaker(studio: Studio, app: AppThread, scene: Chat) -> None:
    studio.scenes.say(scene.id, "Who lit the lamp?")
    first, second, third = (step(studio, app, scene) for _ in range(3))
    assert speakers(studio, scene) == ["user", "s1", "s2", "s1"]
    assert [one.made_by["name"] for one in (first, second, third)] == ["Oswin", "Tik", "Oswin"]
    adapters = [one.contestant.adapter_id for one in studio.scenes.speakers(scene.id)]
    assert [one.made_by["adapter_id"] for one in (first, second, third)] == [adapters[0], adapters[1], adapters[0]]
    assert all(one.role is Role.PERSONA for one in (first, second, third))


def test_each_hears_the_others_as_the_user_and_itself_bare(studio: Studio, app: AppThread, scene: Chat) -> None:
    studio.scenes.say(scene.id, "Who lit the lamp?")
    first, second = step(studio, app, scene), step(studio, app, scene)
    question = studio.chats._question(studio.chats.get(scene.id), 0, second.id, None, 1, speaker="s1")
    prompts = Prompts(studio.chats.desk.contestants)
    row = prompts.voiced(prompts.row(question, Sampler()), question)
    assert [(one.role, one.text) for one in row.messages[1:]] == [
        ("user", "User: Who lit the lamp?"), ("assistant", first.text), ("user", f"Tik: {second.text}"),
    ]  # fmt: skip
    told = row.messages[0].text
    assert told.startswith("You are Oswin.\n\nA cold kitchen.") and "with Tik and User" in told
    assert row.sampling.stop == ["\nTik:", "\nUser:"]
    assert row.gates[0].adapter_id == studio.scenes.speakers(scene.id)[0].contestant.adapter_id


def test_somebody_can_be_chosen_by_hand(studio: Studio, app: AppThread, scene: Chat) -> None:
    assert step(studio, app, scene, "s2").made_by["speaker"] == "s2"
    by_hand = replace(studio.chats.get(scene.id).settings.scene, order="hand")
    studio.scenes.set_scene(scene.id, by_hand)
    assert studio.scenes.next(scene.id) == ""
    with pytest.raises(StudioError, match="scene_choose_speaker"):
        studio.scenes.step(scene.id)
    with pytest.raises(StudioError, match="scene_choose_speaker"):
        studio.scenes.run_by_itself(scene.id, 2)
    with pytest.raises(StudioError, match="not_found"):
        studio.scenes.step(scene.id, "s9")


def test_a_line_is_answered_anew_by_the_same_speaker(studio: Studio, app: AppThread, scene: Chat) -> None:
    studio.scenes.say(scene.id, "Well?")
    first = step(studio, app, scene)
    step(studio, app, scene)
    job = studio.chats.regenerate(scene.id, 0, message_id=first.id, seed=9)
    app.until(lambda: job.ended)
    again = lines(studio, scene)[-1]
    assert (again.made_by["speaker"], again.made_by["adapter_id"]) == ("s1", first.made_by["adapter_id"])
    assert [(one.place, one.count) for one in studio.chats.view(scene.id, 0)] == [(1, 1), (2, 2)]
    job = studio.chats.continue_reply(scene.id, 0, seed=2)
    app.until(lambda: job.ended)
    longer = lines(studio, scene)[-1]
    assert longer.text.startswith(again.text) and longer.made_by["speaker"] == "s1"


def together(studio: Studio, app: AppThread, chat: Chat) -> ReplyJob:
    job = studio.chats.answer_together(chat.id, [0])
    app.until(lambda: job.ended)
    return job


def test_a_last_line_that_is_tried_again_keeps_its_speaker(studio: Studio, app: AppThread, scene: Chat) -> None:
    studio.scenes.say(scene.id, "Well?")
    step(studio, app, scene)
    line = step(studio, app, scene)
    assert together(studio, app, scene).speakers == {0: "s2"}
    again = lines(studio, scene)[-1]
    assert again.id != line.id and again.made_by["speaker"] == "s2"
    assert again.made_by["adapter_id"] == line.made_by["adapter_id"]


def test_changed_words_are_answered_by_whose_turn_it_is(studio: Studio, app: AppThread, scene: Chat) -> None:
    studio.scenes.say(scene.id, "Well?")
    step(studio, app, scene)
    studio.scenes.say(scene.id, "And you?")
    studio.chats.edit(scene.id, 0, lines(studio, scene)[-1].id, "And you, then?")
    assert together(studio, app, scene).speakers == {0: "s2"}
    assert speakers(studio, scene) == ["user", "s1", "user", "s2"]
    words = lines(studio, scene)[2]
    job = studio.chats.regenerate(scene.id, 0, message_id=words.id)
    app.until(lambda: job.ended)
    assert job.speakers == {0: "s2"} and speakers(studio, scene) == ["user", "s1", "user", "s2"]


def test_where_the_user_chooses_nobody_answers_changed_words(studio: Studio, app: AppThread, scene: Chat) -> None:
    studio.scenes.say(scene.id, "Well?")
    studio.scenes.set_scene(scene.id, replace(studio.chats.get(scene.id).settings.scene, order="hand"))
    with pytest.raises(StudioError, match="scene_choose_speaker"):
        studio.chats.answer_together(scene.id, [0])
    assert speakers(studio, scene) == ["user"]


def test_it_runs_by_itself(studio: Studio, app: AppThread, scene: Chat) -> None:
    turns: list[str] = []
    job = studio.scenes.run_by_itself(scene.id, 4).on_turn(lambda key, reply: turns.append(key))
    assert studio.scenes.running(scene.id) is job
    with pytest.raises(StudioError, match="scene_runs"):
        studio.scenes.run_by_itself(scene.id, 4)
    app.until(lambda: job.ended)
    assert (job.result, turns) == (4, ["s1", "s2", "s1", "s2"])
    assert speakers(studio, scene) == ["s1", "s2", "s1", "s2"]
    assert studio.scenes.running(scene.id) is None


def test_it_waits_between_two_lines_and_goes_on(studio: Studio, app: AppThread, scene: Chat) -> None:
    job = studio.scenes.run_by_itself(scene.id, 3)
    job.pause()
    app.until(lambda: job.reply is not None and job.reply.ended)
    assert job.done == 1 and not job.ended and len(lines(studio, scene)) == 1
    studio.scenes.say(scene.id, "A word from me.")
    job.resume()
    app.until(lambda: job.ended)
    assert speakers(studio, scene) == ["s1", "user", "s2", "s1"]


def test_the_user_speaks_right_after_the_line_that_is_written(studio: Studio, app: AppThread, scene: Chat) -> None:
    job = studio.scenes.run_by_itself(scene.id, 2)
    studio.scenes.say(scene.id, "A word from me.")
    assert lines(studio, scene) == []
    app.until(lambda: job.ended)
    assert speakers(studio, scene) == ["s1", "user", "s2"]


def test_stopping_keeps_what_was_said(studio: Studio, app: AppThread, scene: Chat) -> None:
    studio.chats.set_sampler(scene.id, Sampler(max_tokens=400))
    job = studio.scenes.run_by_itself(scene.id, 50)

    def follow(key: str, reply: ReplyJob) -> None:
        reply.on_delta(lambda column, piece: job.cancel() if key == "s2" else None)

    job.on_turn(follow)
    app.until(lambda: job.ended)
    assert job.error is not None and job.error.code == "cancelled" and job.done == 1
    said = lines(studio, scene)
    assert len(said) == 2 and said[-1].made_by["reason"] == "cancelled" and said[-1].text
    assert studio.scenes.running(scene.id) is None


def test_a_paused_scene_can_be_stopped(studio: Studio, app: AppThread, scene: Chat) -> None:
    job = studio.scenes.run_by_itself(scene.id, 50)
    job.pause()
    app.until(lambda: job.done == 1)
    job.cancel()
    assert job.ended and job.error is not None and job.error.code == "cancelled"


def test_a_scene_that_is_deleted_ends(studio: Studio, app: AppThread, scene: Chat) -> None:
    job = studio.scenes.run_by_itself(scene.id, 50)
    studio.chats.delete(scene.id)
    app.until(lambda: job.ended)
    assert job.error is not None and job.error.code == "not_found"


def test_the_first_speaker_may_begin_with_a_greeting(
    studio: Studio, app: AppThread, scene: Chat, persona: Persona
) -> None:
    card = {"data": {"group_only_greetings": ["{{char}} nods to all.", 7]}}
    studio.personas.update(persona.id, greeting="Halt!", card=card)
    scene = studio.chats.begin_with_greeting(scene.id, 0, 0)
    assert [(one.text, one.made_by["speaker"]) for one in lines(studio, scene)] == [("Oswin nods to all.", "s1")]
    assert [one.count for one in studio.chats.view(scene.id, 0)] == [2]
    assert step(studio, app, scene).made_by["speaker"] == "s2"


def test_cards_say_how_talkative_they_are(studio: Studio, two: list[Contestant], persona: Persona) -> None:
    studio.personas.update(persona.id, card={"data": {"extensions": {"talkativeness": "0.9"}}})
    scene = studio.scenes.create(two)
    assert [one.talkativeness for one in scene.settings.scene.speakers] == [0.9, 0.5]


def test_speakers_come_and_go(studio: Studio, app: AppThread, scene: Chat, two: list[Contestant]) -> None:
    step(studio, app, scene)
    scene = studio.scenes.with_speaker(scene.id, two[0])
    assert [one.name for one in studio.scenes.speakers(scene.id)] == ["Oswin", "Tik", "Oswin 2"]
    now = scene.settings.scene
    studio.scenes.set_scene(scene.id, replace(now, speakers=now.speakers[1:]))
    assert [one.key for one in studio.scenes.speakers(scene.id)] == ["s2", "s3"]
    assert step(studio, app, scene).made_by["speaker"] == "s2"
    job = studio.chats.regenerate(scene.id, 0)
    app.until(lambda: job.ended)
    gone = lines(studio, scene)[0]
    with pytest.raises(StudioError, match="not_found"):
        studio.chats.regenerate(scene.id, 0, message_id=gone.id)


def test_a_scene_needs_two_and_somebody_who_speaks(studio: Studio, scene: Chat, two: list[Contestant]) -> None:
    for wrong in (two[:1], two * 5):
        with pytest.raises(StudioError, match="scene_speakers"):
            studio.scenes.create(wrong)
    silent = SceneSettings(speakers=tuple(Speaker(key=f"s{at}", contestant=two[0], silent=True) for at in (1, 2)))
    studio.scenes.set_scene(scene.id, silent)
    for act in (lambda: studio.scenes.step(scene.id), lambda: studio.scenes.run_by_itself(scene.id, 2)):
        with pytest.raises(StudioError, match="scene_all_silent"):
            act()
    with pytest.raises(StudioError, match="scene_turns_wrong"):
        studio.scenes.run_by_itself(studio.scenes.create(two).id, 0)
    plain = studio.chats.create("", two)
    with pytest.raises(StudioError, match="not_found"):
        studio.scenes.step(plain.id)


def test_a_missing_adapter_ends_a_scene_with_its_reason(studio: Studio, app: AppThread, scene: Chat) -> None:
    studio.adapters.delete(studio.scenes.speakers(scene.id)[1].contestant.adapter_id)
    job = studio.scenes.run_by_itself(scene.id, 4)
    app.until(lambda: job.ended)
    assert job.error is not None and job.error.code == "not_found" and len(lines(studio, scene)) == 1
