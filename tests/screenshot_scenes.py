"""What is photographed: one scene a picture. Add a line for a new page or state."""

from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path

from PySide6.QtWidgets import QDialog, QWidget

from studio.domain.errors import StudioError
from studio.texts import sentence
from tests.screenshot_chat_modes import MODE_SCENES
from tests.screenshot_chat_scenes import CHAT_SCENES, calm
from tests.screenshot_data_scenes import DATA_SCENES
from tests.screenshot_import_scenes import IMPORT_SCENES
from tests.screenshot_run_scenes import RUN_SCENES
from tests.screenshot_train_scenes import TRAIN_SCENES, empty_queue
from tests.stage import Stage


@dataclass(frozen=True, kw_only=True)
class Scene:
    """``show`` brings it about and returns what is photographed (None: the window)."""

    name: str
    show: Callable[[Stage], QWidget | None]


def _page(name: str) -> Callable[[Stage], None]:
    return lambda stage: stage.window.open_page(name)


def _tab(tab: str) -> Callable[[Stage], None]:
    def show(stage: Stage) -> None:
        stage.window.open_persona(stage.people()[1].id, tab)
        stage.spin(0.3)
        if tab == "data":
            data = stage.window.pages.page("persona").data  # type: ignore[union-attr]
            data.list.setCurrentIndex(data.model.index(9))

    return show


def _import(stage: Stage) -> QWidget:
    stage.window.open_page("personas")
    broken = stage.folder / "broken.json"
    broken.write_text('{"cut": ["off', encoding="utf-8")
    talk = stage.folder / "talk.txt"
    talk.write_text("ALICE: Hello there.\nBOB: Go away.\nALICE: No.\nBOB: Then sit.\n", encoding="utf-8")
    sample = Path(__file__).resolve().parent.parent / "sample_data" / "personas" / "tik"
    stage.window.import_files([talk, sample, broken])
    stage.spin(1.0)
    return _dialog(stage)


def _dialog(stage: Stage) -> QWidget:
    return next(dialog for dialog in stage.window.findChildren(QDialog) if dialog.isVisible())


def _palette(stage: Stage) -> QWidget:
    stage.window.show_palette()
    return _dialog(stage)


def _shortcuts(stage: Stage) -> QWidget:
    stage.window.show_shortcuts()
    return _dialog(stage)


def _toast(stage: Stage) -> None:
    stage.window.open_page("personas")
    stage.window.toast("Tik was deleted.", lambda: None)


def _death(stage: Stage) -> None:
    stage.window.open_page("personas")
    stage.window.banner.tell(
        sentence(StudioError("engine_died", reason="the system ended it, most likely for lack of memory"))
    )


def _open_chat(stage: Stage) -> None:
    stage.window.open_chat(chat_id=stage.studio.chats.list()[0].id)
    calm(stage.window.pages.page("chat"))  # type: ignore[arg-type]
    stage.spin(0.3)


def _chat_drawer(stage: Stage) -> None:
    _open_chat(stage)
    stage.window.pages.page("chat").drawer_acts.toggle()  # type: ignore[union-attr]
    stage.spin(0.1)


def _new_chat(stage: Stage) -> None:
    stage.window.open_chat(stage.studio.chats.suggested_contestants())
    calm(stage.window.pages.page("chat"))  # type: ignore[arg-type]


def _past_run(stage: Stage) -> None:
    stage.window.open_page("train", run_id=stage.studio.training.runs()[-1].id)


def _meet(stage: Stage) -> None:
    stage.window.open_page("first_start")
    page = stage.window.pages.page("first_start")
    page._go(1)  # type: ignore[union-attr]
    page._go(1)  # type: ignore[union-attr]


SCENES = [
    Scene(name="personas", show=_page("personas")),
    Scene(name="toast", show=_toast),
    Scene(name="persona-card", show=_tab("card")),
    Scene(name="persona-data", show=_tab("data")),
    Scene(name="persona-adapters", show=_tab("adapters")),
    Scene(name="import", show=_import),
    Scene(name="chat-new", show=_new_chat),
    Scene(name="chat", show=_open_chat),
    Scene(name="chat-drawer", show=_chat_drawer),
    Scene(name="train", show=_page("train")),
    Scene(name="train-finished", show=_past_run),
    Scene(name="models", show=_page("models")),
    Scene(name="settings", show=_page("settings")),
    Scene(name="palette", show=_palette),
    Scene(name="shortcuts", show=_shortcuts),
    Scene(name="first-start", show=_page("first_start")),
    Scene(name="first-start-meet", show=_meet),
    Scene(name="engine-died", show=_death),
    *(Scene(name=name, show=show) for name, show in (CHAT_SCENES | MODE_SCENES | DATA_SCENES | IMPORT_SCENES).items()),
    *(Scene(name=name, show=show) for name, show in (RUN_SCENES | TRAIN_SCENES).items()),
]

EMPTY_SCENES = [
    Scene(name="empty-personas", show=_page("personas")),
    Scene(name="empty-chat", show=_page("chat")),
    Scene(name="empty-train", show=_page("train")),
    Scene(name="empty-queue", show=empty_queue),
    Scene(name="empty-models", show=_page("models")),
]
