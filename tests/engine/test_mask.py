"""The mask view and training agree token for token, under the templates of all families; what templates do is told."""

import json
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from studio.domain.errors import StudioError
from studio.engine.bench import template_shelf
from studio.engine.bench.mask import Mask, show_tokens
from studio.engine.bench.template_shelf import TemplateShelf
from studio.engine.text.chat_encoding import Window, encode
from studio.engine.text.chat_template import ChatTemplate
from studio.engine.text.preflight import check_texts
from studio.protocol import commands as ask
from studio.protocol import events as told
from studio.protocol.commands import Message
from studio.protocol.dataset_file import ConversationLine, TurnLine
from tests.engine.families import FAITHFUL, FAMILIES, ONE_EACH
from tests.engine.rig import Listener, Office, device, write_data

ROLES = {"s": "system", "u": "user", "p": "assistant", "x": "assistant"}
Said = tuple[str, str]
_templates: dict[str, ChatTemplate] = {}


def template_of(name: str) -> ChatTemplate:
    if name not in _templates:
        _templates[name] = FAMILIES[name].template()
    return _templates[name]


def turns_of(*said: Said) -> list[TurnLine]:
    """``x`` is a turn of the persona that is not to be learned."""
    return [TurnLine(role=ROLES[who], text=text, train=who != "x") for who, text in said]


def line_of(turns: Sequence[TurnLine]) -> ConversationLine:
    return ConversationLine(key="c", heldout=False, turns=list(turns))


def mask_of(turns: Sequence[TurnLine], template: ChatTemplate, limit: int = 1000) -> Mask:
    mask = Mask("c", turns, template, limit)
    for _ in mask.work():
        pass
    return mask


def windows_of(mask: Mask) -> list[tuple[tuple[int, ...], tuple[bool, ...]]]:
    """The windows as the view shows them: ids, and which of them are trained."""
    found = []
    for number in range(mask.windows):
        shown = [token for token in mask.tokens if token.window == number]
        found.append((tuple(one.id for one in shown), tuple(one.kind == "trained" for one in shown)))
    return found


def as_training(windows: Sequence[Window]) -> list[tuple[tuple[int, ...], tuple[bool, ...]]]:
    return [(window.ids, window.trained) for window in windows]


def learned_text(mask: Mask, template: ChatTemplate) -> dict[int, str]:
    """What is learned of each turn, decoded."""
    ids: dict[int, list[int]] = {}
    for token in mask.tokens:
        if token.kind == "trained":
            ids.setdefault(token.turn, []).append(token.id)
    return {turn: template.tokenizer.decode(some) for turn, some in ids.items()}


TALK = (("u", "Who goes there?"), ("p", "Only the ferryman — näher 🜂!"), ("u", "user"), ("p", "So be it."))
TALKS: dict[str, tuple[Said, ...]] = {
    "plain": TALK,
    "system": (("s", "You are Oswin."), *TALK),
    "greeting": (("p", "Welcome aboard."), *TALK),
    "system_greeting": (("s", "You are Oswin."), ("p", "Welcome aboard."), *TALK),
    "untrained": (("u", "Who?"), ("x", "Not this."), ("u", "And you?"), ("p", "end")),
    "open_end": (*TALK, ("u", "And now?")),
}


@pytest.mark.parametrize("short_by", [0, 1])
@pytest.mark.parametrize("talk", TALKS)
@pytest.mark.parametrize("family", FAITHFUL)
def test_view_and_training_agree_token_for_token(family: str, talk: str, short_by: int) -> None:
    turns, template = turns_of(*TALKS[talk]), template_of(family)
    limit = template.length([Message(role=turn.role, text=turn.text) for turn in turns]) - short_by
    mask = mask_of(turns, template, limit)
    windows = encode(line_of(turns), template, limit)
    assert windows
    assert windows_of(mask) == as_training(windows)
    assert bool(short_by) == (len(windows) > 1 or any(token.kind == "cut" for token in mask.tokens))
    assert not [problem for problem in mask.problems if problem.refused]


