"""A base's chat template: rendering prompts, and knowing what ends a reply.

Rendering goes through transformers, which runs templates in Jinja's immutable sandbox. Bases that can think first are
asked not to: what is trained and what is chatted with are the reply alone.
"""

from collections.abc import Sequence
from functools import cached_property
from typing import Any

import jinja2

from studio.domain.errors import StudioError
from studio.protocol.commands import Message

GREETING_REQUEST = "[Start]"
"""What stands for the user's first turn where a template demands one and the character speaks first."""

_PROBE = "7c1e9d40"
"""Words that no template holds by itself."""


class ChatTemplate:
    """Text and token ids of conversations, exactly as training and chatting both see them."""

    def __init__(self, tokenizer: Any, generation_config: Any = None) -> None:
        self.tokenizer = tokenizer
        self.stop_ids = _stop_ids(tokenizer, generation_config)

    def render(self, messages: Sequence[Message], *, prompt: bool = False) -> str:
        """Return the text of the messages; ``prompt`` adds the opening of a reply. Refusals: ``template_failed``."""
        if self._drops_system and messages and messages[0].role == "system":
            messages = _user_first(messages)
        try:
            return self._rendered(messages, prompt)
        except jinja2.TemplateError:
            strict = _user_first(messages)
        try:
            return self._rendered(strict, prompt)
        except jinja2.TemplateError as error:
            raise StudioError("template_failed", reason=str(error)[:200]) from None

    def prompt_ids(self, messages: Sequence[Message]) -> list[int]:
        """Return the token ids that a reply to ``messages`` starts from."""
        return self.tokenizer.encode(self.render(messages, prompt=True), add_special_tokens=False)  # type: ignore[no-any-return]

    def length(self, messages: Sequence[Message]) -> int:
        """Return how many tokens the messages take."""
        return len(self.tokenizer(self.render(messages), add_special_tokens=False)["input_ids"])

    def without_closing(self, text: str) -> str:
        """Return a rendering without the end of sequence that some templates (Phi's) put after the last message."""
        return text.removesuffix(self.tokenizer.eos_token or "")

    @cached_property
    def control_tokens(self) -> list[str]:
        """Tokens that steer the model: the special ones, and marks that the template is made of. Not for texts."""
        added = self.tokenizer.added_tokens_decoder.values()
        source = str(self.tokenizer.chat_template)
        marks = {one.content for one in added if one.content[:1] in ("<", "[") and one.content in source}
        special = {one.content for one in added if one.special}
        return sorted(one for one in marks | special | set(self.tokenizer.all_special_tokens) if len(one) > 3)

    @cached_property
    def keeps_replies(self) -> bool:
        """False for templates that write a reply otherwise once something follows it, as those of hybrid bases do
        (Qwen3): then each reply is learned as the last of what a chat reads up to it."""
        said = [Message(role=role, text=_PROBE) for role in ("user", "assistant", "user")]
        try:
            ended, longer = self.render(said[:2]), self.render(said)
        except StudioError:
            return True  # it is refused when it is used
        return longer.startswith((ended, self.without_closing(ended)))

    @cached_property
    def _drops_system(self) -> bool:
        """True for templates that leave a system turn out (Phi-3 mini) or put it before the last question (Mistral).

        What they would make of it is not what is chatted with, so it is folded into the first question. Templates that
        refuse it are noticed when it happens.
        """
        talk = [("system", _PROBE), ("user", "a"), ("assistant", "b")]
        try:
            return _PROBE not in self._rendered([Message(role=role, text=text) for role, text in talk], False)
        except jinja2.TemplateError:
            return False

    def _rendered(self, messages: Sequence[Message], prompt: bool) -> str:
        plain = [{"role": one.role, "content": one.text} for one in messages]
        return self.tokenizer.apply_chat_template(  # type: ignore[no-any-return]
            plain, tokenize=False, add_generation_prompt=prompt, enable_thinking=False
        )


def _user_first(messages: Sequence[Message]) -> list[Message]:
    """Return the messages as the strictest templates want them (Gemma, Mistral): no system role, the user begins.

    The system text goes in front of the first user turn, or becomes one; a greeting gets an opening to answer.
    """
    system = messages[0].text if messages and messages[0].role == "system" else ""
    rest = list(messages[1:] if system else messages)
    if rest and rest[0].role == "user":
        opening = f"{system}\n\n{rest[0].text}" if system else rest[0].text
        return [Message(role="user", text=opening), *rest[1:]]
    return [Message(role="user", text=system or GREETING_REQUEST), *rest]


def _stop_ids(tokenizer: Any, generation_config: Any) -> frozenset[int]:
    """Tokens that end a reply: those the base's generation config names, and the tokenizer's end of sequence."""
    named = getattr(generation_config, "eos_token_id", None)
    ids = set(named if isinstance(named, list) else [named])
    ids.add(tokenizer.eos_token_id)
    return frozenset(one for one in ids if one is not None)
