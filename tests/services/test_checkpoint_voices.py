"""Checkpoints of a run as voices: made into PEFT folders from their bytes, once, and called by their step."""

import hashlib
import json
import math
import shutil
import struct
import threading
from pathlib import Path
from typing import Any

import pytest

from studio.domain.base_model import BaseModel
from studio.domain.chat import Contestant
from studio.domain.errors import StudioError
from studio.domain.persona import Persona
from studio.domain.recipe import Recipe
from studio.domain.run import Run, RunState
from studio.services import run_checkpoints
from studio.services.run_checkpoints import RunCheckpoints
from studio.services.studio import Studio
from tests.services.app_thread import AppThread

LAYER = "base_model.model.model.layers.0"
QUERY = f"{LAYER}.self_attn.q_proj"
LORA = {f"{QUERY}.lora_A.default.weight": (4, 8), f"{QUERY}.lora_B.default.weight": (8, 4)}
MAGNITUDE = {f"{QUERY}.lora_magnitude_vector.default.weight": (8,)}
IA3 = {f"{LAYER}.mlp.down_proj.ia3_l.default": (1, 16), f"{LAYER}.self_attn.k_proj.ia3_l.default": (8, 1)}


def write_checkpoint(folder: Path, shapes: dict[str, tuple[int, ...]], options: dict[str, Any]) -> None:
    """As the engine writes it: a safetensors file, the state, a manifest with the file's hash."""
    folder.mkdir(parents=True)
    head, body = {}, b""
    for number, (name, shape) in enumerate(shapes.items()):
        count = math.prod(shape)
        data = struct.pack(f"<{count}f", *(number + place / 8 for place in range(count)))
        head[name] = {"dtype": "F32", "shape": list(shape), "data_offsets": [len(body), len(body) + len(data)]}
        body += data
    text = json.dumps(head).encode()
    text += b" " * (-len(text) % 8)
    whole = struct.pack("<Q", len(text)) + text + body
    (folder / "adapter.safetensors").write_bytes(whole)
    (folder / "state.json").write_text(json.dumps({"identity": {"options": options}}), encoding="utf-8")
    entry = {"size": len(whole), "sha256": hashlib.sha256(whole).hexdigest()}
    (folder / "manifest.json").write_text(json.dumps({"adapter.safetensors": entry}), encoding="utf-8")


def tensors(path: Path) -> dict[str, tuple[list[int], bytes]]:
    data = path.read_bytes()
    length = struct.unpack("<Q", data[:8])[0]
    head = json.loads(data[8 : 8 + length])
    start = 8 + length
    assert start % 8 == 0
    return {
        name: (entry["shape"], data[start + entry["data_offsets"][0] : start + entry["data_offsets"][1]])
        for name, entry in head.items()
        if name != "__metadata__"
    }


def add_run(studio: Studio, base: BaseModel, persona: Persona, method: str = "lora") -> Run:
    library = studio._open_library
    version = studio.data.snapshot(persona.id, 0.1)
    library.recipes.add(Recipe(id=f"recipe-{method}", method=method, options={}, preset=""))
    run = Run(
        id=f"run-{method}", persona_id=persona.id, base_id=base.id, dataset_id=version.id, recipe_id=f"recipe-{method}",
        number=12, method=method, state=RunState.PAUSED,
    )  # fmt: skip
    library.runs.add(run)
    return run


@pytest.fixture
def run(studio: Studio, base: BaseModel, persona: Persona) -> Run:
    return add_run(studio, base, persona)


def place(studio: Studio, run: Run, step: int, inner: str = "checkpoints") -> Path:
    return studio.library / "runs" / run.id / inner / f"step-{step:08d}"


