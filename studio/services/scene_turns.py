"""One turn of a scene: who speaks, and what it hears of the others."""

import secrets
from collections.abc import Sequence
from dataclasses import replace

from studio.domain.chat import Chat, ChatMessage, Contestant, SceneSettings, Speaker
from studio.domain.errors import StudioError
from studio.domain.scene import BY_HAND, Speaking, next_speaker
from studio.services.contestants import Contestants
from studio.services.question import Question


def scene_question(question: Question, contestants: Contestants, key: str = "") -> Question:
    """The question as this speaker hears it; without a key, as the first one does."""
    scene = question.settings.scene
    speaker = speaker_of(scene, key or (scene.speakers[0].key if scene.speakers else ""))
    speaking = Speaking(
        key=speaker.key, names=names_of(scene, contestants), user=contestants.user_name, setting=scene.setting
    )
    sampler = speaker.contestant.sampler or question.sampler
    return replace(question, contestant=speaker.contestant, speaking=speaking, sampler=sampler)


def next_key(chat: Chat, thread: Sequence[ChatMessage], contestants: Contestants) -> str:
    """The key of whoever would speak after a thread; empty where the order is by hand, or all are silent."""
    scene = chat.settings.scene
    seed = chat.settings.seed if chat.settings.seed is not None else secrets.randbelow(2**31)
    return next_speaker(scene.speakers, names_of(scene, contestants), thread, scene.order, seed + len(thread))


def whose_turn(chat: Chat, thread: Sequence[ChatMessage], contestants: Contestants) -> str:
    """The same; raises ``scene_choose_speaker`` or ``scene_all_silent`` where it is nobody."""
    key = next_key(chat, thread, contestants)
    if not key:
        raise StudioError("scene_choose_speaker" if chat.settings.scene.order == BY_HAND else "scene_all_silent")
    return key


def speaker_of(scene: SceneSettings, key: str) -> Speaker:
    """The speaker with this key."""
    found = next((one for one in scene.speakers if one.key == key), None)
    if found is None:
        raise StudioError("not_found", what="speaker", name=key)
    return found


def names_of(scene: SceneSettings, contestants: Contestants) -> dict[str, str]:
    """What everybody is called; two of one name are told apart by number."""
    names: dict[str, str] = {}
    for speaker in scene.speakers:
        name = name_of(speaker.contestant, contestants)
        same = sum(1 for other in names.values() if other == name or other.startswith(f"{name} "))
        names[speaker.key] = f"{name} {same + 1}" if name in names.values() else name
    return names


def name_of(contestant: Contestant, contestants: Contestants) -> str:
    """The persona's name; who has none, or was deleted, is called as in a column."""
    try:
        persona = contestants.persona(contestant)
    except StudioError:
        persona = None
    return persona.name if persona else contestants.label(contestant).title
