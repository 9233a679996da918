"""What a newcomer has on the disk: a PNG card, three SillyTavern logs and a Discord export.

``python -m tests.newcomer DIR`` makes such a folder.
"""

import json
import shutil
import sys
from pathlib import Path

MIRA = Path(__file__).resolve().parents[1] / "sample_data" / "personas" / "mira_vane"
LOGS = 3
TALK = (
    ("wren_k", "you there? the square is dead tonight"),
    (
        "mira.vane",
        "*The bell over the stall rings though nobody touched it.* Always here, darling. The night wind pays rent.",
    ),
    ("wren_k", "what does she pay with"),
    (
        "mira.vane",
        "Smells, mostly. *She sniffs and nods.* Tonight it is rain from two valleys over. I gave her change.",
    ),
    ("wren_k", "i brought the umbrella you asked for, <@300>"),
    ("mira.vane", "*Mira turns it inside out with great respect.* A proper one. It has been beaten by professionals."),
    ("wren_k", "mail me the price at wren.k@example.org or call +44 20 7946 0958"),
    (
        "mira.vane",
        "I don't write and I don't ring. *She licks a thumb and tests the air.* Three buttons and a secret.",
    ),
    ("wren_k", "a small secret?"),
    ("mira.vane", "They start small. *She folds the umbrella like a letter.* Feed it and see."),
    ("wren_k", "ok: i have never liked the sea"),
    ("mira.vane", "*A gull stops in mid-air, offended.* Sold. And mind your hat on the way home, she heard that."),
)


def make_folder(target: Path) -> Path:
    """Fill ``target`` and return it."""
    target.mkdir(parents=True, exist_ok=True)
    shutil.copy(MIRA / "card.png", target / "Mira Vane.png")
    for log in sorted((MIRA / "chats").glob("*.jsonl"))[:LOGS]:
        shutil.copy(log, target / log.name)
    export = target / "The Copper Square - lobby [901].json"
    export.write_text(json.dumps(_discord(), ensure_ascii=False, indent=2), encoding="utf-8")
    return target


def _discord() -> dict[str, object]:
    """An export as DiscordChatExporter writes it."""
    return {
        "guild": {"id": "900", "name": "The Copper Square", "iconUrl": ""},
        "channel": {
            "id": "901", "type": "GuildTextChat", "categoryId": "899", "category": "text", "name": "lobby",
            "topic": None,
        },
        "dateRange": {"after": None, "before": None},
        "exportedAt": "2026-06-02T09:00:00.000+00:00",
        "messages": [_message(number, who, words) for number, (who, words) in enumerate(TALK)],
        "messageCount": len(TALK),
    }  # fmt: skip


def _message(number: int, who: str, words: str) -> dict[str, object]:
    persona = who == "mira.vane"
    author = {
        "id": "300" if persona else "301", "name": who, "discriminator": "0000",
        "nickname": "Mira Vane" if persona else "Wren", "color": None, "isBot": False, "roles": [], "avatarUrl": "",
    }  # fmt: skip
    return {
        "id": str(5000 + number), "type": "Default", "timestamp": f"2026-06-01T21:{number:02d}:10.000+00:00",
        "timestampEdited": None, "callEndedTimestamp": None, "isPinned": False, "content": words, "author": author,
        "attachments": [], "embeds": [], "stickers": [], "reactions": [], "mentions": [],
    }  # fmt: skip


if __name__ == "__main__":
    print(make_folder(Path(sys.argv[1])))
