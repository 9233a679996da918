"""The train, chat, models, settings and first start pages on the stand-in studio."""

from types import SimpleNamespace

import pytest
from PySide6.QtCore import Qt
from PySide6.QtWidgets import QAbstractButton, QApplication, QComboBox, QLineEdit, QMenu, QSlider, QSpinBox, QWidget

from studio.domain.changes import Change, Kind
from studio.domain.errors import StudioError
from studio.domain.run import RunState
from studio.gui.pages.chat.columns.picker import Picker
from studio.gui.pages.chat.page import Page as ChatPage
from studio.gui.pages.first_start.page import Page as FirstStartPage
from studio.gui.pages.models.page import Page as ModelsPage
from studio.gui.pages.settings.page import Page as SettingsPage
from studio.gui.pages.train.page import Page as TrainPage
from studio.services.job import Progress
from tests.gui.stand_in import MIRA, StandIn, make_run


class Navigator:
    """Writes down where pages want to go."""

    def __init__(self) -> None:
        self.asked: list[tuple] = []

    def __getattr__(self, name: str):
        if name.startswith("_"):
            raise AttributeError(name)
        return lambda *args, **more: self.asked.append((name, args, more))

    def window_widget(self) -> None:
        return None


@pytest.fixture
def studio() -> StandIn:
    return StandIn()


@pytest.fixture
def navigator() -> Navigator:
    return Navigator()


@pytest.fixture
def made(qtbot, studio, navigator):
    def make(kind):
        page = kind(studio, navigator)
        qtbot.addWidget(page)
        page.resize(1180, 740)
        page.show()
        page.open()
        QApplication.processEvents()
        return page

    return make


@pytest.mark.parametrize("kind", [TrainPage, ChatPage, ModelsPage, SettingsPage, FirstStartPage])
def test_every_control_is_named_and_reachable(made, studio, kind) -> None:
    studio.training.all = [make_run(state=RunState.FINISHED, adapter_id="a", number=1)]
    page = made(kind)
    kinds = (QAbstractButton, QComboBox, QLineEdit, QSlider, QSpinBox)
    for control in [one for one in page.findChildren(QWidget) if isinstance(one, kinds)]:
        if control.isVisible() and control.objectName() != "qt_spinbox_lineedit":
            assert control.accessibleName() or getattr(control, "text", str)(), control
            assert control.focusPolicy() & Qt.FocusPolicy.TabFocus, control


def test_chat_keeps_the_words_when_the_engine_fails(made, studio, qtbot) -> None:
    page = made(ChatPage)
    studio.chats.trouble = StudioError("engine_died", reason="signal 9")
    page.bottom.composer.setPlainText("Do not lose me")
    qtbot.keyClick(page.bottom.composer, Qt.Key.Key_Return)
    assert page.bottom.composer.toPlainText() == "Do not lose me"
    assert page.bottom.trouble.isVisible()
    studio.chats.trouble = None
    qtbot.keyClick(page.bottom.composer, Qt.Key.Key_Return)
    assert page.bottom.composer.toPlainText() == ""
    assert not page.bottom.trouble.isVisible()


def test_chat_streams_thirty_times_a_second_and_stops(made, studio, qtbot) -> None:
    page = made(ChatPage)
    page.bottom.composer.setPlainText("Hello")
    qtbot.keyClick(page.bottom.composer, Qt.Key.Key_Return)
    assert page.bottom.stop.isVisible() and not page.bottom.send.isVisible()
    studio.chats.jobs[-1].write(1, "Storm?")
    shown = page.board.columns[1].view.messages
    assert shown.messages[-1].text == ""
    qtbot.waitUntil(lambda: shown.messages[-1].text == "Storm?", timeout=20_000)
    page.bottom.stop.click()
    assert page.bottom.send.isVisible() and not page.presenter.replies.busy


def test_chat_keeps_drafts_by_chat(made, studio, qtbot) -> None:
    page = made(ChatPage)
    page.bottom.composer.setPlainText("first")
    qtbot.keyClick(page.bottom.composer, Qt.Key.Key_Return)
    studio.chats.jobs[-1].finish([])
    page.bottom.composer.setPlainText("half a sentence")
    page._new()
    assert page.bottom.composer.toPlainText() == ""
    page.open(chat_id=studio.chats.list()[0].id)
    assert page.bottom.composer.toPlainText() == "half a sentence"
    page.hide()
    assert page.presenter.drafts.get(page.presenter.chat_id) == "half a sentence"


def test_up_edits_the_last_words_and_gives_back_what_was_typed(made, studio, qtbot) -> None:
    page = made(ChatPage)
    page.bottom.composer.setPlainText("Helo")
    qtbot.keyClick(page.bottom.composer, Qt.Key.Key_Return)
    for column in (0, 1):
        studio.chats.answer(page.presenter.chat_id, column, "what?")
    studio.chats.jobs[-1].finish([])
    qtbot.keyClick(page.bottom.composer, Qt.Key.Key_Up)
    assert page.bottom.composer.toPlainText() == "Helo"
    qtbot.keyClick(page.bottom.composer, Qt.Key.Key_Escape)
    assert page.bottom.composer.toPlainText() == "" and not page.bottom.editing


