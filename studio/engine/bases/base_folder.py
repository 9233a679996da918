"""What a base folder says of itself, checked before any of its weights are touched."""

import hashlib
import json
from dataclasses import dataclass
from pathlib import Path

from safetensors import SafetensorError, safe_open

from studio.domain.errors import StudioError
from studio.protocol.events import BaseInspected

PICKLED = (".bin", ".pt", ".pth", ".ckpt")
# Keys that carry no meaning for what the model computes, or change with every save.
_VOLATILE = ("_name_or_path", "_model_name_or_path", "transformers_version", "dtype", "torch_dtype", "use_cache")


@dataclass(frozen=True, kw_only=True)
class BaseFolder:
    """A folder that passed: safetensors only, no code of its own, a tokenizer and a chat template."""

    path: Path
    config: dict[str, object]
    weights: tuple[Path, ...]
    template: str

    @property
    def fingerprint(self) -> str:
        """SHA-256 over config (without volatile keys), tokenizer and chat template; adapters carry their base's."""
        steady = {key: value for key, value in sorted(self.config.items()) if key not in _VOLATILE}
        digest = hashlib.sha256(json.dumps(steady, sort_keys=True).encode())
        digest.update((self.path / "tokenizer.json").read_bytes())
        digest.update(self.template.encode())
        return digest.hexdigest()


def open_base_folder(path: Path) -> BaseFolder:
    """Check a folder; every refusal is a ``StudioError`` that says what is missing or unsafe."""
    weights = _weights(path)
    config = _json(path / "config.json")
    _refuse_custom_code(path, config)
    if not (path / "tokenizer.json").exists():
        raise StudioError("base_incomplete", path=str(path), missing="tokenizer.json")
    return BaseFolder(path=path, config=config, weights=weights, template=_template(path))


def check_tokenizer_folder(path: Path) -> None:
    """Refuse what ``open_base_folder`` refuses, as far as tokenizer and chat template go, whatever the weights."""
    if not path.is_dir():
        raise StudioError("file_missing", path=str(path))
    if (path / "config.json").exists():
        _refuse_custom_code(path, _json(path / "config.json"))
    if not (path / "tokenizer.json").exists():
        raise StudioError("base_incomplete", path=str(path), missing="tokenizer.json")
    _template(path)


def inspect(folder: BaseFolder, job: str) -> BaseInspected:
    """Return the folder's shape; parameters are counted from the safetensors headers, without loading."""
    config = _text_config(folder.config)
    heads = _number(config, "num_attention_heads")
    return BaseInspected(
        job=job,
        path=str(folder.path),
        name=folder.path.name,
        fingerprint=folder.fingerprint,
        parameters=sum(_parameters(file) for file in folder.weights),
        architecture=str(folder.config.get("model_type", "")),
        layers=_number(config, "num_hidden_layers"),
        hidden_size=_number(config, "hidden_size"),
        intermediate_size=_number(config, "intermediate_size"),
        vocabulary=_number(config, "vocab_size"),
        heads=heads,
        key_value_heads=_number(config, "num_key_value_heads") or heads,
        context_length=_number(config, "max_position_embeddings"),
    )


def _weights(path: Path) -> tuple[Path, ...]:
    if not path.is_dir():
        raise StudioError("file_missing", path=str(path))
    found = tuple(sorted(path.glob("*.safetensors")))
    if not found:
        pickled = sorted(file.name for file in path.iterdir() if file.suffix in PICKLED)
        if pickled:
            raise StudioError("base_pickled", path=str(path), names=", ".join(pickled[:3]))
        raise StudioError("base_incomplete", path=str(path), missing="model.safetensors")
    return found


def _json(path: Path) -> dict[str, object]:
    try:
        found = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise StudioError("base_incomplete", path=str(path.parent), missing=path.name) from None
    except (OSError, ValueError) as error:
        raise StudioError("base_unsupported", path=str(path.parent), reason=f"{path.name}: {error}") from None
    if not isinstance(found, dict):
        raise StudioError("base_unsupported", path=str(path.parent), reason=f"{path.name} is not an object")
    return found


def _refuse_custom_code(path: Path, config: dict[str, object]) -> None:
    """``auto_map`` names code to run; private attention keys once made a loader fetch code (CVE-2026-4372)."""
    if "auto_map" in config or any(key.startswith("_attn_implementation") for key in config):
        raise StudioError("base_custom_code", path=str(path))


def _template(path: Path) -> str:
    single = path / "chat_template.jinja"
    if single.exists():
        return single.read_text(encoding="utf-8")
    inside = path / "tokenizer_config.json"
    template = _json(inside).get("chat_template") if inside.exists() else None
    if isinstance(template, list):  # several named templates; the one called default is for chatting
        template = next((one.get("template") for one in template if one.get("name") == "default"), None)
    if not isinstance(template, str) or not template:
        raise StudioError("base_no_template", path=str(path))
    return template


def _text_config(config: dict[str, object]) -> dict[str, object]:
    """Models that also see or hear keep the language part's shape one level down."""
    inner = config.get("text_config")
    return inner if isinstance(inner, dict) else config


def _number(config: dict[str, object], key: str) -> int:
    value = config.get(key)
    return value if isinstance(value, int) else 0


def _parameters(file: Path) -> int:
    try:
        with safe_open(file, framework="pt") as weights:
            shapes = [weights.get_slice(name).get_shape() for name in weights.keys()]  # noqa: SIM118 - no mapping
    except (SafetensorError, OSError) as error:
        raise StudioError("base_unsupported", path=str(file.parent), reason=f"{file.name}: {error}") from None
    return sum(_product(shape) for shape in shapes)


def _product(shape: list[int]) -> int:
    total = 1
    for size in shape:
        total *= size
    return total
