"""Masks: what a base would see of a conversation, and which conversations are longer than the window.

The engine answers from the base's tokenizer and template alone, so nothing has to be loaded.
"""

import shutil
from collections.abc import Mapping
from pathlib import Path
from tempfile import mkdtemp

import msgspec

from studio import atomic_files, paths
from studio.domain.base_model import BaseModel
from studio.domain.conversation import Conversation, Role
from studio.domain.dataset import StoredConversation
from studio.domain.errors import StudioError
from studio.domain.macros import resolve
from studio.domain.mask import NO_TURN, PROMPT_TURN, LongReply, LongRows, MaskToken, MaskView
from studio.domain.persona import Persona
from studio.library.library import Library
from studio.methods.method import TrainingOptions
from studio.options import options_of
from studio.protocol import commands, events
from studio.protocol.dataset_file import ConversationLine, dataset_bytes
from studio.services.background import Background, Deliver, finishing, run_in_background
from studio.services.engine import Engine
from studio.services.job import Job, Progress
from studio.services.models import Models
from studio.services.run_data import spoken
from studio.services.settings import Settings
from studio.texts import sentence, tr

_OF_THE_PROMPT = {
    "mask_turn_hidden": "mask_prompt_hidden",
    "mask_turn_rewritten": "mask_prompt_rewritten",
}
"""What is said where a turn is the persona's system prompt, which has no number."""


class Masks:
    """Asks the engine. A job fails with ``base_needed`` where there is no base, and with what the engine refuses."""

    def __init__(self, library: Library, engine: Engine, models: Models, settings: Settings, deliver: Deliver) -> None:
        self._library = library
        self._engine = engine
        self._models = models
        self._settings = settings
        self._deliver = deliver

    def show(self, conversation_id: str, base_id: str = "", max_length: int = 0) -> Job[MaskView]:
        """What training would read of a conversation; without a base named, of the one in use, without a length, as
        the persona's newest run had it."""
        job: Job[MaskView] = Job("masking")
        try:
            stored, persona = self._found(conversation_id)
            base = self._base(base_id)
        except StudioError as error:
            job.fail(error)
            return job
        line = self._line(stored, persona)
        shift = len(line.turns) - len(stored.conversation.turns)
        command = commands.ShowTokens(
            job=job.id,
            path=base.path,
            turns=line.turns,
            key=stored.conversation.title or stored.id,
            max_length=max_length or self._window(persona.id),
        )

        def heard(event: events.AnyEvent) -> None:
            if isinstance(event, events.TokensShown):
                speakers = self._speakers(stored.conversation, persona)
                job.finish(_view(event, base.name, command.max_length, speakers, shift))

        job.when_cancelled(lambda: self._engine.cancel(job.id))
        self._engine.ask(command, heard, job.fail)
        return job

    def lengths(self, persona_id: str, base_id: str = "", max_length: int = 0) -> Job[dict[str, int]]:
        """Tokens of each conversation that is longer than the window, by id."""
        job: Job[dict[str, int]] = Job("measuring_lengths")
        rows = self.long_rows(persona_id, base_id, max_length)
        job.when_cancelled(rows.cancel)
        rows.on_progress(job.advance)

        def ended(one: Job[LongRows]) -> None:
            if one.error is not None:
                job.fail(one.error)
            elif one.result is not None:
                job.finish(dict(one.result.conversations))

        rows.on_end(ended)
        return job

    def long_rows(self, persona_id: str, base_id: str = "", max_length: int = 0) -> Job[LongRows]:
        """The same, with the replies that alone are over the window and with what the template refused."""
        job: Job[LongRows] = Job("measuring_lengths")
        persona = self._library.personas.get(persona_id)
        try:
            base = self._base(base_id)
            if persona is None:
                raise StudioError("not_found", what="persona", name=persona_id)
        except StudioError as error:
            job.fail(error)
            return job
        folder = Path(mkdtemp()) if self._library.read_only else _new_folder(paths.runs(self._library.folder))
        job.on_end(lambda ended: shutil.rmtree(folder, ignore_errors=True))
        limit = max_length or self._window(persona_id)
        command = commands.MeasureLengths(job=job.id, path=base.path, data=str(folder / "data.jsonl"), max_length=limit)
        user_name, library = self._settings.text("user_name"), self._library.folder
        writing = run_in_background(
            self._deliver,
            lambda background: _write(background, library, persona, user_name, Path(command.data)),
            done=lambda shifts: finishing(job, lambda: self._measure(job, command, base, shifts, writing)),
            failed=job.fail,
        )
        job.when_cancelled(writing.cancelled.set)
        return job

    def _measure(
        self,
        job: Job[LongRows],
        command: commands.MeasureLengths,
        base: BaseModel,
        shifts: Mapping[str, int],
        writing: Background,
    ) -> None:
        writing.check()  # given up after the last row was written, when the thread looked no more

        def heard(event: events.AnyEvent) -> None:
            if isinstance(event, events.Progress):
                job.advance(Progress(what=event.what, done=event.done, total=event.total))
            elif isinstance(event, events.LengthsMeasured):
                job.finish(_rows(event, base.name, command.max_length, shifts))

        job.when_cancelled(lambda: self._engine.cancel(job.id))
        self._engine.ask(command, heard, job.fail)

    def _found(self, conversation_id: str) -> tuple[StoredConversation, Persona]:
        stored = self._library.conversations.get(conversation_id)
        persona = self._library.personas.get(stored.persona_id) if stored else None
        if stored is None or persona is None:
            raise StudioError("not_found", what="conversation", name=conversation_id)
        return stored, persona

    def _base(self, base_id: str) -> BaseModel:
        """The one that is named, else the one in memory, else the one of the newest run, else the default."""
        if base_id:
            return self._models.get(base_id)
        held = self._engine.bases.reserved or self._engine.bases.expected
        if held is not None:
            return held.base
        known = {base.id: base for base in self._models.list()}
        used = [run.base_id for run in self._library.runs.all() if run.base_id in known]
        return known[used[0]] if used else self._models.get()

    def _window(self, persona_id: str) -> int:
        """The window of the persona's newest run, or the one that a run has by default."""
        runs = self._library.runs.all(persona_id)
        recipe = self._library.recipes.get(runs[0].recipe_id) if runs else None
        usual = options_of(TrainingOptions)["max_length"].default
        return int(str(recipe.options.get("max_length", usual) if recipe else usual))

    def _line(self, stored: StoredConversation, persona: Persona) -> ConversationLine:
        return _spoken_line(stored, persona, self._settings.text("user_name"))

    def _speakers(self, conversation: Conversation, persona: Persona) -> dict[int, str]:
        user = self._settings.text("user_name")
        usual = {Role.PERSONA: persona.name, Role.USER: user, Role.SYSTEM: tr("System")}
        said = {
            index: resolve(turn.speaker, char=persona.name, user=user) or usual[turn.role]
            for index, turn in enumerate(conversation.turns)
        }
        return {PROMPT_TURN: tr("System prompt"), NO_TURN: tr("Template"), **said}


