"""Scenes: what each speaker hears, and whose turn comes next."""

from collections import Counter

from studio.domain.chat import ChatMessage, Contestant, Speaker
from studio.domain.conversation import Role
from studio.domain.scene import BY_HAND, MENTION, ROUND, TALKATIVE, Speaking, bare, heard, next_speaker, stage_direction

NAMES = {"s1": "Mira", "s2": "Tik the Tinker", "s3": "Oswin"}
TIK = Speaking(key="s2", names=NAMES, user="Ann", setting="A cold kitchen.")


def line(text: str, speaker: str = "") -> ChatMessage:
    role = Role.PERSONA if speaker else Role.USER
    return ChatMessage(
        id="m", chat_id="c", parent_id="", role=role, text=text, made_by={"speaker": speaker} if speaker else {}
    )


def speakers(**more: float) -> list[Speaker]:
    return [Speaker(key=key, contestant=Contestant(), talkativeness=more.get(key, 0.5)) for key in NAMES]


def test_own_lines_are_bare_and_those_of_others_have_names() -> None:
    talk = [line("Hello?"), line("Who is it?", "s1"), line("Me.", "s2"), line("Sit.", "s3"), line("Tea?", "s1")]
    said = heard(talk, TIK)
    assert said == [
        (Role.USER, "Ann: Hello?\nMira: Who is it?"), (Role.PERSONA, "Me."), (Role.USER, "Oswin: Sit.\nMira: Tea?"),
    ]  # fmt: skip


def test_turns_always_alternate_and_end_with_somebody_else() -> None:
    assert heard([], TIK) == [(Role.USER, "(silence)")]
    said = heard([line("Me.", "s2"), line("Still me.", "s2")], TIK)
    assert said == [(Role.PERSONA, "Me.\nStill me."), (Role.USER, "(silence)")]


def test_who_has_left_keeps_the_name_of_then() -> None:
    gone = ChatMessage(
        id="m", chat_id="c", parent_id="", role=Role.PERSONA, text="Bye.", made_by={"speaker": "s9", "name": "Vera"}
    )
    assert heard([gone], TIK) == [(Role.USER, "Vera: Bye.")]


def test_a_reply_stops_before_it_speaks_for_others() -> None:
    assert TIK.stops == ("\nMira:", "\nOswin:", "\nAnn:")
    assert bare("Tik the Tinker: Well.", TIK) == "Well."
    assert bare("Tik the Tinker sighs.", TIK) == "Tik the Tinker sighs."
    told = stage_direction(TIK)
    assert "A cold kitchen." in told and "Mira, Oswin and Ann" in told and "only what Tik the Tinker says" in told


def test_round_goes_by_the_scene_s_order_past_the_silent() -> None:
    three = speakers()
    assert next_speaker(three, NAMES, [], ROUND) == "s1"
    assert next_speaker(three, NAMES, [line("x", "s1"), line("user speaks")], ROUND) == "s2"
    assert next_speaker(three, NAMES, [line("x", "s3")], ROUND) == "s1"
    silent = [three[0], Speaker(key="s2", contestant=Contestant(), silent=True), three[2]]
    assert next_speaker(silent, NAMES, [line("x", "s1")], ROUND) == "s3"


def test_a_name_calls_its_bearer() -> None:
    three = speakers()
    assert next_speaker(three, NAMES, [line("Oswin, what do you say?")], MENTION) == "s3"
    assert next_speaker(three, NAMES, [line("Mira told me, but ask the tinker.", "s3")], MENTION) == "s2"
    assert next_speaker(three, NAMES, [line("I, Mira, say so.", "s1")], MENTION) == "s2"
    assert next_speaker(three, NAMES, [line("Admiral on deck!", "s3")], MENTION) == "s1"


def test_the_talkative_speak_more_often_and_nobody_twice_in_a_row() -> None:
    three, thread = speakers(s1=0.9, s2=0.1, s3=0.5), [line("x", "s3")]
    drawn = Counter(next_speaker(three, NAMES, thread, TALKATIVE, seed) for seed in range(500))
    assert drawn["s1"] > 5 * drawn["s2"] > 0 and "s3" not in drawn
    quiet = speakers(s1=0.0, s2=0.0, s3=0.5)
    assert next_speaker(quiet, NAMES, thread, TALKATIVE) == "s1"


def test_by_hand_nobody_comes_by_themselves() -> None:
    assert next_speaker(speakers(), NAMES, [line("Mira?")], BY_HAND) == ""
    everybody = [Speaker(key=key, contestant=Contestant(), silent=True) for key in NAMES]
    assert next_speaker(everybody, NAMES, [], ROUND) == ""
