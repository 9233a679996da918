"""What is learned: the persona's words and the end of its turn, under templates of several families."""

from pathlib import Path
from typing import Any

import pytest

from studio.domain.errors import StudioError
from studio.engine.text.chat_encoding import Window, encode
from studio.engine.text.chat_template import ChatTemplate
from studio.engine.text.preflight import encode_dataset
from studio.protocol.commands import Message
from studio.protocol.dataset_file import ConversationLine, TurnLine
from tests.bases import CHATML, tiny_tokenizer
from tests.engine.rig import talk, write_data

GEMMA_LIKE = (
    "{{ '<bos>' }}{% if messages and messages[0]['role'] == 'system' %}"
    "{{ raise_exception('no system role') }}{% endif %}{% for message in messages %}"
    "{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}"
    "{{ raise_exception('roles must alternate') }}{% endif %}"
    "{{ '<start_of_turn>' + ('model' if message['role'] == 'assistant' else 'user') + '\n' }}"
    "{{ message['content'] | trim + '<end_of_turn>\n' }}{% endfor %}"
    "{% if add_generation_prompt %}{{ '<start_of_turn>model\n' }}{% endif %}"
)
LLAMA_LIKE = (
    "{{ '<|begin_of_text|>' }}{% for message in messages %}"
    "{{ '<|start_header_id|>' + message['role'] + '<|end_header_id|>\n\n' + message['content'] | trim + '<|eot_id|>' }}"
    "{% endfor %}{% if add_generation_prompt %}{{ '<|start_header_id|>assistant<|end_header_id|>\n\n' }}{% endif %}"
)
REWRITING = CHATML.replace("message['content'] +", "(message['content'] if loop.last else '…') +")
FAMILIES = {
    "chatml": (CHATML, "<|im_end|>"),
    "gemma": (GEMMA_LIKE, "<end_of_turn>"),
    "llama": (LLAMA_LIKE, "<|eot_id|>"),
}


def _template(family: str) -> ChatTemplate:
    template, end = FAMILIES[family]
    return ChatTemplate(tiny_tokenizer(template, end))


@pytest.fixture(params=[*FAMILIES, pytest.param("starter", marks=pytest.mark.model)])
def template(request: pytest.FixtureRequest) -> ChatTemplate:
    if request.param != "starter":
        return _template(request.param)
    from transformers import AutoTokenizer

    return ChatTemplate(AutoTokenizer.from_pretrained(request.getfixturevalue("starter_base"), local_files_only=True))


def _trained(window: Window, template: ChatTemplate) -> list[str]:
    """The runs of trained tokens as text."""
    runs: list[list[int]] = [[]]
    for token, trained in zip(window.ids, window.trained, strict=True):
        if trained:
            runs[-1].append(token)
        elif runs[-1]:
            runs.append([])
    return [template.tokenizer.decode(run) for run in runs if run]


def _end(template: ChatTemplate) -> str:
    return str(template.tokenizer.eos_token)


TALK = (
    "Who goes there?",
    "Only the ferryman, friend.",
    "And the lamp?",
    "It burns — näher 🜂!",
    "So?",
    "So be it.",
)


@pytest.mark.parametrize("system", ["", "You are Oswin."])
def test_trained_are_the_personas_words_and_their_end(template: ChatTemplate, system: str) -> None:
    (window,) = encode(talk("c", *TALK, system=system), template, 1000)
    assert _trained(window, template) == [text + _end(template) for text in TALK[1::2]]
    messages = [Message(role="system", text=system)] if system else []
    messages += [Message(role=("user", "assistant")[n % 2], text=text) for n, text in enumerate(TALK)]
    assert template.tokenizer.decode(window.ids) == template.render(messages)


def test_what_is_trained_follows_what_a_chat_gives(template: ChatTemplate) -> None:
    """The tokens before a reply are exactly the prompt from which the reply is made in a chat."""
    (window,) = encode(talk("c", *TALK[:2]), template, 1000)
    prompt = template.prompt_ids([Message(role="user", text=TALK[0])])
    assert list(window.ids[: len(prompt)]) == prompt
    assert window.trained.index(True) == len(prompt)


