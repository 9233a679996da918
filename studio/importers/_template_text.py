"""Text that a chat template has already been through (ChatML and its kin), taken apart into messages again."""

import re
from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field, replace
from itertools import pairwise

from studio.domain.conversation import Role
from studio.importers._messages import ROLES

Message = dict[str, object]


@dataclass(frozen=True, kw_only=True)
class Template:
    """How one family writes turns down. ``opening`` has a group ``role``; ``closing`` ends a turn.

    ``breaks`` stand between conversations. ``roles`` translates words that are no roles elsewhere.
    """

    opening: re.Pattern[str]
    closing: tuple[str, ...]
    breaks: tuple[str, ...] = ()
    roles: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, kw_only=True)
class Spoken:
    """A turn as it stands in the text; ``line`` counts from 1. ``after_blank``, ``after_break``: what stands before."""

    role: str
    text: str
    line: int
    after_blank: bool
    after_break: bool


_PREFACE = "Below is an instruction that describes a task"
"""Stands before each of Alpaca's records."""
_DIALOGUE = {"human": "user", "instruction": "user", "input": "user", "response": "assistant", "output": "assistant"}
_TEMPLATES = (
    Template(
        opening=re.compile(r"<\|im_start\|>[ \t]*(?P<role>[^\n<|]{1,120})(?:\n|\Z)"),
        closing=("<|im_end|>", "<|endoftext|>"),
        breaks=("<|endoftext|>", "<s>", "</s>"),
    ),
    Template(
        opening=re.compile(r"<\|start_header_id\|>(?P<role>[^\n<|]{1,120})<\|end_header_id\|>\n{0,2}"),
        closing=("<|eot_id|>", "<|eom_id|>"),
        breaks=("<|begin_of_text|>", "<|end_of_text|>"),
    ),
    Template(
        opening=re.compile(r"<\|header_start\|>(?P<role>[^\n<|]{1,120})<\|header_end\|>\n{0,2}"),
        closing=("<|eot|>", "<|eom|>"),
        breaks=("<|begin_of_text|>", "<|end_of_text|>"),
    ),
    Template(
        opening=re.compile(r"<start_of_turn>(?P<role>[^\n<|]{1,120})(?:\n|\Z)"),
        closing=("<end_of_turn>",),
        breaks=("<bos>", "<eos>"),
    ),
    Template(
        opening=re.compile(r"<\|start_of_role\|>(?P<role>[^\n<|]{1,120})<\|end_of_role\|>"),
        closing=("<|end_of_text|>",),
    ),
    Template(
        opening=re.compile(r"<\|START_OF_TURN_TOKEN\|><\|(?P<role>SYSTEM|USER|CHATBOT)_TOKEN\|>"),
        closing=("<|END_OF_TURN_TOKEN|>",),
        breaks=("<BOS_TOKEN>", "<EOS_TOKEN>"),
    ),
    Template(
        opening=re.compile(r"<｜(?P<role>User|Assistant)｜>"),
        closing=("<｜end▁of▁sentence｜>",),
        breaks=("<｜begin▁of▁sentence｜>",),
    ),
    Template(
        opening=re.compile(r"<\|(?P<role>system|user|assistant|model|tool|observation)\|>\n?"),
        closing=("<|end|>", "</s>", "<|endoftext|>"),
        breaks=("<|endoftext|>", "<s>"),
    ),
    Template(
        opening=re.compile(r"\[(?P<role>/?INST)\]"),
        closing=("</s>",),
        roles={"inst": "user", "/inst": "assistant"},
    ),
    Template(
        opening=re.compile(r"###[ \t]?(?P<role>Human|Assistant|System|User|Instruction|Input|Response)[ \t]*:\s?"),
        closing=("</s>", "<|endoftext|>", _PREFACE),
        breaks=("<s>", "<|endoftext|>", _PREFACE),
        roles=_DIALOGUE,
    ),
)
_SIGNS = ("<|", "<start_of_turn>", "<｜", "INST]", "###")
"""One of these stands in every opening; most texts have none and are told apart by that."""
_LABELS = Template(opening=re.compile(r"(?:\A|\n\n)(?P<role>Human|Assistant):[ \n]?"), closing=(), roles=_DIALOGUE)
_NAMED = re.compile(r"(?P<role>[^\s=]+)[ \t]+name[ \t]*=[ \t]*(?P<name>.+)")
_INST_SYSTEM = re.compile(r"\A\s*<<SYS>>(?P<system>.*?)<</SYS>>(?P<user>.*)\Z", re.DOTALL)
_BLANK = re.compile(r"\n[ \t]*\n")


