"""The whole way: data in, a run, an adapter, a chat, an export; with an engine that knows no torch."""

import json
import subprocess
import sys
from pathlib import Path

from studio.domain.base_model import BaseModel
from studio.domain.changes import Change, Kind
from studio.domain.chat import Contestant
from studio.domain.conversation import Role
from studio.domain.persona import Persona
from studio.domain.run import Run, RunState
from studio.protocol.dataset_file import read_dataset
from studio.services.job import Job
from studio.services.studio import Studio
from tests.services.app_thread import AppThread
from tests.services.conftest import add_persona


def trained(studio: Studio, app: AppThread, persona: Persona, **options: object) -> Run:
    """Train to the end."""
    run = studio.training.start(persona.id, preset="taste", options=options)
    job: Job[Run] = studio.training.wait_job(run.id)
    app.until(lambda: job.ended)
    assert job.result is not None
    return job.result


def test_from_data_to_export(studio: Studio, app: AppThread, base: BaseModel, persona: Persona, tmp_path: Path) -> None:
    heard: list[Change] = []
    studio.changes.subscribe(heard.append)
    run = trained(studio, app, persona)
    assert run.state is RunState.FINISHED, run
    adapter = studio.adapters.get("Oswin v1")
    assert run.adapter_id == adapter.id
    assert run.heldout_nll_base is not None and run.heldout_nll_adapter is not None
    assert adapter.gain == run.heldout_nll_base - run.heldout_nll_adapter > 0
    assert (tmp_path / "library" / adapter.path / "adapter_model.safetensors").is_file()
    points = studio.training.points(run.id)
    assert [point.step for point in points if point.kind == "train"] == list(range(1, run.total_steps + 1))
    assert ("heldout", 0) in [(point.kind, point.step) for point in points]
    assert {Kind.RUN, Kind.RUN_PROGRESS, Kind.ADAPTER, Kind.ENGINE} <= {kind for one in heard for kind in one.kinds}

    chat = studio.chats.create()
    assert [column[0].adapter_id for column in chat.columns] == ["", adapter.id]
    reply = studio.chats.ask(chat.id, "Who are you, {{char}}?", seed=7)
    pieces: dict[int, str] = {0: "", 1: ""}
    reply.on_delta(lambda column, piece: pieces.__setitem__(column, pieces[column] + piece))
    app.until(lambda: reply.ended)
    assert reply.result is not None, reply.error
    assert [row.text for row in reply.result] == [pieces[0].strip(), pieces[1].strip()]
    thread = studio.chats.thread(chat.id, 1)
    assert [message.role for message in thread] == [Role.USER, Role.PERSONA]
    assert thread[1].made_by["seed"] == 7 and thread[1].made_by["adapter_id"] == adapter.id

    out = tmp_path / "out"
    export = studio.adapters.export(adapter.id, "peft", out)
    app.until(lambda: export.ended)
    assert export.result is not None, export.error
    assert set(export.result.files) == {
        "README.md", "adapter_config.json", "adapter_model.safetensors", "card.json", "persona.json",
    }  # fmt: skip
    card, config = (out / "README.md").read_text("utf-8"), (out / "adapter_config.json").read_text("utf-8")
    assert str(tmp_path) not in card + config
    assert "You are Oswin." in card
    manifest = json.loads((out / "persona.json").read_text("utf-8"))
    assert manifest["base"]["fingerprint"] == base.fingerprint
    assert manifest["adapter"]["sha256"]["adapter_model.safetensors"] == adapter.content
    again = studio.adapters.export(adapter.id, "peft", out)
    app.until(lambda: again.ended)
    assert again.error is not None and again.error.code == "export_exists"


def test_what_the_engine_learns_from(studio: Studio, app: AppThread, base: BaseModel, persona: Persona) -> None:
    run = trained(studio, app, persona)
    lines = list(read_dataset(studio.library / "runs" / run.id / "data.jsonl"))
    assert {line.turns[0].text for line in lines} == {"You are Oswin."}
    said = " ".join(turn.text for line in lines for turn in line.turns)
    assert "{{" not in said and "<USER>" not in said
    assert "says Oswin" in said and "from User?" in said
    assert any(line.heldout for line in lines) and not all(line.heldout for line in lines)


def test_runs_wait_for_each_other(studio: Studio, app: AppThread, base: BaseModel, persona: Persona) -> None:
    first = studio.training.start(persona.id, preset="taste")
    second = studio.training.start(persona.id, preset="taste", options={"seed": 5})
    assert studio.training.get(second.id).state is RunState.QUEUED
    job = studio.training.wait_job(second.id)
    app.until(lambda: job.ended)
    assert studio.training.get(first.id).state is RunState.FINISHED
    assert [adapter.name for adapter in studio.adapters.list()] == ["Oswin v2", "Oswin v1"]
    assert len(studio.data.versions(persona.id)) == 1, "the same data is the same version"


