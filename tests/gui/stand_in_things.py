"""A base, two personas and an adapter for the stand-in studio."""

from studio.domain.adapter import Adapter
from studio.domain.base_model import BaseModel
from studio.domain.dataset import DatasetVersion
from studio.domain.persona import Persona

BASE = BaseModel(
    id="base-1", name="SmolLM2 135M", path="/models/smol", fingerprint="f", parameters=134_515_008,
    architecture="LlamaForCausalLM", layers=30, hidden_size=576, intermediate_size=1536, vocabulary=49152,
    heads=9, key_value_heads=3, context_length=8192,
)  # fmt: skip
MIRA = Persona(id="persona-1", name="Mira Vane", colour="#f2937b", system_prompt="You are Mira Vane.")
ILSE = Persona(id="persona-2", name="Ilse Marrow", colour="#c79bff")
ADAPTER = Adapter(
    id="adapter-1", name="Mira Vane v3", persona_id=MIRA.id, base_id=BASE.id, base_fingerprint="f", run_id="run-1",
    method="qlora", rank=16, alpha=32, step=100, path="/a", content="c", size_bytes=4_000_000, gain=0.82,
)  # fmt: skip
VERSION = DatasetVersion(
    id="data-2", persona_id=ILSE.id, number=2, content="c", conversations=96, persona_turns=612,
    heldout_conversations=9, heldout_fraction=0.1, created_at="2026-11-20T10:00:00+00:00", name="clean",
)  # fmt: skip