def template_of(text: str, least: int = 2) -> Template | None:
    """Return the family with the most openings in the text, at least ``least`` of them; ``None`` for plain words."""
    if not any(sign in text for sign in _SIGNS):
        return None
    counts = [(sum(1 for _ in template.opening.finditer(text)), template) for template in _TEMPLATES]
    count, template = max(counts, key=lambda found: found[0])
    return template if count >= least else None


def labelled_template_of(text: str) -> Template | None:
    """As ``template_of``; also ``Human:`` and ``Assistant:`` in paragraphs, if the text begins with one."""
    marked = _LABELS.opening.match(text.lstrip("\n")) is not None and "\n\nAssistant:" in text
    return _LABELS if marked else template_of(text)


def conversations_in(text: str, template: Template) -> Iterator[list[tuple[int, Message]]]:
    """Yield conversations as (line, message). A system turn begins a new one; so do marks and, if steady, blank lines.

    Blank lines only part conversations in texts that have none between a question and its answer.
    """
    spoken = list(_spoken(text.lstrip("\n") if template is _LABELS else text, template))
    parted = not any(turn.after_blank and _answers(before, turn) for before, turn in pairwise(spoken))
    said: list[Spoken] = []
    for turn in spoken:
        begins = _is(turn, Role.SYSTEM) or turn.after_break or (parted and turn.after_blank)
        if begins and not all(_is(before, Role.SYSTEM) for before in said):
            yield [(before.line, _message(before)) for before in said]
            said = []
        said.append(turn)
    if said:
        yield [(before.line, _message(before)) for before in said]


def _is(turn: Spoken, role: Role) -> bool:
    return ROLES.get(turn.role.casefold()) is role


def _answers(question: Spoken, turn: Spoken) -> bool:
    return _is(question, Role.USER) and not _is(turn, Role.USER)


def _spoken(text: str, template: Template) -> Iterator[Spoken]:
    """Turns one after another; empty ones, such as an opening for a reply that was never given, are passed over."""
    openings = list(template.opening.finditer(text))
    line, counted, gap = 1, 0, text[: openings[0].start()] if openings else ""
    for opening, following in zip(openings, [*openings[1:], None], strict=True):
        line += text.count("\n", counted, opening.start())
        counted = opening.start()
        words, after = _closed(text[opening.end() : following.start() if following else len(text)], template)
        if words.strip():
            role = opening["role"].strip()
            yield from _with_system(Spoken(
                role=template.roles.get(role.casefold(), role),
                text=words.strip(),
                line=line,
                after_blank=_BLANK.search(gap) is not None,
                after_break=any(mark in gap for mark in template.breaks),
            ))  # fmt: skip
        gap = after


def _closed(words: str, template: Template) -> tuple[str, str]:
    """Return the words up to the first closing mark, and what follows; a mark between conversations stays in that."""
    ends = [(at, mark) for mark in template.closing if (at := words.find(mark)) >= 0]
    if not ends:
        return words, ""
    at, mark = min(ends)
    return words[:at], words[at if mark in template.breaks else at + len(mark) :]


def _with_system(turn: Spoken) -> Iterator[Spoken]:
    """Llama 2 has the system text inside the user's first turn."""
    inside = _INST_SYSTEM.match(turn.text)
    if inside:
        yield replace(turn, role="system", text=inside["system"].strip())
        turn = replace(turn, text=inside["user"].strip(), after_blank=False, after_break=False)
    yield turn


def _message(turn: Spoken) -> Message:
    named = _NAMED.fullmatch(turn.role)
    if not named:
        return {"role": turn.role, "content": turn.text}
    return {"role": named["role"], "name": named["name"].strip('"'), "content": turn.text}
