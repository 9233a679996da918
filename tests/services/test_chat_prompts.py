"""What the engine is given: whose card, which lore, which notes, and how the words are to be drawn."""

import time
from dataclasses import replace
from typing import Any

import pytest

from studio.domain.base_model import BaseModel
from studio.domain.chat import Chat, ChatMessage, ChatSettings, Contestant, Sampler
from studio.domain.conversation import Role
from studio.domain.persona import Persona
from studio.protocol.commands import Row
from studio.services.chat_prompts import Prompts
from studio.services.lore_patterns import SECONDS, stands_in
from studio.services.question import Question
from studio.services.studio import Studio
from tests.services.voices import add_adapter

BOOK = {
    "scan_depth": 2,
    "entries": [
        {"keys": ["lamp"], "content": "{{char}}'s lamp is older than the tower.", "position": "before_char"},
        {"keys": [r"stor(m|ies)"], "content": "Storms come from the north.", "use_regex": True},
    ],
}
CARD = {
    "spec": "chara_card_v3",
    "data": {
        "extensions": {"depth_prompt": {"prompt": "{{char}} limps.", "depth": 1}},
        "personality": "dry", "scenario": "A storm is near.", "post_history_instructions": "Stay {{char}}.",
        "character_book": BOOK,
    },
}  # fmt: skip


@pytest.fixture
def mira(studio: Studio, persona: Persona) -> Persona:
    return studio.personas.update(persona.id, system_prompt="You are {{char}}, {{user}}'s host.", card=CARD)


@pytest.fixture
def voice(studio: Studio, base: BaseModel, mira: Persona) -> Contestant:
    return Contestant(adapter_id=add_adapter(studio, base, mira.id, "first").id)


def thread(*texts: str) -> list[ChatMessage]:
    roles = (Role.USER, Role.PERSONA)
    return [
        ChatMessage(id=str(at), chat_id="c", parent_id="", role=roles[at % 2], text=text)
        for at, text in enumerate(texts)
    ]


def row(studio: Studio, contestant: Contestant, *texts: str, sampler: Sampler | None = None, **more: Any) -> Row:
    question = Question(column=0, contestant=contestant, thread=thread(*texts), seed=1, **more)
    prompts = Prompts(studio.chats.desk.contestants)
    return prompts.voiced(prompts.row(question, sampler or Sampler()), question)


def system(one: Row) -> str:
    return one.messages[0].text if one.messages[0].role == "system" else ""


def test_an_adapter_reads_the_short_form_it_was_trained_with(studio: Studio, voice: Contestant) -> None:
    said = row(studio, voice, "Hello, {{char}}?")
    assert [(one.role, one.text) for one in said.messages] == [
        ("system", "You are Oswin, User's host."), ("user", "Hello, Oswin?"),
    ]  # fmt: skip
    assert said.pinned == 1 and said.gates[0].content.startswith("content-of-")


def test_the_base_alone_has_no_words_before_it(studio: Studio, base: BaseModel) -> None:
    said = row(studio, Contestant(), "Hello?")
    assert [one.role for one in said.messages] == ["user"] and said.pinned == 0


def test_the_whole_card_stands_before_the_base(studio: Studio, base: BaseModel, mira: Persona) -> None:
    said = row(studio, Contestant(persona_id=mira.id, card="full"), "Hello?")
    assert "Personality:\ndry" in system(said) and "A storm is near." in system(said)
    assert said.messages[-1].text == "[Oswin limps.]\n\nHello?\n\n[Stay Oswin.]" and said.gates == []
    short = row(studio, Contestant(persona_id=mira.id), "Hello?")
    assert system(short) == "You are Oswin, User's host." and short.messages[-1].text == "Hello?"


def test_the_column_s_words_go_before_the_chat_s_and_those_before_the_card_s(studio: Studio, voice: Contestant) -> None:
    settings = ChatSettings(system_prompt="{{original}} Speak in verse.")
    assert system(row(studio, voice, "x", settings=settings)) == "You are Oswin, User's host. Speak in verse."
    own = replace(voice, system_prompt="Only this, {{user}}.")
    assert system(row(studio, own, "x", settings=settings)) == "Only this, User."
    both = replace(voice, system_prompt="First. {{original}}")
    assert system(row(studio, both, "x", settings=settings)).startswith("First. You are Oswin")


def test_notes_of_the_chat(studio: Studio, voice: Contestant) -> None:
    settings = ChatSettings(author_note="It is {{random:late,late}}.", author_depth=2, post_history="Be brief.")
    said = row(studio, voice, "a", "b", "c", settings=settings).messages
    assert [one.text for one in said[1:]] == ["a\n\n[It is late.]", "b", "c\n\n[Be brief.]"]