def test_turns_that_are_switched_off_are_read_but_not_learned(template: ChatTemplate) -> None:
    (window,) = encode(talk("c", *TALK, untrained=(1,)), template, 1000)
    assert _trained(window, template) == [text + _end(template) for text in TALK[3::2]]
    assert encode(talk("c", *TALK, untrained=(1, 3, 5)), template, 1000) == []


@pytest.mark.parametrize("family", FAMILIES)
@pytest.mark.parametrize("greeting", ["Hello there, traveller.", "end", "id", "0", "1", "assistant"])
def test_a_greeting_that_stands_first(family: str, greeting: str) -> None:
    template = _template(family)
    line = ConversationLine(
        key="c",
        heldout=False,
        turns=[TurnLine(role="assistant", text=greeting), TurnLine(role="user", text="Hm."),
               TurnLine(role="assistant", text="Well.")],
    )  # fmt: skip
    (window,) = encode(line, template, 1000)
    assert _trained(window, template) == [greeting + _end(template), "Well." + _end(template)]


@pytest.mark.parametrize("limit", [60, 90, 140, 900])
@pytest.mark.parametrize("family", FAMILIES)
def test_windows_are_cut_between_turns_and_lose_nothing(family: str, limit: int) -> None:
    template = _template(family)
    texts = [f"{'Tell me.' if n % 2 == 0 else 'The river runs.'} {n}" for n in range(20)]
    windows = encode(talk("c", *texts, system="Be brief."), template, limit)
    assert (len(windows) > 1) == (limit < 900)
    assert all(len(window.ids) <= limit for window in windows)
    learned = [run for window in windows for run in _trained(window, template)]
    assert learned == [text + _end(template) for text in texts[1::2]]
    assert all("Be brief." in template.tokenizer.decode(window.ids) for window in windows)


def test_a_reply_longer_than_the_window_is_told() -> None:
    with pytest.raises(StudioError, match="reply_too_long") as caught:
        encode(talk("long-one", "Go on.", "Well, " * 100), _template("chatml"), 64)
    assert caught.value.details["conversation"] == "long-one"
    assert caught.value.details["limit"] == 64


def test_a_reply_over_the_window_that_is_not_learned_is_left_out() -> None:
    template = _template("chatml")
    texts = ("Hi.", "Aye.", "Go on.", "Well, " * 100, "So?", "No.")
    windows = encode(talk("c", *texts, system="Be brief.", untrained=(3,)), template, 90)
    assert [_trained(window, template) for window in windows] == [["Aye.<|im_end|>"], ["No.<|im_end|>"]]
    read = [template.tokenizer.decode(window.ids) for window in windows]
    assert "Go on." not in "".join(read) and "Well, Well" not in "".join(read)
    assert all("Be brief." in text for text in read)
    with pytest.raises(StudioError, match="reply_too_long"):
        encode(talk("c", *texts, system="Be brief.", untrained=(1,)), template, 90)


def test_a_long_log_is_cut_without_end() -> None:
    """More windows than Python's stack is deep, were each cut a call of its own."""
    texts = [f"{'Tell me.' if n % 2 == 0 else 'It runs.'}" for n in range(1500)]
    windows = encode(talk("c", *texts), _template("llama"), 75)
    assert sum(window.trained_tokens > 0 for window in windows) == len(windows) > 300


@pytest.mark.parametrize("family", FAMILIES)
def test_a_greeting_that_begins_with_spaces(family: str) -> None:
    template = _template(family)
    turns = [TurnLine(role="assistant", text="  0 Well."), TurnLine(role="user", text="Hm.")]
    (window,) = encode(ConversationLine(key="c", heldout=False, turns=turns), template, 1000)
    assert [text.strip() for text in _trained(window, template)] == ["0 Well." + _end(template)]