def test_a_checkpoint_becomes_a_peft_folder_with_the_same_numbers(studio: Studio, run: Run, base: BaseModel) -> None:
    write_checkpoint(place(studio, run, 40), LORA, {"rank": 4, "alpha": 32.0, "dropout": 0.1})
    contestants = studio.chats.desk.contestants
    contestant = Contestant(adapter_id=run.id, step=40)
    gate = contestants.gates(contestant)[0]
    folder = Path(gate.path)
    held, made = tensors(place(studio, run, 40) / "adapter.safetensors"), tensors(folder / "adapter_model.safetensors")
    assert made == {name.replace(".default", ""): value for name, value in held.items()}
    config = json.loads((folder / "adapter_config.json").read_text(encoding="utf-8"))
    assert (config["peft_type"], config["r"], config["lora_alpha"], config["lora_dropout"]) == ("LORA", 4, 32.0, 0.1)
    assert config["target_modules"] == ["q_proj"] and not config["use_dora"] and not config["use_rslora"]
    whole = (folder / "adapter_model.safetensors").read_bytes()
    assert gate.content == hashlib.sha256(whole).hexdigest() and gate.base_fingerprint == base.fingerprint
    assert gate.adapter_id == f"{run.id}-step-40"


def test_steps_and_labels(studio: Studio, run: Run, persona: Persona) -> None:
    for step, inner in ((40, "checkpoints"), (20, "checkpoints/best"), (50, "checkpoints")):
        write_checkpoint(place(studio, run, step, inner), LORA, {"alpha": 1})
    (place(studio, run, 60)).mkdir()
    assert studio.chats.desk.contestants.steps(run.id) == [20, 40, 50]
    label = studio.chats.label(Contestant(adapter_id=run.id, step=40))
    assert (label.title, label.subtitle) == (persona.name, "run 12, step 40")
    assert not (studio.library / "runs" / run.id / "voices").exists()
    assert studio.chats.desk.contestants.steps("run-none") == []


def test_what_was_asked_for_outlives_the_checkpoint(studio: Studio, run: Run) -> None:
    write_checkpoint(place(studio, run, 40), LORA, {"alpha": 1})
    contestants = studio.chats.desk.contestants
    before = contestants.gates(Contestant(adapter_id=run.id, step=40))[0]
    shutil.rmtree(place(studio, run, 40))
    assert contestants.gates(Contestant(adapter_id=run.id, step=40))[0] == before
    assert contestants.steps(run.id) == [40]
    with pytest.raises(StudioError) as caught:
        contestants.gates(Contestant(adapter_id=run.id, step=41))
    assert caught.value.code == "checkpoint_gone" and caught.value.details == {"run": 12, "step": 41}


def test_damage_is_found_and_nothing_is_left_behind(studio: Studio, run: Run) -> None:
    contestant = Contestant(adapter_id=run.id, step=40)
    write_checkpoint(place(studio, run, 40), LORA, {"alpha": 1})
    weights = place(studio, run, 40) / "adapter.safetensors"
    whole = weights.read_bytes()
    for damaged in (whole[:-1] + bytes([whole[-1] ^ 1]), whole[:20], b"", b"\xff" * 64):
        weights.write_bytes(damaged)
        with pytest.raises(StudioError, match="checkpoint_broken"):
            studio.chats.desk.contestants.gates(contestant)
        assert list((studio.library / "runs" / run.id / "voices").iterdir()) == []
    weights.write_bytes(whole)
    assert studio.chats.desk.contestants.gates(contestant)


@pytest.mark.parametrize(
    ("method", "shapes", "expected"),
    [
        ("rslora", LORA, {"peft_type": "LORA", "use_rslora": True, "use_dora": False}),
        ("dora", LORA | MAGNITUDE, {"peft_type": "LORA", "use_dora": True, "use_rslora": False}),
        ("ia3", IA3, {"feedforward_modules": ["down_proj"], "target_modules": ["down_proj", "k_proj"]}),
        ("prompt_tuning", {"prompt_embeddings": (16, 8)}, {"peft_type": "PROMPT_TUNING", "num_virtual_tokens": 16}),
    ],
)  # fmt: skip
def test_every_kind_of_adapter_says_what_it_is(
    studio: Studio, base: BaseModel, persona: Persona, method: str, shapes: dict[str, Any], expected: dict[str, Any]
) -> None:
    run = add_run(studio, base, persona, method)
    write_checkpoint(place(studio, run, 3), shapes, {"alpha": 2.0})
    gate = studio.chats.desk.contestants.gates(Contestant(adapter_id=run.id, step=3))[0]
    config = json.loads((Path(gate.path) / "adapter_config.json").read_text(encoding="utf-8"))
    assert expected.items() <= config.items()
    assert not [name for name in tensors(Path(gate.path) / "adapter_model.safetensors") if "default" in name]


