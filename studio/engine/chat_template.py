"""A base's chat template: rendering prompts, and knowing what ends a reply.

Rendering goes through transformers, which runs templates in Jinja's immutable sandbox.
"""

from collections.abc import Sequence
from typing import Any

import jinja2

from studio.domain.errors import StudioError
from studio.protocol.commands import Message


class ChatTemplate:
    """Text and token ids of conversations, exactly as training and chatting both see them."""

    def __init__(self, tokenizer: Any, generation_config: Any = None) -> None:
        self.tokenizer = tokenizer
        self.stop_ids = _stop_ids(tokenizer, generation_config)
        self._folds_system: bool | None = None

    def render(self, messages: Sequence[Message], *, prompt: bool = False) -> str:
        """Return the text of the messages; ``prompt`` adds the opening of a reply. Refusals: ``template_failed``."""
        try:
            return self._rendered(messages, prompt)
        except jinja2.TemplateError:
            if messages and messages[0].role == "system":  # e.g. Gemma: no system role, so the user's turn carries it
                return self._second_try(_folded(messages), prompt)
            raise self._refused(messages, prompt) from None

    def prompt_ids(self, messages: Sequence[Message]) -> list[int]:
        """Return the token ids that a reply to ``messages`` starts from."""
        return self.tokenizer.encode(self.render(messages, prompt=True), add_special_tokens=False)  # type: ignore[no-any-return]

    def _rendered(self, messages: Sequence[Message], prompt: bool) -> str:
        plain = [{"role": one.role, "content": one.text} for one in messages]
        return self.tokenizer.apply_chat_template(plain, tokenize=False, add_generation_prompt=prompt)  # type: ignore[no-any-return]

    def _second_try(self, messages: Sequence[Message], prompt: bool) -> str:
        try:
            return self._rendered(messages, prompt)
        except jinja2.TemplateError:
            raise self._refused(messages, prompt) from None

    def _refused(self, messages: Sequence[Message], prompt: bool) -> StudioError:
        try:
            self._rendered(messages, prompt)
        except jinja2.TemplateError as error:
            return StudioError("template_failed", reason=str(error)[:200])
        return StudioError("template_failed", reason="unknown")


def _folded(messages: Sequence[Message]) -> list[Message]:
    """Put the system text in front of the first user turn, or make it one."""
    system, rest = messages[0], list(messages[1:])
    if rest and rest[0].role == "user":
        return [Message(role="user", text=f"{system.text}\n\n{rest[0].text}"), *rest[1:]]
    return [Message(role="user", text=system.text), *rest]


def _stop_ids(tokenizer: Any, generation_config: Any) -> frozenset[int]:
    """Tokens that end a reply: those the base's generation config names, and the tokenizer's end of sequence."""
    named = getattr(generation_config, "eos_token_id", None)
    ids = set(named if isinstance(named, list) else [named])
    ids.add(tokenizer.eos_token_id)
    return frozenset(one for one in ids if one is not None)