def test_chat_menus_offer_contestants_and_earlier_chats(made, studio) -> None:
    page = made(ChatPage)
    page.board.columns[1].header.change.click()
    picker = page.findChild(Picker)
    assert picker.shown()[0] == "Base, no adapter" and "Mira Vane v3 · rank 16 · +0.82 nats" in picker.shown()
    picker.take_marked()
    assert page.presenter.contestants()[1].is_base
    earlier = QMenu()
    page.fill_earlier(earlier)
    assert [one.text() for one in earlier.actions()] == ["No chats yet"]


def test_chat_without_a_base_teaches_the_next_step(made, studio, navigator) -> None:
    studio.models.bases = []
    page = made(ChatPage)
    assert page._stack.currentIndex() == 1
    page._stack.currentWidget().findChild(QAbstractButton).click()
    assert navigator.asked[-1][:2] == ("open_page", ("models",))


def test_train_starts_what_the_form_says(made, studio) -> None:
    page = made(TrainPage)
    page.form.choose_persona(MIRA.id)
    page.form.presets.preset.part("taste").click()
    page.form.dials.rank.setValue(5)
    seed = page.form.dials.forms[1].field("seed")
    seed.setText("7")
    seed.editingFinished.emit()
    page.form.start.click()
    options = studio.training.started[0]["options"]
    assert (options["rank"], options["seed"]) == (32, 7)


def test_train_without_a_base_says_so_and_leads_there(made, studio, navigator) -> None:
    studio.models.bases = []
    page = made(TrainPage)
    assert not page.form.start.isEnabled() and "base model" in page.form.foot.reason.text()
    page.form.foot.way_out.click()
    assert navigator.asked[-1][:2] == ("open_page", ("models",))


def test_train_says_when_it_will_not_fit(made, studio) -> None:
    studio.training.memory_total = 2**30
    page = made(TrainPage)
    assert "It will not fit. Lower the rank." in page.form.foot.words.text()


def test_train_follows_progress_and_the_end(made, studio, navigator, qtbot) -> None:
    studio.training.all = [make_run(state=RunState.RUNNING, number=7)]
    studio.training.now = SimpleNamespace(run_id="run-1", step=10, total_steps=40, epoch=1, tokens_per_second=900.0,
                                          eta_seconds=30.0, memory_bytes=0, loss=3.0, temperature=0.0,
                                          phase="training")  # fmt: skip
    page = made(TrainPage)
    assert page.panel.head.pause.isVisible() and not page.panel.head.chat.isVisible()
    studio.training.now.step = 20
    page.on_change(Change(kinds=frozenset({Kind.RUN_PROGRESS}), ids=frozenset({"run-1"})))
    qtbot.waitUntil(lambda: "step 20 of 40" in page.panel.head.figures.whole(), timeout=20_000)
    studio.training.all = [make_run(state=RunState.FINISHED, adapter_id="adapter-1", number=7)]
    studio.training.now = None
    page.on_change(Change(kinds=frozenset({Kind.RUN}), ids=frozenset({"run-1"})))
    qtbot.waitUntil(page.panel.head.chat.isVisible, timeout=20_000)
    assert not page.panel.head.pause.isVisible()
    page.panel.head.chat.click()
    assert navigator.asked[-1][0] == "open_chat"


def test_models_install_shows_progress_and_trouble(made, studio) -> None:
    studio.models.bases = []
    page = made(ModelsPage)
    assert page._stack.currentIndex() == 1
    page.presenter.install_starter()
    studio.models.job.advance(Progress(what="downloading", done=10 * 2**20, total=40 * 2**20))
    assert page.work.isVisible() and "10 MB / 40 MB" in page.work._words.text()
    studio.models.job.fail(StudioError("starter_download_failed", reason="no network"))
    assert "no network" in page.work._trouble.text() and not page.work.cancel.isVisible()


def test_models_show_what_each_needs(made, studio) -> None:
    card = made(ModelsPage).presenter.cards()[0]
    assert [need.label for need in card.needs] == ["16-bit", "8-bit", "NF4"]
    assert card.is_default and card.missing and not card.loaded
    studio.state.base, studio.state.quantization = studio.models.bases[0], "nf4"
    assert made(ModelsPage).presenter.cards()[0].loaded == "in memory · NF4"


def test_settings_are_kept_when_changed(made, studio) -> None:
    page = made(SettingsPage)
    field = page.form.field("theme")
    field.setCurrentIndex(field.findData("dark"))
    assert studio.values["theme"] == "dark"
    assert "first_start_done" not in page.presenter.options()


def test_first_start_leads_through_three_steps(made, studio, navigator) -> None:
    page = made(FirstStartPage)
    assert "/library" in page._path.text().replace("\\", "/")
    page.next.click()
    assert "SmolLM2" in page._have.text()
    page.next.click()
    page.meet.click()
    assert page.presenter.samples_are_there() and not page.meet.isVisible()
    page.next.click()
    assert studio.values["first_start_done"] is True
    assert navigator.asked[-1][:2] == ("open_page", ("personas",))


def test_first_start_can_be_skipped(made, studio) -> None:
    made(FirstStartPage).skip.click()
    assert studio.values["first_start_done"] is True
