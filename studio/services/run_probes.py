"""What a run is watched with: the fixed prompts it answers at its milestones, and a text that is no persona's."""

from pathlib import Path

import msgspec

from studio import atomic_files
from studio.domain.macros import resolve
from studio.domain.persona import Persona
from studio.paths import resources
from studio.protocol.commands import Message, Probe, Sampling
from studio.services.question_bank import EMOTIONAL, EVERYDAY, OUT_OF_WORLD, bank, openers

GREETING = "greeting"
SAMPLING = Sampling(max_tokens=60)
"""Short answers: a milestone should cost seconds."""


def probes(persona: Persona, user_name: str) -> list[Probe]:
    """The answer to the first words after the greeting, and to one question of each kind; each with its own seed."""
    asked = [(GREETING, openers()[0])] + [(kind, bank()[kind][0]) for kind in (EVERYDAY, EMOTIONAL, OUT_OF_WORLD)]
    return [
        Probe(key=key, messages=_messages(persona, user_name, key, question), seed=number)
        for number, (key, question) in enumerate(asked, start=1)
    ]


def kept_probes(folder: Path, persona: Persona, user_name: str) -> list[Probe]:
    """The run's probes as they were when it began; made and kept in its folder the first time."""
    target = folder / "probes.json"
    if not target.exists():
        atomic_files.write_bytes(target, msgspec.json.encode(probes(persona, user_name)))
    return msgspec.json.decode(target.read_bytes(), type=list[Probe])


def neutral_text() -> Path:
    """A dataset file of ordinary questions, answers and prose: a loss that rises there is forgetting."""
    return resources() / "neutral" / "neutral.jsonl"


def _messages(persona: Persona, user_name: str, key: str, question: str) -> list[Message]:
    greeting = persona.greeting if key == GREETING else ""
    said = [("system", persona.system_prompt), ("assistant", greeting), ("user", question)]
    return [
        Message(role=role, text=resolve(text, char=persona.name, user=user_name)) for role, text in said if text.strip()
    ]