@pytest.mark.parametrize(
    ("template", "end", "code"),
    [
        (REWRITING, "<|im_end|>", "template_rewrites"),
        (CHATML.replace("message['content']", "message['content'] | upper"), "<|im_end|>", "template_rewrites"),
        (CHATML, "<|eot_id|>", "end_of_turn_untrained"),
        (CHATML.replace("{% for", "{{ raise_exception('not today') }}{% for"), "<|im_end|>", "template_failed"),
    ],
)
def test_templates_that_cannot_be_trained_on(template: str, end: str, code: str) -> None:
    refused = ChatTemplate(tiny_tokenizer(template, end))
    line = talk("c", *TALK)
    if "upper" in template:  # a greeting: nothing but its words shows where it begins
        line = ConversationLine(key="c", heldout=False, turns=[TurnLine(role="assistant", text="hello")])
    with pytest.raises(StudioError, match=code):
        encode(line, refused, 1000)


def test_a_system_turn_is_folded_where_the_template_has_none() -> None:
    template = _template("gemma")
    system, user = Message(role="system", text="Be Oswin."), Message(role="user", text="Hello.")
    assert template.render([system, user]) == "<bos><start_of_turn>user\nBe Oswin.\n\nHello.<end_of_turn>\n"
    with pytest.raises(StudioError, match="template_failed") as caught:
        template.render([user, user])
    assert "roles must alternate" in str(caught.value.details["reason"])


def test_stop_tokens_are_the_generation_configs_and_the_tokenizers() -> None:
    tokenizer = tiny_tokenizer()
    config = type("Config", (), {"eos_token_id": [5, 9]})
    assert ChatTemplate(tokenizer, config).stop_ids == {5, 9, tokenizer.eos_token_id}


GOOD = talk("good", "Who goes there?", "The ferryman.")


@pytest.mark.parametrize(
    ("lines", "code", "details"),
    [
        ([talk("c", "I am {{user}}.", "Hm.")], "macros_unresolved", {"macro": "{{user}}", "count": 1}),
        ([talk("c", "Hm.", "I am {{ Char }}.")], "macros_unresolved", {"macro": "{{ Char }}"}),
        ([talk("c", "Hm.", "Well.<|im_end|>")], "template_tokens_in_text", {"token": "<|im_end|>"}),
        ([talk("c", "<|im_start|>system", "Well.")], "template_tokens_in_text", {"token": "<|im_start|>"}),
        ([talk("c", "Hm.", "<think>So.</think>Well.")], "think_in_text", {"count": 1}),
        ([talk("c", "Hm.", "Well.", untrained=(1,))], "nothing_to_train", {}),
        ([talk("c", "Hm.")], "nothing_to_train", {}),
        ([talk("c", "Hm.", "Well.", heldout=True)], "no_training_side", {"count": 1}),
        ([], "nothing_to_train", {}),
    ],
)
def test_the_check_before_a_run(tmp_path: Path, lines: list[Any], code: str, details: dict[str, object]) -> None:
    if code not in ("nothing_to_train", "no_training_side"):
        lines = [GOOD, *lines]
        details = details | {"conversation": "c"}
    with pytest.raises(StudioError, match=code) as caught:
        encode_dataset(write_data(tmp_path / "data", lines), _template("chatml"), 500)
    assert details.items() <= caught.value.details.items()


def test_both_sides_are_encoded_and_counted(tmp_path: Path) -> None:
    lines = [GOOD, talk("h", "Who?", "Me.", heldout=True), talk("t", "A <think> in a question is fine.", "Is it?")]
    data = encode_dataset(write_data(tmp_path / "data", lines), _template("chatml"), 500)
    assert [window.key for window in data.train] == ["good", "t"]
    assert [window.key for window in data.heldout] == ["h"]
    assert data.tokens == sum(len(window.ids) for window in data.train)
    assert 0 < data.trained_tokens < data.tokens
