"""Scenes of what comes in: the import dialog in its states, and examples written from a card."""

from collections.abc import Callable

from PySide6.QtWidgets import QDialog, QWidget

from studio.domain.persona import Persona
from studio.gui.pages.persona.drafts.dialog import open_drafts
from tests.newcomer import MIRA, make_folder
from tests.stage import Stage

QUESTIONS = {
    "questions.csv": "col_a,col_b\nDo you sleep?,Eleven minutes.\nAre you cold?,Nine degrees.\n",
    "WhatsApp Chat with Edda.txt": (
        "03/04/2025, 21:14 - Edda: are you still up\n03/04/2025, 21:15 - Joss: barely. why\n"
        "03/04/2025, 21:15 - Edda: the kiln is singing again, come and hear\n"
        "04/04/2025, 08:02 - Joss: on my way, mail me at joss@example.org if not\n"
    ),
    "talk.txt": "ALICE: Hello there.\nBOB: Go away.\nALICE: No.\nBOB: Then sit.\n",
    "broken.json": '{"cut": ["off',
}


def _dialog(stage: Stage) -> QWidget:
    return next(dialog for dialog in stage.window.findChildren(QDialog) if dialog.isVisible())


def _choose(stage: Stage) -> QWidget:
    stage.window.open_page("personas")
    stage.window.import_files()
    stage.spin(0.3)
    return _dialog(stage)


def _newcomer(stage: Stage) -> QWidget:
    stage.window.open_page("personas")
    stage.window.import_files([make_folder(stage.folder / "my characters")])
    stage.spin(1.5)
    return _dialog(stage)


def _many(stage: Stage) -> QWidget:
    stage.window.import_files([MIRA])
    stage.spin(2.5)
    return _dialog(stage)


def _questions(stage: Stage) -> QWidget:
    stage.window.open_page("personas")
    folder = stage.folder / "questions"
    folder.mkdir(exist_ok=True)
    for name, text in QUESTIONS.items():
        (folder / name).write_text(text, encoding="utf-8")
    stage.window.import_files([folder])
    stage.spin(2.0)
    return _dialog(stage)


def _with_card(stage: Stage) -> list[Persona]:
    """Who has something to write from."""
    return [one for one in stage.people() if one.description]


def _drafts(stage: Stage) -> QWidget:
    persona = _with_card(stage)[1]
    stage.window.open_persona(persona.id, "data")
    dialog = open_drafts(stage.studio, stage.window, persona.id)
    stage.finished(dialog.presenter.write({"everyday": 3, "emotional": 2, "statement": 1}))  # type: ignore[arg-type]
    first = dialog.presenter.current()
    assert first is not None
    dialog.presenter.accept(first)
    stage.spin(0.3)
    return dialog


def _drafts_empty(stage: Stage) -> QWidget:
    persona = _with_card(stage)[0]
    dialog = open_drafts(stage.studio, stage.window, persona.id)
    stage.spin(0.2)
    return dialog


def _editing(stage: Stage) -> QWidget:
    persona = _with_card(stage)[1]
    dialog = open_drafts(stage.studio, stage.window, persona.id)
    stage.finished(dialog.presenter.write({"emotional": 1}))  # type: ignore[arg-type]
    stage.spin(0.2)
    dialog.card.start_editing()
    stage.spin(0.2)
    return dialog


IMPORT_SCENES: dict[str, Callable[[Stage], QWidget | None]] = {
    "import-choose": _choose,
    "import-newcomer": _newcomer,
    "import-many": _many,
    "import-questions": _questions,
    "drafts": _drafts,
    "drafts-empty": _drafts_empty,
    "drafts-editing": _editing,
}