@pytest.mark.parametrize("talk", TALKS)
@pytest.mark.parametrize("family", FAITHFUL)
def test_learned_are_the_replies_and_their_ends_and_nothing_else(family: str, talk: str) -> None:
    turns, template = turns_of(*TALKS[talk]), template_of(family)
    learned = learned_text(mask_of(turns, template), template)
    wanted = {
        index: turn.text + FAMILIES[family].end
        for index, turn in enumerate(turns)
        if turn.role == "assistant" and turn.train
    }
    assert {turn: text.lstrip() for turn, text in learned.items()} == wanted
    ends = [token.id for token in mask_of(turns, template).tokens if token.kind == "trained" and token.turn in wanted]
    assert sum(token in template.stop_ids for token in ends) == len(wanted)


@pytest.mark.parametrize("talk", TALKS)
@pytest.mark.parametrize("family", FAMILIES)
def test_every_turn_is_found_in_its_place(family: str, talk: str) -> None:
    """Also where the template is refused: the words of each turn are shown as words, and nothing else is."""
    turns, template = turns_of(*TALKS[talk]), template_of(family)
    mask = mask_of(turns, template)
    for index, turn in enumerate(turns):
        shown = [one for one in mask.tokens if one.turn == index]  # where each reply is read alone, the last time
        if family in ONE_EACH and shown[-1].kind == "cut":  # after the last reply
            continue
        ids = [one.id for one in shown if one.window == shown[-1].window and one.kind in ("trained", "context")]
        words = template.tokenizer.decode(ids).removesuffix(FAMILIES[family].end)
        assert words.endswith(turn.text) and (words.strip() == turn.text or "<think>" in words)
    special = "".join(token.text for token in mask.tokens if token.kind == "special")
    assert "ferryman" not in special and "Oswin" not in special and "Welcome" not in special


@pytest.mark.parametrize("family", FAITHFUL)
def test_what_is_learned_follows_what_a_chat_gives(family: str) -> None:
    """Before every reply stands exactly the prompt of a chat, system prompt included."""
    turns, template = turns_of(*TALKS["system"]), template_of(family)
    (window,) = encode(line_of(turns), template, 1000)
    for index, turn in enumerate(turns):
        if turn.role == "assistant":
            before = [Message(role=one.role, text=one.text) for one in turns[:index]]
            prompt = template.prompt_ids(before)
            assert list(window.ids[: len(prompt)]) == prompt
            assert window.trained[len(prompt)] and not window.trained[len(prompt) - 1]


_WORDS = st.text(alphabet="ab 0.é🜂\n", min_size=1, max_size=40).filter(lambda text: text.strip())


@st.composite
def conversations(draw: st.DrawFn) -> list[TurnLine]:
    """User and persona take turns, with or without a system turn; some replies are switched off."""
    said: list[Said] = [("s", draw(_WORDS))] if draw(st.booleans()) else []
    if draw(st.booleans()):
        said.append((draw(st.sampled_from("px")), draw(_WORDS)))
    for _ in range(draw(st.integers(1, 5))):
        said += [("u", draw(_WORDS)), (draw(st.sampled_from("ppx")), draw(_WORDS))]
    if draw(st.booleans()):
        said.append(("u", draw(_WORDS)))
    return turns_of(*said)


@pytest.mark.parametrize("family", FAITHFUL + ONE_EACH)
@settings(max_examples=25, deadline=None)
@example(turns=turns_of(("p", "a"), ("u", "0"), ("p", "0")), limit=90)  # its first token begins with a space
@given(turns=conversations(), limit=st.integers(90, 260))
def test_windows_together_learn_every_reply_once(family: str, turns: list[TurnLine], limit: int) -> None:
    template, end = template_of(family), FAMILIES[family].end
    mask = mask_of(turns, template, limit)
    if any(problem.refused for problem in mask.problems):
        with pytest.raises(StudioError, match="reply_too_long"):
            encode(line_of(turns), template, limit)
        return
    windows = encode(line_of(turns), template, limit)
    assert windows_of(mask) == as_training(windows)
    assert all(len(window.ids) <= limit for window in windows)
    learned = learned_text(mask, template)
    wanted = {n: turn.text for n, turn in enumerate(turns) if turn.role == "assistant" and turn.train}
    assert learned.keys() == wanted.keys()
    for turn, text in learned.items():
        assert text.count(end) == 1 and text.endswith(end)
        assert text.removesuffix(end).strip() == wanted[turn].strip()
    assert all(token.window >= 0 for token in mask.tokens if token.kind != "cut")