def _spoken_line(stored: StoredConversation, persona: Persona, user_name: str) -> ConversationLine:
    """A conversation as a run gets it: the very same way through a dataset version."""
    line = msgspec.json.decode(dataset_bytes([(stored.id, stored.conversation)], 0.0), type=ConversationLine)
    return next(spoken([line], persona, user_name))


def _new_folder(runs: Path) -> Path:
    folder = atomic_files.partial_path(runs)
    folder.mkdir(parents=True)
    return folder


def _write(background: Background, folder: Path, persona: Persona, user_name: str, target: Path) -> dict[str, int]:
    """Write all conversations of a persona; return for each how many turns were put before its own."""
    shifts = {}
    with Library.open(folder, read_only=True) as library, target.open("wb") as file:
        for stored in library.conversations.each(persona.id):
            background.check()
            line = _spoken_line(stored, persona, user_name)
            shifts[stored.id] = len(line.turns) - len(stored.conversation.turns)
            file.write(msgspec.json.encode(line) + b"\n")
    return shifts


def _rows(event: events.LengthsMeasured, base_name: str, limit: int, shifts: Mapping[str, int]) -> LongRows:
    return LongRows(
        base_name=base_name,
        max_length=limit,
        conversations=event.long,
        replies=tuple(
            LongReply(conversation_id=one.key, turn=one.turn - shifts[one.key], tokens=one.tokens, trained=one.trained)
            for one in event.replies
        ),
        refused=tuple(event.refused),
    )


def _view(event: events.TokensShown, base_name: str, limit: int, speakers: Mapping[int, str], shift: int) -> MaskView:
    return MaskView(
        base_name=base_name,
        max_length=limit,
        tokens=tuple(
            MaskToken(id=one.id, text=one.text, kind=one.kind, turn=_turn(one.turn, shift), window=one.window)
            for one in event.tokens
        ),
        windows=event.windows,
        speakers=speakers,
        problems=tuple(_words(problem, shift) for problem in event.problems),
        refused=any(problem.refused for problem in event.problems),
        left_out=event.left_out,
    )


def _turn(turn: int, shift: int) -> int:
    """The number in the conversation of a turn of what the engine was given."""
    if turn < 0:
        return NO_TURN
    return turn - shift if turn >= shift else PROMPT_TURN


def _words(problem: events.MaskProblem, shift: int) -> str:
    turn = _turn(problem.turn, shift)
    code = _OF_THE_PROMPT.get(problem.code, problem.code) if turn == PROMPT_TURN else problem.code
    return sentence(StudioError(code, **(problem.details | {"turn": turn + 1})))
