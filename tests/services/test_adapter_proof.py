"""Proof of effect: measured once, before an adapter first answers; one that changes nothing is refused."""

from collections.abc import Callable

import pytest

from studio.domain.adapter import Adapter
from studio.domain.base_model import BaseModel
from studio.domain.chat import Contestant
from studio.domain.effect import AdapterEffect
from studio.domain.persona import Persona
from studio.protocol import commands
from studio.services.replies import ReplyJob
from studio.services.studio import Studio
from studio.texts import sentence
from tests.services.app_thread import AppThread
from tests.services.voices import add_adapter


@pytest.fixture
def adapter(studio: Studio, base: BaseModel, persona: Persona) -> Adapter:
    return add_adapter(studio, base, persona.id, "Oswin v1")


@pytest.fixture
def proofs(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> list[commands.ProveEffect]:
    """The proofs that the engine is asked for."""
    return heard_by(studio, monkeypatch)


def heard_by(studio: Studio, monkeypatch: pytest.MonkeyPatch) -> list[commands.ProveEffect]:
    asked: list[commands.ProveEffect] = []
    tell = studio.engine.tell

    def listen(command: commands.AnyCommand) -> None:
        if isinstance(command, commands.ProveEffect) and command not in asked:
            asked.append(command)
        tell(command)

    monkeypatch.setattr(studio.engine, "tell", listen)
    return asked


def answered(studio: Studio, app: AppThread, *adapters: Adapter) -> ReplyJob:
    job = studio.chats.answer_once("Who are you?", [Contestant(), *(Contestant(adapter_id=one.id) for one in adapters)])
    app.until(lambda: job.ended)
    return job


def test_the_first_reply_measures_and_the_next_ones_do_not(
    open_studio: Callable[[], Studio], studio: Studio, app: AppThread, adapter: Adapter,
    proofs: list[commands.ProveEffect], monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    assert studio.proof.effect(adapter.id) is None
    assert answered(studio, app, adapter).error is None and len(proofs) == 1
    effect = studio.proof.effect(adapter.id)
    assert effect and effect.kl > 0 and 0 < effect.top1_changed <= 1 and not effect.nothing
    assert (effect.content, effect.base_fingerprint) == (adapter.content, adapter.base_fingerprint)
    assert answered(studio, app, adapter).error is None and len(proofs) == 1
    studio.close()
    again = open_studio()
    asked_anew = heard_by(again, monkeypatch)
    assert again.proof.effect(adapter.id) == effect
    assert answered(again, app, adapter).error is None and asked_anew == []


def test_an_adapter_that_changes_nothing_is_refused_with_what_to_do(
    studio: Studio, app: AppThread, adapter: Adapter, base: BaseModel, persona: Persona,
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    idle = add_adapter(studio, base, persona.id, "Oswin idle")
    monkeypatch.setenv("FAKE_ENGINE_NO_EFFECT", idle.id)
    studio.engine.restart()
    for _ in range(2):  # measured, then known
        job = answered(studio, app, adapter, idle)
        assert job.error is not None and job.error.code == "adapter_changes_nothing" and not job.rows
        words = sentence(job.error)
        assert "Oswin idle was not used" in words and "train it again" in words
    assert answered(studio, app, adapter).error is None
    found = studio.proof.effect(idle.id)
    assert found is not None and found.nothing


def test_a_reply_is_given_up_while_it_is_proved(
    studio: Studio, app: AppThread, adapter: Adapter, proofs: list[commands.ProveEffect],
    monkeypatch: pytest.MonkeyPatch,
) -> None:  # fmt: skip
    monkeypatch.setenv("FAKE_ENGINE_SPEED", "1")
    job = studio.chats.answer_once("Who are you?", [Contestant(adapter_id=adapter.id)])
    app.until(lambda: proofs)
    job.cancel()
    app.until(lambda: job.ended)
    assert job.error is not None and job.error.code == "cancelled" and not job.rows


def test_a_proof_that_fails_fails_the_reply(
    studio: Studio, app: AppThread, adapter: Adapter, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("FAKE_ENGINE_FAIL", 'prove_effect:adapter_broken:{"path": "x", "reason": "y"}')
    studio.engine.restart()
    job = answered(studio, app, adapter)
    assert job.error is not None and job.error.code == "adapter_broken"


def measured(studio: Studio, app: AppThread, *adapters: Adapter) -> list[AdapterEffect]:
    job = studio.proof.prove([one.id for one in adapters])
    app.until(lambda: job.ended)
    assert job.error is None and job.result is not None
    return job.result


def test_adapters_are_measured_when_asked(
    studio: Studio, app: AppThread, adapter: Adapter, base: BaseModel, persona: Persona,
    proofs: list[commands.ProveEffect],
) -> None:  # fmt: skip
    other = add_adapter(studio, base, persona.id, "Oswin v2")
    for _ in range(2):
        found = measured(studio, app, adapter, other)
        assert [one.content for one in found] == [adapter.content, other.content]
    assert len(proofs) == 1 and [gate.strength for gate in proofs[0].gates] == [1.0, 1.0]


def test_the_base_alone_needs_no_proof(studio: Studio, app: AppThread, base: BaseModel, proofs: list[object]) -> None:
    assert answered(studio, app).error is None and proofs == []