@pytest.mark.parametrize("family", [name for name, one in FAMILIES.items() if one.rewrites])
def test_a_template_that_rewrites_history_is_refused_by_name_and_still_shown(family: str) -> None:
    turns, template = turns_of(*TALK), template_of(family)
    with pytest.raises(StudioError, match="template_rewrites"):
        encode(line_of(turns), template, 1000)
    mask = mask_of(turns, template)
    (refusal,) = [problem for problem in mask.problems if problem.refused]
    assert refusal.code == "template_rewrites"
    assert "reply 1 of conversation c" in str(refusal.details["reason"])
    assert "".join(token.text for token in mask.tokens if token.turn == 0 and token.kind == "context") == TALK[0][1]
    assert not any(token.kind == "trained" for token in mask.tokens)


@pytest.mark.parametrize("talk", TALKS)
@pytest.mark.parametrize("family", ONE_EACH)
def test_where_replies_are_rewritten_later_each_is_learned_after_what_a_chat_gives(family: str, talk: str) -> None:
    turns, template = turns_of(*TALKS[talk]), template_of(family)
    assert not template.keeps_replies
    mask, windows = mask_of(turns, template), encode(line_of(turns), template, 1000)
    assert windows_of(mask) == as_training(windows)
    learned = [index for index, turn in enumerate(turns) if turn.role == "assistant" and turn.train]
    for index, window in zip(learned, windows, strict=True):
        before = [Message(role=turn.role, text=turn.text) for turn in turns[:index]]
        start = window.trained.index(True)
        reply = [one for one, trained in zip(window.ids, window.trained, strict=True) if trained]
        assert template.tokenizer.decode(reply) == turns[index].text + FAMILIES[family].end
        if any(one.role == "user" for one in before):
            assert list(window.ids[:start]) == template.prompt_ids(before), "with thinking switched off, as in a chat"
            assert "<think>\n\n</think>" in template.tokenizer.decode(window.ids[:start])
    assert not mask.problems or [one.code for one in mask.problems] == ["mask_turns_unused"]
    unread = {index for index in range(len(turns)) if not learned or index > learned[-1]}
    assert {token.turn for token in mask.tokens if token.kind == "cut"} == unread


@pytest.mark.parametrize("family", ONE_EACH)
def test_a_reply_of_its_own_reads_as_much_as_fits(family: str) -> None:
    said = [(who, f"{number:02d} {who}.") for number in range(8) for who in "up"]
    turns, template = turns_of(("s", "Be brief."), *said), template_of(family)
    whole = [len(window.ids) for window in encode(line_of(turns), template, 1000)]
    assert whole == sorted(whole) and len(whole) == 8
    windows = encode(line_of(turns), template, whole[3])
    assert [len(window.ids) for window in windows[:4]] == whole[:4]
    assert all(len(window.ids) <= whole[3] for window in windows)
    last = template.tokenizer.decode(windows[-1].ids)
    assert "Be brief." in last and "04 p." in last and "07 p." in last and "02 p." not in last
    mask = mask_of(turns, template, whole[3])
    assert windows_of(mask) == as_training(windows) and not mask.problems


