"""The README.md of an exported adapter: YAML front matter for the Hub, then the persona, the recipe and the figures."""

import json

from studio.domain.adapter import made_of
from studio.exporters.exporter import ExportRequest


def model_card(request: ExportRequest) -> str:
    """Return the whole card. English, because it is read on the Hub, not in this program."""
    parts = [
        _front_matter(request),
        _introduction(request),
        _system_prompt(request),
        _loading(request),
        _parts(request),
        _recipe_table(request),
        _figures(request),
    ]
    return "\n".join(part for part in parts if part)


def _front_matter(request: ExportRequest) -> str:
    lines = []
    if request.base.hub_id:
        lines += [f"base_model: {_yaml(request.base.hub_id)}", "base_model_relation: adapter"]
    if request.base.licence:
        lines.append(f"license: {_yaml(request.base.licence)}")
    kind = "lora" if "rank" in request.recipe.options else request.recipe.method
    tags = [kind, "persona", "roleplay", *request.persona.tags]
    lines += ["library_name: peft", "pipeline_tag: text-generation", "tags:"]
    lines += [f"- {_yaml(tag)}" for tag in dict.fromkeys(tags)]
    return "\n".join(["---", *lines, "---", ""])


def _yaml(word: str) -> str:
    """A JSON string is a YAML string too, whatever is in it."""
    return json.dumps(word, ensure_ascii=False)


def _introduction(request: ExportRequest) -> str:
    persona = request.persona
    said = [f"# {_line(persona.name)}", ""]
    if persona.tagline:
        said += [f"> {_line(persona.tagline)}", ""]
    if persona.description:
        said += [persona.description.strip(), ""]
    base = request.base.hub_id or request.base.name
    said += [f"A persona adapter ({request.recipe.method}) for **{_line(base)}**, made with Persona Studio.", ""]
    return "\n".join(said)


def _line(text: str) -> str:
    return " ".join(text.split())


def _system_prompt(request: ExportRequest) -> str:
    prompt = request.persona.system_prompt.strip()
    if not prompt:
        return "The adapter was trained without a system prompt.\n"
    quoted = "\n".join(f"    {line}" for line in prompt.splitlines())
    return f"## System prompt\n\nThe one it was trained with; use it word for word.\n\n{quoted}\n"


def _loading(request: ExportRequest) -> str:
    base = json.dumps(request.base.hub_id or "path/to/the/base")
    prompt = request.persona.system_prompt
    spoken = {"role": "system", "content": prompt}, {"role": "user", "content": "Hello!"}
    messages = json.dumps(spoken if prompt else spoken[1:], ensure_ascii=False)
    return f"""## Use

```python
from peft import PeftModel
from transformers import AutoModelForCausalLM, AutoTokenizer

base = AutoModelForCausalLM.from_pretrained({base}, dtype="auto")
tokenizer = AutoTokenizer.from_pretrained({base})
model = PeftModel.from_pretrained(base, "path/to/this/folder")
messages = {messages}
prompt = tokenizer.apply_chat_template(messages, add_generation_prompt=True, return_tensors="pt", return_dict=True)
reply = model.generate(**prompt, max_new_tokens=200)
print(tokenizer.decode(reply[0, prompt["input_ids"].shape[1]:], skip_special_tokens=True))
```
"""


def _parts(request: ExportRequest) -> str:
    """What a baked adapter is the sum of; a part's hash tells which one it was, wherever it is published."""
    parts = made_of(request.adapter)
    if not parts:
        return ""
    rows = [f"| {_cell(part.name)} | {part.weight:g} | {part.rank} | `{part.content}` |" for part in parts]
    lost = request.adapter.made_of.get("lost")
    said = f"\n{lost:.2%} of the sum is left out by its rank.\n" if isinstance(lost, float) and lost else ""
    head = ["## Made of", "", "| adapter | weight | rank | SHA-256 |", "| --- | --- | --- | --- |"]
    return "\n".join([*head, *rows, said])


def _cell(text: str) -> str:
    return _line(text).replace("|", "\\|")


def _recipe_table(request: ExportRequest) -> str:
    rows = [f"| {name} | {value} |" for name, value in sorted(request.recipe.options.items())]
    head = ["## Recipe", "", "| option | value |", "| --- | --- |", f"| method | {request.recipe.method} |"]
    return "\n".join([*head, *rows, ""])


def _figures(request: ExportRequest) -> str:
    run, dataset = request.run, request.dataset
    if run is None or dataset is None:
        return ""
    lines = [
        "## Figures",
        "",
        f"- data: version {dataset.number}, {dataset.conversations} conversations, {dataset.persona_turns} turns of "
        f"the persona, {dataset.heldout_conversations} conversations held out",
        f"- steps: {request.adapter.step}",
    ]
    if run.heldout_nll_base is not None and run.heldout_nll_adapter is not None:
        gain = run.heldout_nll_base - run.heldout_nll_adapter
        lines.append(
            f"- held-out loss: base {run.heldout_nll_base:.3f}, adapter {run.heldout_nll_adapter:.3f} nats per token "
            f"({gain:.3f} saved)"
        )
    return "\n".join([*lines, ""])
