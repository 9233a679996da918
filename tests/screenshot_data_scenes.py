"""The Data tab in all its states, for the pictures: a persona whose data has something of everything."""

from collections.abc import Callable
from typing import Any

from PySide6.QtCore import QPoint
from PySide6.QtWidgets import QWidget

from studio.domain.conversation import DOUBTFUL, GENERATED, Conversation, Role, Turn
from studio.gui.pages.persona.data.menus import turn_menu
from studio.gui.pages.persona.data.turn_acts import Wish
from tests.stage import Stage

Show = Callable[[Stage], QWidget | None]
NAME = "Juno Farrow"
SAID = (
    ("You're late again.", "*She wipes the lens with her sleeve.* The tide was late. I only followed it."),
    ("Is the lamp lit?", "Lit, trimmed and sulking. It hates the east wind as much as you do."),
    ("What did you see last night?", "“Three ships and a liar,” she says. “The liar had the better sails.”"),
    ("Do you ever sleep?", "*Juno laughs, briefly, like a door.* In instalments."),
    ("Somebody took the log book.", "Then somebody will learn what I think of the harbour master. Good."),
    ("Are you afraid of storms?", "I am afraid of calm. A storm at least says what it wants."),
    ("Tell me about your mother.", "She kept bees and grudges. *A pause.* The bees died first."),
    ("Coffee?", "Black. And leave the pot where I can reach it without being polite."),
)


def _line(number: int) -> tuple[str, str]:
    asked, answered = SAID[number % len(SAID)]
    return asked, answered if number < len(SAID) else f"{answered} That is the {number}th time you ask."


def _talk(number: int) -> Conversation:
    turns: list[Turn] = []
    for place in range(2 + number % 5):
        asked, answered = _line(number + place * 7)
        turns.append(Turn(role=Role.USER, text=asked, speaker="Wren"))
        turns.append(Turn(role=Role.PERSONA, text=answered))
    tags = ("lighthouse", "night") if number % 7 == 0 else ("harbour",) if number % 3 == 0 else ()
    title = f"The {('long watch', 'log book', 'third ship', 'bees')[number % 4]}" if number % 2 == 0 else ""
    return Conversation(
        turns=tuple(turns), title=title, tags=tags, source=f"chats/juno-2026-0{1 + number % 9}-14.jsonl"
    )


def _messy() -> list[Conversation]:
    talks = [_talk(number) for number in range(70)]
    first = talks[0]
    swipes = Turn(
        role=Role.PERSONA, text=first.turns[1].text, marks=(GENERATED,),
        alternatives=("*She says nothing and points at the clock.*", "Late? The clock is early."),
    )  # fmt: skip
    guessed = Turn(role=Role.USER, text=first.turns[0].text, speaker="Wren", marks=(DOUBTFUL,))
    off = Turn(role=Role.PERSONA, text=first.turns[3].text, train=False)
    talks[0] = first.with_turn(0, guessed).with_turn(1, swipes).with_turn(3, off)
    said = {
        3: "As an AI language model, I cannot trim a lamp. But the wick is fine.",
        5: "{{random:Fog,Rain}} again. {{user}}, close the shutter.",
        8: "Hold the rope.\nWren: I am holding it!\nThen hold it better.",
        9: "((brb, dinner)) The rope holds.",
        11: "I donâ€™t like that ship.",
        12: "Write to me at juno.farrow@lamps.example or call +44 20 7946 0018.",
        14: "",
    }
    for number, words in said.items():
        talks[number] = talks[number].with_turn(1, Turn(role=Role.PERSONA, text=words))
    return [*talks, _long()]


def _long() -> Conversation:
    turns = [Turn(role=Role.USER if n % 2 == 0 else Role.PERSONA, text=_line(n + 40)[n % 2]) for n in range(64)]
    return Conversation(turns=tuple(turns), title="Until the oil ran out", source="chats/juno-2026-05-02.jsonl")


