"""Chat templates of several families as fixtures, with tokenizers made on the spot that hold each family's tokens.

The templates in ``templates/`` are written here after each family's documented format; their first lines name it.
"""

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from studio.engine.text.chat_template import ChatTemplate
from tests.bases import tiny_tokenizer

TEMPLATES = Path(__file__).parent / "templates"


@dataclass(frozen=True, kw_only=True)
class Family:
    """``end`` closes a reply. ``marks`` are tokens that the family does not call special. ``rewrites``: refused.

    ``one_each``: writes a reply otherwise once something follows it, so that each is learned on its own.
    """

    name: str
    end: str
    eos: str = ""
    bos: str = ""
    special: tuple[str, ...] = ()
    marks: tuple[str, ...] = ()
    rewrites: bool = False
    one_each: bool = False

    def tokenizer(self) -> Any:
        """A byte-level tokenizer with the family's tokens and template."""
        from tokenizers import AddedToken

        made = tiny_tokenizer((TEMPLATES / f"{self.name}.jinja").read_text(encoding="utf-8"), "<|endoftext|>")
        special = [self.end, self.eos or self.end, *([self.bos] if self.bos else []), *self.special]
        made.add_tokens([AddedToken(one, special=True, normalized=False) for one in dict.fromkeys(special)])
        made.add_tokens([AddedToken(one, special=False, normalized=False) for one in self.marks])
        made.add_special_tokens({"eos_token": self.eos or self.end} | ({"bos_token": self.bos} if self.bos else {}))
        return made

    def template(self) -> ChatTemplate:
        """As a loaded base would have it: the generation config names every token that ends a reply."""
        tokenizer = self.tokenizer()
        ends = [tokenizer.convert_tokens_to_ids(one) for one in dict.fromkeys((self.end, self.eos or self.end))]
        return ChatTemplate(tokenizer, type("Config", (), {"eos_token_id": ends}))


_CHATML = ("<|im_start|>", "<|endoftext|>")
_LLAMA = ("<|start_header_id|>", "<|end_header_id|>", "<|end_of_text|>")
_PHI = ("<|user|>", "<|assistant|>", "<|system|>")
_R1 = ("<｜User｜>", "<｜Assistant｜>", "<think>", "</think>")

FAMILIES = {
    one.name: one
    for one in (
        Family(name="smollm2", end="<|im_end|>", special=_CHATML),
        Family(name="qwen25", end="<|im_end|>", special=_CHATML),
        Family(name="llama3", end="<|eot_id|>", bos="<|begin_of_text|>", special=_LLAMA),
        Family(name="llama31", end="<|eot_id|>", bos="<|begin_of_text|>", special=_LLAMA),
        Family(name="gemma2", end="<end_of_turn>", eos="<eos>", bos="<bos>", special=("<start_of_turn>",)),
        Family(name="gemma3", end="<end_of_turn>", eos="<eos>", bos="<bos>", special=("<start_of_turn>",)),
        Family(name="mistral01", end="</s>", bos="<s>"),
        Family(name="mistral03", end="</s>", bos="<s>", special=("[INST]", "[/INST]")),
        Family(name="phi3", end="<|end|>", eos="<|endoftext|>", bos="<s>", special=_PHI),
        Family(name="phi35", end="<|end|>", eos="<|endoftext|>", special=_PHI),
        Family(name="deepseek_r1", end="<｜end▁of▁sentence｜>", bos="<｜begin▁of▁sentence｜>", marks=_R1),
        Family(name="qwen3", end="<|im_end|>", special=_CHATML, marks=("<think>", "</think>"), one_each=True),
        Family(name="deepseek_r1_opened", end="<｜end▁of▁sentence｜>", bos="<｜begin▁of▁sentence｜>", marks=_R1,
               rewrites=True),
    )
}  # fmt: skip
FAITHFUL = [name for name, family in FAMILIES.items() if not family.rewrites and not family.one_each]
ONE_EACH = [name for name, family in FAMILIES.items() if family.one_each]
