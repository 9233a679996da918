"""Every setting once: type, default, label, help. Stored in the library, shown by whoever asks ``options_of``."""

from dataclasses import dataclass

from studio.options import option


@dataclass(frozen=True, kw_only=True)
class Preferences:
    """What a person can set. Defaults are what a fresh library has."""

    theme: str = option(
        "system", "Theme", "Light or dark; system follows the desktop.", choices=("system", "light", "dark")
    )
    language: str = option("", "Language", "Language of the program, such as en or de; empty follows the desktop.")
    user_name: str = option(
        "User", "Your name", "Stands for {{user}} in cards and conversations, in training and in chat."
    )
    default_base: str = option("", "Default base", "The base that is used where none is named; empty is the newest.")
    chat_quantization: str = option(
        "auto", "Base while chatting",
        "How the base is kept in memory for chat: none is 16 bit, nf4 is 4 bit; auto looks at the memory.",
        choices=("auto", "none", "nf4"), expert=True,
    )  # fmt: skip
    training_beside_chat: int = option(
        20, "Training while you chat",
        "The part of the time that a run keeps while replies are written; 0: it rests until they have ended.",
        minimum=0, maximum=80, unit="%",
    )  # fmt: skip
    keep_awake: bool = option(
        True, "Stay awake while training", "Keeps the computer from falling asleep while a run works; the screen may."
    )
    notify_when_done: bool = option(True, "Tell when a run ends", "Shows a notification of the desktop at a run's end.")
    go_on_at_start: bool = option(
        True, "Go on at start", "A run that closing the program or a power cut ended goes on when it is opened again."
    )
    pause_on_battery: bool = option(
        False, "Pause on battery", "Runs rest while the computer runs on battery, and go on when it is plugged in."
    )
    yield_free_memory_mb: int = option(
        0, "Yield below", "Rests when other programs, such as a game, leave less memory free on the card; 0: never.",
        minimum=0, maximum=1_000_000, unit="MB",
    )  # fmt: skip
    first_start_done: bool = option(
        False, "First start seen", "Whether the introduction was shown; switch it off to see it again.", expert=True
    )
