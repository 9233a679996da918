"""Prompts put together: what stands where, and where notes hang."""

from studio.domain.conversation import Role
from studio.domain.lorebook import AFTER, BEFORE, DEPTH, LoreHit
from studio.domain.prompt_parts import Note, Said, assembled, with_original

U, P, S = Role.USER, Role.PERSONA, Role.SYSTEM
TALK: list[Said] = [(U, "one"), (P, "two"), (U, "three"), (P, "four"), (U, "five")]


def test_lore_stands_around_the_system_text() -> None:
    lore = [
        LoreHit(title="a", text="before", position=BEFORE), LoreHit(title="b", text="after", position=AFTER),
        LoreHit(title="c", text="no room", fits=False), LoreHit(title="d", text="deep", position=DEPTH, depth=0),
    ]  # fmt: skip
    prompt = assembled("who", TALK, lore=lore)
    assert prompt.said[0] == (S, "before\n\nwho\n\nafter")
    assert prompt.said[-1] == (U, "five\n\n[deep]")
    assert prompt.pinned == 1 and prompt.lore == tuple(lore)


def test_without_anything_before_the_chat_nothing_is_pinned() -> None:
    prompt = assembled("", TALK)
    assert prompt.said == tuple(TALK) and prompt.pinned == 0


def test_a_note_hangs_on_the_user_s_message_at_its_place() -> None:
    def noted(depth: int) -> list[str]:
        return [text for _, text in assembled("", TALK, notes=[Note(text="N", depth=depth)]).said]

    assert noted(0) == ["one", "two", "three", "four", "five\n\n[N]"]
    assert noted(1) == ["one", "two", "three", "four", "[N]\n\nfive"]
    assert noted(2) == ["one", "two", "three\n\n[N]", "four", "five"]
    assert noted(3) == ["one", "two", "[N]\n\nthree", "four", "five"]
    assert noted(99) == ["[N]\n\none", "two", "three", "four", "five"]


def test_roles_stay_in_turn_whatever_is_hung_on() -> None:
    for depth in range(8):
        said = assembled("who", TALK, notes=[Note(text="N", depth=depth), Note(text="M")]).said
        assert [role for role, _ in said] == [S, U, P, U, P, U]


def test_where_the_user_has_said_nothing_a_note_joins_the_system_text() -> None:
    assert assembled("who", [(P, "Halt!")], notes=[Note(text="N")]).said == ((S, "who\n\n[N]"), (P, "Halt!"))
    assert assembled("", [], notes=[Note(text="N")]).said == ((S, "[N]"),)


def test_words_in_the_place_of_others_may_hold_them() -> None:
    assert with_original("", "old") == "old"
    assert with_original("new", "old") == "new"
    assert with_original("{{original}} And {{Original}}.", "old") == "old And old."
    assert with_original(r"\1 {{original}}", r"\g<0>") == r"\1 \g<0>"
