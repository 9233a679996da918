"""An adapter as a PEFT folder with a model card: what peft, transformers, vLLM and the Hub read."""

import hashlib
import json
import shutil
from pathlib import Path

from studio.domain.adapter import made_of
from studio.domain.errors import StudioError
from studio.exporters._model_card import model_card
from studio.exporters.exporter import Exporter, ExportRequest

WEIGHTS = "adapter_model.safetensors"
CONFIG = "adapter_config.json"

# The keys of a configuration that decide what the adapter computes; the rest is the trainer's own business.
_KEPT = (
    "peft_type", "task_type", "r", "lora_alpha", "lora_dropout", "target_modules", "bias", "fan_in_fan_out",
    "use_rslora", "use_dora", "rank_pattern", "alpha_pattern", "modules_to_save", "layers_to_transform",
    "layers_pattern", "init_lora_weights",
    "feedforward_modules", "num_virtual_tokens", "token_dim", "num_transformer_submodules", "num_attention_heads",
    "num_layers",
)  # fmt: skip


def write(request: ExportRequest, folder: Path) -> None:
    """Fill ``folder`` with weights, config, model card, persona and manifest."""
    weights = request.folder / WEIGHTS
    if not weights.is_file():
        raise StudioError("adapter_broken", path=str(request.folder), reason=f"{WEIGHTS} is missing")
    shutil.copyfile(weights, folder / WEIGHTS)
    _write_json(folder / CONFIG, _clean_config(request))
    if request.persona.card:
        _write_json(folder / "card.json", dict(request.persona.card))
    _write_json(folder / "persona.json", _manifest(request, folder / WEIGHTS))
    (folder / "README.md").write_text(model_card(request), encoding="utf-8", newline="\n")


def base_name(request: ExportRequest) -> str:
    """What names the base outside of this machine: its Hub id, or its plain name, never a path."""
    return request.base.hub_id or request.base.name


def _clean_config(request: ExportRequest) -> dict[str, object]:
    path = request.folder / CONFIG
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise StudioError("adapter_broken", path=str(request.folder), reason=f"{CONFIG}: {error}") from error
    kept = {key: found[key] for key in _KEPT if key in found}
    return {"base_model_name_or_path": base_name(request), "inference_mode": True} | kept


def _manifest(request: ExportRequest, weights: Path) -> dict[str, object]:
    """Enough to check that the parts belong together, on any machine."""
    return {
        "format": "persona-studio-adapter",
        "version": 1,
        "persona": {
            "name": request.persona.name,
            "system_prompt": request.persona.system_prompt,
            "greeting": request.persona.greeting,
        },
        "adapter": {"name": request.adapter.name, "sha256": {WEIGHTS: sha256_of(weights)}},
        "base": {"name": base_name(request), "fingerprint": request.adapter.base_fingerprint},
        "recipe": {"method": request.recipe.method, "options": dict(request.recipe.options)},
    } | _origin(request)


def _origin(request: ExportRequest) -> dict[str, object]:
    """What it was trained on, or what it was baked of."""
    if request.dataset is not None:
        return {"dataset": {"version": request.dataset.number, "sha256": request.dataset.content}}
    parts = [{"name": one.name, "weight": one.weight, "sha256": one.content} for one in made_of(request.adapter)]
    return {"made_of": parts}


def sha256_of(path: Path) -> str:
    """SHA-256 of a file's bytes."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def _write_json(path: Path, value: dict[str, object]) -> None:
    text = json.dumps(value, ensure_ascii=False, indent=2, sort_keys=True)
    path.write_text(text + "\n", encoding="utf-8", newline="\n")


ENTRY = Exporter(
    name="peft",
    label="PEFT folder",
    summary="Safetensors, config and model card: for peft, transformers, vLLM and the Hub.",
    write=write,
    order=1,
)