def test_matrix_and_rack(studio: Studio, app: AppThread, base: BaseModel, persona: Persona) -> None:
    other = add_persona(studio, "Mira")
    for one in (persona, other):
        trained(studio, app, one)
    ids = [adapter.id for adapter in studio.adapters.list()]
    matrix = studio.adapters.evaluate(ids, [persona.id, other.id])
    figures = studio.adapters.measure(ids)
    app.until(lambda: matrix.ended and figures.ended)
    assert matrix.result is not None and figures.result is not None, (matrix.error, figures.error)
    assert matrix.result.lines_of == ("Oswin", "Mira")
    assert matrix.result.explained_by[0] == "base" and len(matrix.result.nll[1]) == 3
    app.until(lambda: not list((studio.library / "runs").glob(".partial-*")))
    assert len(studio.chats.suggested_contestants()) == 3


def test_measuring_can_be_given_up_while_the_base_is_loading(
    studio: Studio, app: AppThread, base: BaseModel, persona: Persona
) -> None:
    trained(studio, app, persona)
    studio.engine.restart()
    ids = [adapter.id for adapter in studio.adapters.list()]
    matrix, figures = studio.adapters.evaluate(ids, [persona.id]), studio.adapters.measure(ids)
    matrix.cancel()
    figures.cancel()
    app.until(lambda: matrix.ended and figures.ended)
    assert matrix.error is not None and figures.error is not None
    assert matrix.error.code == figures.error.code == "cancelled"


def test_tokens_become_exact(studio: Studio, app: AppThread, base: BaseModel, persona: Persona) -> None:
    assert not studio.data.overview(persona.id).tokens_exact
    studio.engine.ensure_base(base.id, "none")
    app.until(lambda: studio.engine.status().base is not None)
    app.until(lambda: studio.data.overview(persona.id).tokens_exact)
    assert studio.data.overview(persona.id).persona_turns == 80


def test_contestants_keep_threads_and_swipes(studio: Studio, app: AppThread, base: BaseModel, persona: Persona) -> None:
    trained(studio, app, persona)
    adapter = studio.adapters.list()[0]
    chat = studio.chats.create(contestants=[Contestant(), Contestant(adapter_id=adapter.id)])
    first = studio.chats.ask(chat.id, "Hello?")
    app.until(lambda: first.ended)
    again = studio.chats.regenerate(chat.id, 1, seed=99)
    app.until(lambda: again.ended)
    tip = studio.chats.thread(chat.id, 1)[-1]
    swipes = studio.chats.siblings(tip.id)
    assert len(swipes) == 2 and swipes[1].id == tip.id
    assert len(studio.chats.siblings(studio.chats.thread(chat.id, 0)[0].id)) == 1
    studio.chats.choose(chat.id, 1, swipes[0].id)
    assert studio.chats.thread(chat.id, 1)[-1].id == swipes[0].id
    studio.chats.set_columns(chat.id, [Contestant(adapter_id=adapter.id, strength=0.5)])
    assert studio.chats.thread(chat.id, 0)[-1].id == swipes[0].id
    edited = studio.chats.edit(chat.id, 0, studio.chats.thread(chat.id, 0)[0].id, "Good day?")
    assert [message.text for message in studio.chats.thread(chat.id, 0)] == ["Good day?"]
    assert edited.title == "Hello?"
    label = studio.chats.label(edited.columns[0][0])
    assert (label.title, label.subtitle) == ("Oswin", "Oswin v1")


def test_answer_once_stores_nothing(studio: Studio, app: AppThread, base: BaseModel) -> None:
    job = studio.chats.answer_once("Hello?", [Contestant()], seed=1)
    app.until(lambda: job.ended)
    assert job.result is not None and job.result[0].message_id == ""
    assert studio.chats.list() == []


def test_no_torch_in_the_app() -> None:
    heavy = "{'torch', 'transformers', 'peft', 'safetensors', 'datasets', 'numpy', 'PySide6', 'click'}"
    program = (
        "import sys, studio.services.studio, studio.services.control; from studio.exporters.exporter import EXPORTERS; "
        f"EXPORTERS.all(); sys.exit(' '.join({heavy} & sys.modules.keys()) or None)"
    )
    ended = subprocess.run([sys.executable, "-c", program], capture_output=True, text=True)
    assert (ended.returncode, ended.stderr) == (0, "")
