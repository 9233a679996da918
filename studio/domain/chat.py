"""A chat is a tree of messages; a thread is nothing but its tip."""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field

from studio.domain.conversation import Role

CARD_FULL = "full"
"""``Contestant.card``: the whole card stands before the chat, not the persona's short system prompt."""
CHAT, SCENE = "chat", "scene"
INTERRUPTED = "interrupted"
"""``reason`` of a reply that had words when the engine died or the reply failed."""


@dataclass(frozen=True, kw_only=True)
class BlendPart:
    """An adapter that speaks along with others, by its weight."""

    adapter_id: str
    weight: float = 1.0


@dataclass(frozen=True, kw_only=True)
class Sampler:
    """How the next token is drawn; ``temperature`` 0 is greedy.

    ``dry_multiplier`` 0 switches DRY off; ``stop`` are words at which a reply ends, themselves left out.
    """

    temperature: float = 0.8
    top_p: float = 0.95
    top_k: int = 0
    min_p: float = 0.05
    repetition_penalty: float = 1.1
    max_tokens: int = 200
    dry_multiplier: float = 0.0
    dry_base: float = 1.75
    dry_allowed_length: int = 2
    stop: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Contestant:
    """Who answers in a column: the base, or an adapter at a strength, others blended in. All but that may be empty.

    ``persona_id``: whose card stands before the chat (empty: the adapter's persona); ``card``: ``full`` for the whole
    card. ``step``: ``adapter_id`` is a run's id and this one of its checkpoints. ``sampler`` and ``seed`` are this
    column's own; None: the chat's.
    """

    adapter_id: str = ""
    strength: float = 1.0
    system_prompt: str = ""
    blend: tuple[BlendPart, ...] = ()
    persona_id: str = ""
    card: str = ""
    step: int = 0
    sampler: Sampler | None = None
    seed: int | None = None

    @property
    def is_base(self) -> bool:
        """True when no adapter answers."""
        return not self.adapter_id and not self.blend

    @property
    def parts(self) -> tuple[BlendPart, ...]:
        """Every adapter that speaks, with its weight."""
        own = (BlendPart(adapter_id=self.adapter_id, weight=self.strength),) if self.adapter_id else ()
        return (*own, *self.blend)

    @property
    def voice(self) -> tuple[object, ...]:
        """Who it is, however strongly it speaks: a column that keeps its voice keeps its thread."""
        return (self.adapter_id, self.step, tuple(part.adapter_id for part in self.blend), self.persona_id, self.card)


@dataclass(frozen=True, kw_only=True)
class Speaker:
    """Somebody in a scene. ``key`` is written on each of their lines; ``talkativeness`` is a chance from 0 to 1."""

    key: str
    contestant: Contestant
    talkativeness: float = 0.5
    silent: bool = False


@dataclass(frozen=True, kw_only=True)
class SceneSettings:
    """Who takes part in a scene and whose turn comes next: ``round``, ``mention``, ``talkative`` or ``hand``.

    ``setting`` is where and when it plays; every speaker is told.
    """

    speakers: tuple[Speaker, ...] = ()
    order: str = "mention"
    setting: str = ""


@dataclass(frozen=True, kw_only=True)
class ChatSettings:
    """What stands around the words of a chat, in all its columns.

    ``system_prompt`` stands in the place of each persona's own; ``author_note`` stands ``author_depth`` messages before
    the end, ``post_history`` at the very end. ``seed`` None draws one anew for each prompt.
    """

    system_prompt: str = ""
    author_note: str = ""
    author_depth: int = 4
    use_lorebook: bool = True
    post_history: str = ""
    seed: int | None = None
    same_seed: bool = True
    scene: SceneSettings = SceneSettings()


@dataclass(frozen=True, kw_only=True)
class ChatMessage:
    """One node. Siblings are swipes and branches.

    ``made_by`` of a reply records contestant, base, sampler, seed and why it ended.

    ``rating`` is the user's thumb: -1, 0 or 1.
    """

    id: str
    chat_id: str
    parent_id: str
    role: Role
    text: str
    made_by: Mapping[str, object] = field(default_factory=dict)
    created_at: str = ""
    rating: int = 0


@dataclass(frozen=True, kw_only=True)
class Chat:
    """A named tree, with the columns that were last open on it (contestant and tip of each).

    ``lanes`` are the numbers that columns keep when others come and go; each message says in which it was made. A
    ``scene`` has one column, whose thread all its speakers share.
    """

    id: str
    title: str
    columns: tuple[tuple[Contestant, str], ...] = ()
    created_at: str = ""
    settings: ChatSettings = ChatSettings()
    kind: str = CHAT
    sampler: Sampler = Sampler()
    lanes: tuple[int, ...] = ()

    def lane(self, column: int) -> int:
        """The number that a column keeps."""
        return self.lanes[column] if column < len(self.lanes) else column


@dataclass(frozen=True, kw_only=True)
class ThreadMessage:
    """A message as a thread shows it: the ``place``-th (from 1) of ``count`` swipes and branches."""

    message: ChatMessage
    place: int = 1
    count: int = 1


def thread(messages: Sequence[ChatMessage], tip: str) -> list[ChatMessage]:
    """Return the messages from the root to ``tip``, in order."""
    by_id = {message.id: message for message in messages}
    found: list[ChatMessage] = []
    while tip:
        found.append(by_id[tip])
        tip = by_id[tip].parent_id
    return found[::-1]


def made_in(message: ChatMessage) -> int:
    """The lane in which a message was said."""
    lane = message.made_by.get("column", 0)
    return lane if isinstance(lane, int) else 0