def test_turns_that_no_reply_reads_are_cut_and_named() -> None:
    turns = turns_of(("s", "Be brief."), ("u", LONG), ("x", LONG), ("u", "So?"), ("p", "No."), ("u", "Hm."))
    template = template_of("qwen3")
    mask = mask_of(turns, template, 90)
    assert windows_of(mask) == as_training(encode(line_of(turns), template, 90))
    assert {token.turn for token in mask.tokens if token.kind == "cut"} == {0, 1, 2, 5}, "first of all the system turn"
    shown = [token.turn for token in mask.tokens if token.turn > 0]
    assert shown == sorted(shown)
    with pytest.raises(StudioError, match="reply_too_long") as caught:
        encode(line_of(turns_of(("u", "So?"), ("p", LONG))), template, 90)
    assert caught.value.details["turn"] == 1


def test_words_that_a_template_puts_before_a_reply_are_told() -> None:
    """Here they stand after the opening that a chat gives, so they would be learned."""
    family = FAMILIES["qwen25"]
    tokenizer = family.tokenizer()
    tokenizer.chat_template = tokenizer.chat_template.replace(
        "message['content']", "('(aside) ' if message['role'] == 'assistant' else '') + message['content']"
    )
    turns, template = turns_of(*TALK[:2]), ChatTemplate(tokenizer)
    mask = mask_of(turns, template)
    assert windows_of(mask) == as_training(encode(line_of(turns), template, 1000))
    (problem,) = mask.problems
    assert (problem.code, problem.turn, problem.details) == ("mask_reply_added", 1, {"added": "(aside)"})


def test_thinking_that_a_template_drops_is_told_by_turn() -> None:
    turns = turns_of(("u", "Who?"), ("p", "<think>Hm.</think>Me."), ("u", "And?"), ("p", "None."))
    for family in ("deepseek_r1", "qwen3"):
        mask = mask_of(turns, template_of(family))
        assert [(one.code, one.turn) for one in mask.problems if not one.refused] == [("mask_turn_rewritten", 1)]
        assert "think_in_text" in [one.code for one in mask.problems if one.refused]


def test_a_turn_that_a_template_hides_is_told() -> None:
    class HidesSecondQuestion(ChatTemplate):
        def _rendered(self, messages: Sequence[Message], prompt: bool) -> str:
            questions = [one for one in messages if one.role == "user"]
            return super()._rendered([one for one in messages if one not in questions[1:2]], prompt)

    template = HidesSecondQuestion(FAMILIES["llama3"].tokenizer())
    mask = mask_of(turns_of(*TALK), template)
    assert [(one.code, one.turn) for one in mask.problems] == [("mask_turn_hidden", 2)]


@pytest.mark.parametrize("family", ["phi3", "mistral03"])
def test_a_system_turn_that_a_template_drops_goes_into_the_first_question(family: str) -> None:
    turns, template = turns_of(*TALKS["system"]), template_of(family)
    mask = mask_of(turns, template)
    assert "".join(one.text for one in mask.tokens if one.turn == 0 and one.kind == "context") == "You are Oswin."
    assert not mask.problems


def test_a_templates_own_system_words_belong_to_no_turn() -> None:
    mask = mask_of(turns_of(*TALK), template_of("smollm2"))
    nobodys = "".join(token.text for token in mask.tokens if token.turn == -1)
    assert nobodys.startswith("<|im_start|>system\nYou are a helpful AI assistant named SmolLM")
    assert nobodys.endswith("<|im_end|>\n")
    assert {token.kind for token in mask.tokens if token.turn == -1} == {"special"}


def test_half_characters_are_shown_as_bytes() -> None:
    mask = mask_of(turns_of(("u", "🜂"), ("p", "é")), template_of("llama3"))
    assert [token.text for token in mask.tokens if token.turn == 0 and token.kind == "context"] == [
        "‹F0›", "‹9F›", "‹9C›", "‹82›"
    ]  # fmt: skip
    assert [token.text for token in mask.tokens if token.kind == "trained"] == ["‹C3›", "‹A9›", "<|eot_id|>"]


LONG = "Well, " * 60