def bench(stage: Stage) -> Any:
    """The tab, open on Juno, who is made when she is not there yet."""
    people = {one.name: one.id for one in stage.people()}
    if NAME not in people:
        made = stage.studio.personas.create(NAME)
        stage.studio.personas.update(made.id, colour="#c79bff", greeting="Mind the step; it has opinions.")
        stage.studio.data.add_conversations(made.id, _messy(), "Imported")
        people[NAME] = made.id
    stage.window.open_persona(people[NAME], "data")
    page: Any = stage.window.pages.page("persona")
    stage.until(lambda: page.data.presenter.report is not None and not page.data.checker.checking)
    stage.spin(0.2)
    page.data.show_view("conversations")
    page.data.view.show_conversation(None)
    page.data.bench.pane.filter.take(type(page.data.presenter.where)())
    page.data.list.choose(0)
    page.data.bench._open(page.data.model.id_at(0))
    page.data.bench._show_as("words")
    return page.data


def _words(stage: Stage) -> None:
    data = bench(stage)
    data.view.go_to(1, mark=False)
    data.view.focus_turns()


def _several(stage: Stage) -> None:
    data = bench(stage)
    data.view.go_to(1, mark=False)
    data.view._stepped(1, True)
    data.view._stepped(1, True)


def _edit(stage: Stage) -> None:
    data = bench(stage)
    data.view.go_to(1, mark=False)
    data.bench.do(Wish(name="edit", index=1))


def _insert(stage: Stage) -> None:
    data = bench(stage)
    data.bench.do(Wish(name="insert", index=1))


def _tokens(stage: Stage) -> None:
    data = bench(stage)
    data.swap_view()
    stage.until(lambda: data.bench.tokens._job is None)


def _view(name: str) -> Show:
    def show(stage: Stage) -> None:
        bench(stage).show_view(name)

    return show


def _walk(stage: Stage) -> None:
    data = bench(stage)
    remark = next(one for one in data.presenter.remarks() if one.code == "wrong_speaker_bleed")
    data.show_remark(remark)


def _all_chosen(stage: Stage) -> None:
    data = bench(stage)
    data.list.selectAll()
    data.list.setFocus()


def _filtered(stage: Stage) -> None:
    data = bench(stage)
    where = type(data.presenter.where)(text="lamp", tag="harbour", most_turns=20, speaker="Wren")
    data.bench.pane.filter.take(where)


def _nothing_matches(stage: Stage) -> None:
    data = bench(stage)
    data.bench.pane.filter.take(type(data.presenter.where)(text="zeppelin", side="heldout"))


def _turn_menu(stage: Stage) -> QWidget:
    data = bench(stage)
    menu = turn_menu(data, data.view.stored, 1, lambda wish: None)
    menu.popup(data.mapToGlobal(QPoint(400, 200)))
    return menu


def _replace(stage: Stage) -> QWidget:
    dialog = bench(stage).desk.replace()
    dialog.sought.setText("harbour master")
    dialog.replacement.setText("portreeve")
    stage.until(lambda: dialog.preview._job is None and not dialog._typed.isActive())
    return dialog  # type: ignore[no-any-return]


def _mend(stage: Stage) -> QWidget:
    data = bench(stage)
    found = {one.name: one for remark in data.presenter.remarks() for one in remark.mendings}
    name = next((name for name in found if "bleed" in name or "speaker" in name), next(iter(found)))
    dialog = data.desk.mend(found[name])
    stage.until(lambda: dialog.preview._job is None)
    return dialog  # type: ignore[no-any-return]


def _versions(stage: Stage) -> None:
    data = bench(stage)
    service = stage.studio.data
    if not service.versions(data.presenter.persona_id):
        service.snapshot(data.presenter.persona_id, 0.1, "as it was imported")
        first, second = service.ids(data.presenter.persona_id)[1:3]
        service.edit_turn(first, 1, text="*She trims the wick.* Lit, and in a better mood than both of us.")
        service.delete_conversations([second])
    data.show_view("versions")


def _empty(stage: Stage) -> None:
    people = {one.name: one.id for one in stage.people()}
    empty = people.get("Nobody yet") or stage.studio.personas.create("Nobody yet").id
    stage.window.open_persona(empty, "data")


DATA_SCENES: dict[str, Show] = {
    "data-words": _words,
    "data-several": _several,
    "data-edit": _edit,
    "data-insert": _insert,
    "data-turn-menu": _turn_menu,
    "data-tokens": _tokens,
    "data-all-chosen": _all_chosen,
    "data-filtered": _filtered,
    "data-nothing-matches": _nothing_matches,
    "data-walk": _walk,
    "data-findings": _view("findings"),
    "data-coverage": _view("coverage"),
    "data-mend": _mend,
    "data-replace": _replace,
    "data-versions": _versions,
    "data-empty": _empty,
}
