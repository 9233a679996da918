"""Voices to vote on and to teach: adapters without a training, replies as they were stored."""

import hashlib
from dataclasses import replace
from pathlib import Path

from studio.domain.adapter import Adapter
from studio.domain.base_model import BaseModel
from studio.domain.chat import ChatMessage, Contestant
from studio.domain.clock import now
from studio.domain.conversation import Role
from studio.domain.ids import new_id
from studio.services.studio import Studio
from tests.fake_engine_work import write_adapter
from tests.services.app_thread import AppThread


def add_adapter(
    studio: Studio, base: BaseModel, persona_id: str, name: str, *, rank: int = 4, method: str = "lora"
) -> Adapter:
    """An adapter of the library, with its folder. Its id hangs on its name: what the fake engine says with it, too."""
    adapter_id = f"adapter-{hashlib.sha256(name.encode()).hexdigest()[:12]}"
    folder = studio.library / "adapters" / adapter_id
    write_adapter(folder, rank, float(rank))
    weights = folder / "adapter_model.safetensors"
    adapter = Adapter(
        id=adapter_id, name=name, persona_id=persona_id, base_id=base.id, base_fingerprint=base.fingerprint, run_id="",
        method=method, rank=rank, alpha=float(rank), step=10, path=Path("adapters", adapter_id).as_posix(),
        content=f"content-of-{adapter_id}", size_bytes=weights.stat().st_size, created_at=now(),
    )  # fmt: skip
    studio._open_library.adapters.add(adapter)
    return adapter


def asked(studio: Studio, app: AppThread, chat_id: str, text: str, **how: object) -> None:
    """Say something and wait for all replies."""
    job = studio.chats.ask(chat_id, text, **how)  # type: ignore[arg-type]
    app.until(lambda: job.ended)
    assert job.error is None, job.error


def tip(studio: Studio, chat_id: str, column: int = 0) -> ChatMessage:
    """The last message of a column."""
    return studio.chats.thread(chat_id, column)[-1]


def swiped(studio: Studio, app: AppThread, chat_id: str, column: int, seed: int) -> ChatMessage:
    """Have the last reply answered anew."""
    job = studio.chats.regenerate(chat_id, column, seed=seed)
    app.until(lambda: job.ended)
    assert job.error is None, job.error
    return tip(studio, chat_id, column)


def said_by_hand(studio: Studio, chat_id: str, column: int, text: str) -> ChatMessage:
    """A reply that nobody had to wait for, as if the column's contestant had made it."""
    chat = studio.chats.get(chat_id)
    contestant, parent = chat.columns[column]
    made_by = {"column": chat.lane(column), "adapter_id": contestant.adapter_id, "strength": contestant.strength}
    message = ChatMessage(
        id=new_id("say"), chat_id=chat_id, parent_id=parent, role=Role.PERSONA, text=text, made_by=made_by,
        created_at=now(),
    )  # fmt: skip
    studio._open_library.chats.add_message(message)
    columns = list(chat.columns)
    columns[column] = (contestant, message.id)
    studio._open_library.chats.update(replace(chat, columns=tuple(columns)))
    return message


def of(adapter: Adapter, strength: float = 1.0) -> Contestant:
    """An adapter as it answers in a column."""
    return Contestant(adapter_id=adapter.id, strength=strength)