def test_a_run_that_makes_a_base_has_no_voices(studio: Studio, base: BaseModel, persona: Persona) -> None:
    run = add_run(studio, base, persona, "full")
    write_checkpoint(place(studio, run, 3), {"model.embed_tokens.weight": (4, 4)}, {})
    assert studio.chats.desk.contestants.steps(run.id) == []
    with pytest.raises(StudioError, match="checkpoint_is_base"):
        studio.chats.desk.contestants.gates(Contestant(adapter_id=run.id, step=3))


def test_it_is_made_on_a_thread_of_its_own_and_only_when_it_speaks(
    studio: Studio, app: AppThread, run: Run, monkeypatch: pytest.MonkeyPatch
) -> None:
    write_checkpoint(place(studio, run, 40), LORA, {"alpha": 1})
    voices, made_on = studio.library / "runs" / run.id / "voices", []
    write, read = run_checkpoints.write_voice, RunCheckpoints._content

    def written(*asked: Any) -> None:
        made_on.append(threading.current_thread())
        write(*asked)

    def content(self: RunCheckpoints, weights: Path) -> str:
        if not self._known(weights):
            made_on.append(threading.current_thread())
        return read(self, weights)

    monkeypatch.setattr(run_checkpoints, "write_voice", written)
    monkeypatch.setattr(RunCheckpoints, "_content", content)
    contestant = Contestant(adapter_id=run.id, step=40)
    studio.chats.greetings(contestant)
    studio.chats.card_sampler(contestant)
    chat = studio.chats.create("", [contestant, contestant])
    assert not voices.exists()
    told: list[str] = []
    for prompt in ("Who are you?", "And who am I?"):
        job = studio.chats.ask(chat.id, prompt, seed=1)
        job.on_progress(lambda progress: told.append(progress.what))
        app.until(lambda job=job: job.ended)  # type: ignore[misc]
        assert job.error is None, job.error
    assert len(made_on) == 2 and threading.main_thread() not in made_on and told.count("checkpoint") == 1


def test_trouble_while_it_is_made_is_the_replys(studio: Studio, app: AppThread, run: Run) -> None:
    write_checkpoint(place(studio, run, 40), LORA, {"alpha": 1})
    (place(studio, run, 40) / "adapter.safetensors").write_bytes(b"")
    job = studio.chats.answer_once("Who are you?", [Contestant(adapter_id=run.id, step=40)])
    app.until(lambda: job.ended)
    assert job.error is not None and job.error.code == "checkpoint_broken"
    with pytest.raises(StudioError, match="checkpoint_gone"):
        studio.chats.answer_once("Who are you?", [Contestant(adapter_id=run.id, step=41)])


def test_a_checkpoint_answers_beside_the_base(studio: Studio, app: AppThread, run: Run, persona: Persona) -> None:
    write_checkpoint(place(studio, run, 40), LORA, {"alpha": 1})
    chat = studio.chats.create("", [Contestant(), Contestant(adapter_id=run.id, step=40)])
    job = studio.chats.ask(chat.id, "Who are you?", seed=1)
    app.until(lambda: job.ended)
    assert job.error is None, job.error
    reply = studio.chats.thread(chat.id, 1)[1]
    assert (reply.made_by["adapter_id"], reply.made_by["step"]) == (run.id, 40)
    assert reply.text != studio.chats.thread(chat.id, 0)[1].text