def test_lore_is_called_by_the_last_messages(studio: Studio, voice: Contestant) -> None:
    said = row(studio, voice, "Tell me of the lamp.")
    assert system(said) == "Oswin's lamp is older than the tower.\n\nYou are Oswin, User's host."
    assert "Storms come" in system(row(studio, voice, "Tell me stories."))
    assert "lamp is" not in system(row(studio, voice, "The lamp!", "Yes?", "Nothing."))
    off = ChatSettings(use_lorebook=False)
    assert "lamp is" not in system(row(studio, voice, "The lamp!", settings=off))


def test_which_lore_a_column_calls_is_told(studio: Studio, voice: Contestant) -> None:
    chat = studio.chats.create("", [voice])
    assert studio.chats.lore_for(chat.id, 0) == []
    studio._open_library.chats.add_message(
        ChatMessage(id="say-1", chat_id=chat.id, parent_id="", role=Role.USER, text="The LAMP, please.")
    )
    studio.chats.branch(chat.id, 0, "say-1")
    hits = studio.chats.lore_for(chat.id, 0)
    assert [(hit.word, hit.position, hit.fits) for hit in hits] == [("lamp", "before", True)]
    assert hits[0].text == "Oswin's lamp is older than the tower."


def test_patterns_that_take_too_long_or_are_broken_find_nothing() -> None:
    started = time.process_time()
    assert not stands_in(r"(a+)+$", "a" * 40_000 + "!", False)
    assert time.process_time() - started < SECONDS * 40
    assert not stands_in("(unclosed", "unclosed", False)
    assert stands_in("/La(m|t)p/i", "the lamp", True) and not stands_in("/La(m|t)p/", "the lamp", False)
    assert stands_in("la.p", "THE LAMP", False) and not stands_in("la.p", "THE LAMP", True)


def test_samplers_reach_the_engine_whole(studio: Studio, base: BaseModel) -> None:
    sampler = Sampler(dry_multiplier=0.8, dry_base=2.0, dry_allowed_length=3, stop=("END", "END", ""), top_k=9)
    said = row(studio, Contestant(), "x", sampler=sampler).sampling
    assert (said.dry_multiplier, said.dry_base, said.dry_allowed_length, said.top_k) == (0.8, 2.0, 3, 9)
    assert said.stop == ["END"]


def test_what_the_user_might_say_ends_before_the_persona_answers(studio: Studio, voice: Contestant) -> None:
    said = row(studio, voice, "Hello?", "Yes?", impersonates=True)
    assert said.write_as == "user" and said.sampling.stop == ["\nOswin:"]
    assert row(studio, voice, "Hello?", continues="So").continues == "So"


def test_only_what_can_fit_is_read_of_a_long_chat(studio: Studio, base: BaseModel) -> None:
    chat = long_chat(studio, 3000)
    question = studio.chats._question(chat, 0, chat.columns[0][1], None, 1)
    assert question.earlier + len(question.thread) == 3000
    assert question.thread[-1].id == chat.columns[0][1]
    size = sum(len(one.text) for one in question.thread)
    assert base.context_length * 8 <= size < base.context_length * 8 + 64 * len(question.thread[0].text)
    short = studio.chats._question(chat, 0, "long-99", None, 1)
    assert (short.earlier, len(short.thread)) == (0, 100)


def test_a_chat_of_two_thousand_messages_opens_at_once(studio: Studio, base: BaseModel) -> None:
    chat = long_chat(studio, 2000)
    took = []
    for _ in range(5):
        started = time.process_time()  # the time of this program alone: the machine may be busy
        assert len(studio.chats.view(chat.id, 0)) == 2000
        took.append(time.process_time() - started)
    assert min(took) < 0.3, f"{min(took):.3f} s"


def long_chat(studio: Studio, count: int) -> Chat:
    chat = studio.chats.create("Long", [Contestant()])
    made_by = {"column": 0, "adapter_id": "adapter-1", "sampler": {"temperature": 0.8, "stop": []}, "seed": 5}
    studio._open_library.chats.add_messages(
        ChatMessage(
            id=f"long-{at}", chat_id=chat.id, parent_id=f"long-{at - 1}" if at else "",
            role=(Role.USER, Role.PERSONA)[at % 2], text="Word upon word. " * 20, made_by=made_by,
        )
        for at in range(count)
    )  # fmt: skip
    return studio.chats.branch(chat.id, 0, f"long-{count - 1}")
