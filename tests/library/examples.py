"""One of everything that a library holds."""

from typing import Any

from studio.checks import CheckReport
from studio.domain.adapter import Adapter
from studio.domain.base_model import BaseModel
from studio.domain.chat import Chat, ChatMessage, Contestant
from studio.domain.conversation import Conversation, Role, Turn
from studio.domain.dataset import DatasetVersion
from studio.domain.drafts import Draft
from studio.domain.persona import Persona
from studio.domain.recipe import Recipe
from studio.domain.run import MetricPoint, Run
from studio.library.check_store import KeptCheck
from studio.library.dataset_store import DatasetItem
from studio.library.export_store import Export
from studio.library.journal import Step
from studio.library.library import Library

PERSONA = Persona(
    id="persona-00000001",
    name="Mira Ëlswyn",
    tagline="keeper of the lamp",
    greeting='"Halt!"',
    alternate_greetings=("Hm?", "你好"),
    tags=("fantasy", "slow burn"),
    card={"spec": "chara_card_v2", "data": {"extensions": {"odd": [1, 2.5, None, 10**30]}}},
    created_at="2026-11-21T17:00:00+00:00",
)
RECIPE = Recipe(id="recipe-1", method="lora", options={"rank": 16, "seed": 7, "layers": ["q", "v"]}, preset="quick")
VERSION = DatasetVersion(
    id="data-1",
    persona_id=PERSONA.id,
    number=1,
    content="ab" * 32,
    conversations=2,
    persona_turns=2,
    heldout_conversations=1,
    heldout_fraction=0.1,
)
BASE = BaseModel(
    id="base-1", name="Starter", path="bases/starter", fingerprint="f" * 64, parameters=135_000_000,
    architecture="llama", layers=30, hidden_size=576, intermediate_size=1536, vocabulary=49152, heads=9,
    key_value_heads=3, context_length=8192, licence="apache-2.0",
)  # fmt: skip
RUN = Run(
    id="run-1", persona_id=PERSONA.id, base_id=BASE.id, dataset_id=VERSION.id, recipe_id=RECIPE.id, number=1,
    heldout_nll_base=3.25,
)  # fmt: skip
ADAPTER = Adapter(
    id="adapter-1", name="Mira 1", persona_id=PERSONA.id, base_id=BASE.id, base_fingerprint=BASE.fingerprint,
    run_id=RUN.id, method="lora", rank=16, alpha=32.0, step=120, path="adapters/adapter-1", content="c" * 64,
    size_bytes=1234, gain=0.1 + 0.2,
)  # fmt: skip
DRAFT = Draft(id="draft-1", persona_id=PERSONA.id, kind="question", prompt="Why?", reply="Because.", original="Hm.")
CHAT = Chat(
    id="chat-1", title="Trial", columns=((Contestant(), "m2"), (Contestant(adapter_id="adapter-1", strength=0.7), ""))
)


def said(*texts: str, **more: Any) -> Conversation:
    """Return a conversation in which user and persona take turns."""
    roles = (Role.USER, Role.PERSONA)
    return Conversation(turns=tuple(Turn(role=roles[i % 2], text=text) for i, text in enumerate(texts)), **more)


TALKS = [
    Conversation(
        turns=(
            Turn(role=Role.SYSTEM, text="Stay in character.", train=False),
            Turn(role=Role.USER, text="Who goes there?", speaker="Guard"),
            Turn(
                role=Role.PERSONA, text="Only the wind… and dragons!", speaker="Mira", alternatives=("Me.", "Nobody.")
            ),
        ),
        title="At the gate",
        source="gate.jsonl",
        tags=("night",),
    ),
    said("Tell me of the sea.", "It hums."),
]
MESSAGES = [
    ChatMessage(id="m1", chat_id=CHAT.id, parent_id="", role=Role.USER, text="Hello"),
    ChatMessage(id="m2", chat_id=CHAT.id, parent_id="m1", role=Role.PERSONA, text="Hm?", made_by={"seed": 5}),
    ChatMessage(id="m3", chat_id=CHAT.id, parent_id="m1", role=Role.PERSONA, text="Yes?"),
    ChatMessage(id="m4", chat_id=CHAT.id, parent_id="m3", role=Role.USER, text="Nothing."),
]
POINTS = [MetricPoint(run_id=RUN.id, step=step, kind="train", loss=3.0 / step) for step in (1, 2, 3)]


def fill(library: Library) -> list[str]:
    """Put one of everything into an empty library; return the ids of the conversations."""
    with library.transaction():
        library.personas.add(PERSONA)
        ids, _ = library.conversations.add_many(PERSONA.id, TALKS)
        act = library.journal.begin(PERSONA.id, "Edited a turn")
        library.conversations.update(ids[1], said("Tell me of the sea.", "It sings."))
        library.journal.note(act, Step.CHANGED, [(ids[1], 1, 2)])
        report = CheckReport(conversations=2, persona_turns=2, flagged={"one_word_turns": (ids[0],)})
        library.checks.put(PERSONA.id, KeptCheck(report=report, stamp="2:1", checked_at="2026-11-21T17:00:00+00:00"))
        library.checks.mark(PERSONA.id, report.flagged)
        library.drafts.add_many([DRAFT])
        library.bases.add(BASE)
        library.recipes.add(RECIPE)
        library.datasets.add(VERSION, [DatasetItem(conversation_id=id, revision=1, heldout=id == ids[0]) for id in ids])
        library.runs.add(RUN)
        library.metrics.add_many(POINTS)
        library.adapters.add(ADAPTER)
        library.exports.add(Export(id="export-1", adapter_id=ADAPTER.id, format="gguf", path="/somewhere"))
        library.chats.add(CHAT)
        library.chats.add_messages(MESSAGES)
        library.settings.set("theme", "dark")
    return ids


def contents(
    library: Library, *, without: tuple[str, ...] = ("sqlite_sequence", "_sqlite_migrations")
) -> dict[str, Any]:
    """Return every row of every table, the search index included."""
    rows = library._database.rows
    tables = [row["name"] for row in rows("SELECT name FROM sqlite_master WHERE type = 'table'")]
    inner = ("conversation_search_", "sign_search_")
    own = [name for name in tables if name not in without and not name.startswith(inner)]
    found = {name: [tuple(row.values()) for row in rows(f'SELECT * FROM "{name}"')] for name in own}
    return {name: sorted(values, key=repr) for name, values in found.items()}


def integrity(library: Library) -> str:
    """Return what SQLite says of the file, the foreign keys and the search index: ``ok``."""
    database = library._database
    for index in ("conversation_search", "sign_search"):
        database.write(f"INSERT INTO {index} ({index}) VALUES ('integrity-check')")
    assert database.rows("PRAGMA foreign_key_check") == []
    return str(database.value("PRAGMA integrity_check"))
