"""What stands around a chat and how its words are drawn: settings, samplers and their presets."""

from dataclasses import replace

from studio.domain.chat import Chat, ChatSettings, Sampler
from studio.domain.clock import now
from studio.domain.errors import StudioError
from studio.library.chat_store import SamplerPreset
from studio.services.chat_desk import ChatPart
from studio.texts import tr

BALANCED = Sampler()
PRECISE = Sampler(temperature=0.4, top_p=0.9, min_p=0.1, repetition_penalty=1.05)
LIVELY = Sampler(temperature=1.1, top_p=1.0, min_p=0.08, repetition_penalty=1.05, dry_multiplier=0.8)
GREEDY = Sampler(temperature=0.0, top_p=1.0, min_p=0.0, repetition_penalty=1.0)


class ChatManners(ChatPart):
    """Presets keep how words are drawn, not where a reply stops: length and stop strings stay the chat's."""

    def set_settings(self, chat_id: str, settings: ChatSettings) -> Chat:
        """Keep what stands around the words of a chat."""
        return self._desk.keep(chat_id, settings=settings)

    def set_sampler(self, chat_id: str, sampler: Sampler) -> Chat:
        """Keep how the words of a chat are drawn."""
        return self._desk.keep(chat_id, sampler=sampler)

    def samplers(self) -> list[tuple[str, Sampler]]:
        """The presets: ours first, then the user's own."""
        own = [(one.name, one.sampler) for one in self._desk.library.chats.presets()]
        return [*_ours(), *own]

    def own_samplers(self) -> list[str]:
        """Names of the presets that the user has made."""
        return [one.name for one in self._desk.library.chats.presets()]

    def keep_sampler(self, name: str, sampler: Sampler) -> None:
        """Keep a sampler as a preset, in the place of the user's own of that name."""
        ready = " ".join(name.split())
        if not ready or ready in dict(_ours()):
            raise StudioError("preset_name_taken" if ready else "preset_name_empty", name=ready)
        self._desk.library.chats.keep_preset(SamplerPreset(name=ready, sampler=sampler, created_at=now()))

    def forget_sampler(self, name: str) -> None:
        """Forget a preset of the user's own."""
        if not self._desk.library.chats.drop_preset(name):
            raise StudioError("not_found", what="sampler", name=name)


def drawn_like(sampler: Sampler, preset: Sampler) -> Sampler:
    """A preset put over a sampler: the length and the stop strings stay."""
    return replace(preset, max_tokens=sampler.max_tokens, stop=sampler.stop)


def _ours() -> list[tuple[str, Sampler]]:
    return [(tr("Balanced"), BALANCED), (tr("Precise"), PRECISE), (tr("Lively"), LIVELY), (tr("Greedy"), GREEDY)]