def test_turns_in_no_window_are_cut_and_named() -> None:
    turns = turns_of(("s", "Be brief."), ("u", "Go on."), ("p", "Aye."), ("u", "And?"), ("x", LONG), ("u", "So?"),
                     ("p", "No."), ("u", "Hm. " * 60))  # fmt: skip
    template = template_of("qwen25")
    mask = mask_of(turns, template, 80)
    assert windows_of(mask) == as_training(encode(line_of(turns), template, 80))
    assert mask.windows == 2
    assert {token.turn for token in mask.tokens if token.kind == "cut"} == {3, 4, 7}
    assert {token.window for token in mask.tokens if token.kind == "cut"} == {-1}
    assert [(one.code, one.turn) for one in mask.problems] == [("mask_turn_too_long", 4), ("mask_turns_unused", 7)]
    shown = [token.turn for token in mask.tokens if token.turn > 0]
    assert shown == sorted(shown)


def test_a_reply_over_the_window_is_refused_and_shown() -> None:
    turns = turns_of(("u", "Go on."), ("p", LONG), ("u", "So?"), ("p", "No."))
    mask = mask_of(turns, template_of("qwen25"), 80)
    assert [(one.code, one.refused) for one in mask.problems] == [("reply_too_long", True)]
    assert {token.turn for token in mask.tokens if token.kind == "cut"} >= {0, 1}
    assert {token.turn for token in mask.tokens if token.kind == "trained"} == {3}


def test_a_conversation_that_teaches_nothing_is_all_cut() -> None:
    mask = mask_of(turns_of(("u", "Hm."), ("x", "Well.")), template_of("llama3"))
    assert {token.kind for token in mask.tokens} == {"cut"}
    assert [one.code for one in mask.problems] == ["mask_nothing_learned"]
    assert mask.windows == 0


def test_a_template_that_fails_is_told() -> None:
    template = template_of("gemma2")
    mask = mask_of(turns_of(("u", "One."), ("u", "Two."), ("p", "Three.")), template)
    assert [(one.code, one.refused) for one in mask.problems] == [("template_failed", True)]
    assert mask.tokens == []


@pytest.mark.parametrize("text", ["I say <|start_header_id|>", "[INST] no", "<｜User｜>", "<start_of_turn>"])
def test_marks_of_a_template_in_a_text_stop_a_run(text: str) -> None:
    """Also those that a tokenizer does not list as special, or not as its own."""
    family = {"I": "llama3", "[": "mistral03", "<｜": "deepseek_r1", "<s": "gemma2"}
    name = next(name for start, name in family.items() if text.startswith(start))
    with pytest.raises(StudioError, match="template_tokens_in_text"):
        check_texts([line_of(turns_of(("u", text), ("p", "Aye.")))], template_of(name))
    check_texts([line_of(turns_of(*TALKS["system"]))], template_of(name))


def _save(folder: Path, family: str = "phi35", **config: Any) -> Path:
    """What a base folder holds, without any weights."""
    FAMILIES[family].tokenizer().save_pretrained(folder)
    (folder / "config.json").write_text(json.dumps({"model_type": "llama", **config}), encoding="utf-8")
    return folder


