"""Greetings: the persona speaks first, and its other greetings are swipes of the first message."""

from datetime import datetime

from studio.domain.card_macros import Macros, fill
from studio.domain.card_text import card_texts
from studio.domain.chat import SCENE, Chat, ChatMessage, Contestant
from studio.domain.clock import now
from studio.domain.conversation import Role
from studio.domain.errors import StudioError
from studio.domain.ids import new_id
from studio.services.chat_desk import ChatPart
from studio.services.scene_turns import names_of


class ChatGreetings(ChatPart):
    """A greeting is a message like any other; ``made_by`` says which of the card's it is."""

    def greetings(self, contestant: Contestant, *, in_scene: bool = False) -> list[str]:
        """Greeting and alternates of the contestant's persona, as they will be said; before all in a scene, those that
        a card keeps for groups."""
        persona = self._desk.contestants.persona(contestant)
        if persona is None:
            return []
        grouped = card_texts(persona, "group_only_greetings") if in_scene else ()
        written = [text for text in (*grouped, persona.greeting, *persona.alternate_greetings) if text.strip()]
        macros = Macros(
            char=persona.name, user=self._desk.contestants.user_name, persona=persona, chance=persona.id,
            at=datetime.fromisoformat(now()).astimezone(),
        )  # fmt: skip
        return list(dict.fromkeys(fill(text, macros) for text in written))

    def begin_with_greeting(self, chat_id: str, column: int, index: int = 0) -> Chat:
        """Let the persona of a column speak first, with this one of its greetings; the others are its swipes.

        What was said in the column before stays as a branch beside them. In a scene its first speaker begins.
        """
        chat = self._desk.chat(chat_id)
        contestant, _ = self._desk.column(chat, column)
        said = self.greetings(contestant, in_scene=chat.kind == SCENE)
        if not 0 <= index < len(said):
            raise StudioError("no_greeting", name=self._desk.contestants.label(contestant).title)
        with self._desk.library.transaction():
            messages = [self._greeting(chat, column, text, at) for at, text in enumerate(said)]
            return self._desk.at(chat, column, messages[index].id)

    def _greeting(self, chat: Chat, column: int, text: str, index: int) -> ChatMessage:
        """The message with this greeting; one that is there already is taken again."""
        lane = chat.lane(column)
        for one in self._desk.library.chats.openings(chat.id):
            if one.made_by.get("greeting") is not None and one.made_by.get("column") == lane and one.text == text:
                return one
        contestant, _ = chat.columns[column]
        made_by: dict[str, object] = {"column": lane, "greeting": index, "adapter_id": contestant.adapter_id}
        if chat.kind == SCENE:
            scene = chat.settings.scene
            key = scene.speakers[0].key
            made_by |= {"speaker": key, "name": names_of(scene, self._desk.contestants)[key]}
        message = ChatMessage(
            id=new_id("say"), chat_id=chat.id, parent_id="", role=Role.PERSONA, text=text, made_by=made_by,
            created_at=now(),
        )  # fmt: skip
        self._desk.library.chats.add_message(message)
        return message