def test_the_shelf_needs_no_weights_and_sees_changed_files(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    loads: list[Path] = []
    real = template_shelf.load_tokenizer
    monkeypatch.setattr(template_shelf, "load_tokenizer", lambda folder: (loads.append(folder), real(folder))[1])
    shelf, folder = TemplateShelf(), _save(tmp_path / "phi", eos_token_id=7)
    first = shelf.template(folder)
    assert shelf.template(folder) is first
    assert first.stop_ids == {7, first.tokenizer.eos_token_id}
    (folder / "generation_config.json").write_text('{"eos_token_id": [8, 9]}', encoding="utf-8")
    assert shelf.template(folder).stop_ids == {8, 9, first.tokenizer.eos_token_id}
    others = [_save(tmp_path / f"other{number}") for number in range(template_shelf.KEPT)]
    for other in others:
        shelf.template(other)
    before = len(loads)
    shelf.template(others[0])
    assert len(loads) == before
    shelf.template(folder)
    assert len(loads) == before + 1


def test_the_shelf_has_what_a_loaded_base_has(tiny: Callable[..., Any], tiny_base: Path) -> None:
    loaded, kept = tiny().template, TemplateShelf().template(tiny_base)
    assert kept.stop_ids == loaded.stop_ids
    turns = turns_of(*TALKS["system"])
    assert as_training(encode(line_of(turns), kept, 80)) == as_training(encode(line_of(turns), loaded, 80))


def test_the_shelf_refuses_what_loading_refuses(tmp_path: Path) -> None:
    shelf = TemplateShelf()
    with pytest.raises(StudioError, match="file_missing"):
        shelf.template(tmp_path / "none")
    with pytest.raises(StudioError, match="base_custom_code"):
        shelf.template(_save(tmp_path / "code", auto_map={"AutoModel": "x.Y"}))
    bare = _save(tmp_path / "bare")
    (bare / "chat_template.jinja").unlink()
    with pytest.raises(StudioError, match="base_no_template"):
        shelf.template(bare)
    (bare / "tokenizer.json").write_text("{", encoding="utf-8")
    (bare / "chat_template.jinja").write_text("{{ 1 }}", encoding="utf-8")
    with pytest.raises(StudioError, match="base_unsupported"):
        shelf.template(bare)


def test_the_engine_answers_without_a_base(tiny_base: Path, tmp_path: Path) -> None:
    from studio.engine.desk import Desk

    office = Office.__new__(Office)
    office.heard = Listener()
    office.desk = Desk(office.heard, device())  # type: ignore[arg-type]
    turns = turns_of(*TALKS["system"])
    office.do(ask.ShowTokens(job="m", path=str(tiny_base), turns=turns, max_length=500))
    (shown,) = office.heard.of(told.TokensShown)
    assert shown.windows == 1 and shown.left_out == 0
    assert {token.kind for token in shown.tokens} == {"trained", "context", "special"}
    short, long = line_of(turns_of(*TALK)), [turns_of(("u", "Go on."), ("p", LONG), ("u", "So?"), ("x", LONG))]
    lines = [short, *(ConversationLine(key=f"l{n}", heldout=False, turns=one) for n, one in enumerate(long))]
    office.do(
        ask.MeasureLengths(job="l", path=str(tiny_base), data=str(write_data(tmp_path / "d", lines)), max_length=200)
    )
    (measured,) = office.heard.of(told.LengthsMeasured)
    assert measured.conversations == 2 and measured.refused == {}
    assert set(measured.long) == {"l0"} and measured.long["l0"] > 300
    assert [(one.key, one.turn, one.trained) for one in measured.replies] == [("l0", 1, True), ("l0", 3, False)]
    office.do(ask.ShowTokens(job="x", path=str(tmp_path / "none"), turns=turns))
    assert office.failure("x").code == "file_missing"


def test_no_message_is_too_long_for_the_wire(tiny_base: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("studio.engine.bench.mask.MOST_TOKENS", 10)
    heard = Listener()
    command = ask.ShowTokens(job="m", path=str(tiny_base), turns=turns_of(*TALK), max_length=500)
    for _ in show_tokens(command, TemplateShelf(), heard):  # type: ignore[arg-type]
        pass
    (shown,) = heard.of(told.TokensShown)
    assert len(shown.tokens) == 10 and shown.left_out > 10


@pytest.mark.model
@pytest.mark.parametrize("talk", TALKS)
def test_the_starter_itself(starter_base: Path, talk: str) -> None:
    template = TemplateShelf().template(starter_base)
    turns = turns_of(*TALKS[talk])
    for limit in (60, 1000):
        mask = mask_of(turns, template, limit)
        assert windows_of(mask) == as_training(encode(line_of(turns), template, limit))
    learned = learned_text(mask, template)
    assert all(text.endswith("<|im_end|>") for text in learned.values()) and learned
    ours = template_of("smollm2")
    messages = [Message(role=turn.role, text=turn.text) for turn in turns]
    assert template.render(messages) == ours.render(messages)
