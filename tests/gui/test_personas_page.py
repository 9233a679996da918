"""The home page: cards, search, empty state, deleting with a way back, a thousand personas."""

import time

from PySide6.QtCore import Qt
from PySide6.QtWidgets import QPushButton
from pytestqt.qtbot import QtBot

from studio.domain.chat import Contestant
from studio.gui.pages.personas.page import Page
from studio.gui.pages.personas.presenter import PersonasPresenter
from studio.services.studio import Studio
from tests.gui.conftest import Here, add_persona
from tests.gui.shelf import shelf


def opened(qtbot: QtBot, studio: object, here: Here) -> Page:
    page = Page(studio, here)  # type: ignore[arg-type]
    qtbot.addWidget(page)
    page.resize(1200, 740)
    page.show()
    page.open()
    return page


def names(page: Page) -> list[str]:
    return [page.model.index(row).data() for row in range(page.model.rowCount())]


def visible_button(page: Page, text: str) -> QPushButton:
    return next(one for one in page.findChildren(QPushButton) if one.text() == text and one.isVisible())


def test_an_empty_library_teaches_the_first_step(qtbot: QtBot, studio: Studio, here: Here) -> None:
    page = opened(qtbot, studio, here)
    studio.changes.subscribe(page.on_change)
    assert not page.grid.isVisible()
    visible_button(page, "Add the sample personas").click()
    assert len(names(page)) == 3
    assert page.grid.isVisible()
    assert here.toasts and "Added" in here.toasts[0][0]


def test_the_search_waits_for_the_typing_to_end(qtbot: QtBot, here: Here) -> None:
    studio = shelf()
    page = opened(qtbot, studio, here)
    asked = len(studio.personas.searches)
    qtbot.keyClicks(page.search, "mira")
    assert len(studio.personas.searches) == asked
    qtbot.waitUntil(lambda: names(page) == ["Mira Vane"], timeout=20_000)
    assert studio.personas.searches[asked:] == ["mira"]


def test_the_search_finds_lines_of_dialogue_and_says_when_there_are_none(
    qtbot: QtBot, studio: Studio, here: Here
) -> None:
    add_persona(studio, "Oswin")
    studio.personas.create("Vesper")
    page = opened(qtbot, studio, here)
    page.search.setText("kitchen")
    qtbot.waitUntil(lambda: names(page) == ["Oswin"], timeout=20_000)
    page.search.setText("zeppelin")
    qtbot.waitUntil(lambda: names(page) == [], timeout=20_000)
    visible_button(page, "Clear the search").click()
    qtbot.waitUntil(lambda: names(page) == ["Oswin", "Vesper"], timeout=20_000)


def test_enter_opens_and_delete_can_be_undone(qtbot: QtBot, studio: Studio, here: Here) -> None:
    persona = add_persona(studio, "Oswin")
    page = opened(qtbot, studio, here)
    studio.changes.subscribe(page.on_change)
    page.grid.setCurrentIndex(page.model.index(0))
    qtbot.keyClick(page.grid, Qt.Key.Key_Return)
    assert here.asked == [("persona", (persona.id, "card"))]
    qtbot.keyClick(page.grid, Qt.Key.Key_Delete)
    assert names(page) == []
    text, undo = here.toasts[-1]
    assert "Oswin" in text and undo is not None
    undo()
    assert names(page) == ["Oswin"]
    assert studio.data.count(persona.id) == 12


def test_a_click_opens_a_card(qtbot: QtBot, here: Here) -> None:
    page = opened(qtbot, shelf(), here)
    place = page.grid.visualRect(page.model.index(1)).center()
    qtbot.mouseClick(page.grid.viewport(), Qt.MouseButton.LeftButton, pos=place)
    assert here.asked == [("persona", ("p1", "card"))]


def test_cards_stand_side_by_side_and_use_the_width(qtbot: QtBot, here: Here) -> None:
    page = opened(qtbot, shelf(), here)

    def are_side_by_side() -> None:
        rects = [page.grid.visualRect(page.model.index(row)) for row in range(4)]
        assert rects[0].top() == rects[1].top() == rects[2].top() < rects[3].top()
        assert rects[2].right() > page.grid.width() - 20

    qtbot.waitUntil(are_side_by_side, timeout=20_000)  # the view lays out when the event loop runs


def test_a_thousand_personas_open_search_and_scroll_smoothly(qtbot: QtBot, here: Here) -> None:
    started = time.process_time()
    page = opened(qtbot, shelf(1000), here)
    page.grab()
    assert time.process_time() - started < 1.5
    started = time.process_time()
    for step in range(10):
        page.grid.verticalScrollBar().setValue(step * 900)
        page.grid.viewport().repaint()
    assert time.process_time() - started < 1.0


def test_who_answers_in_a_chat(here: Here) -> None:
    presenter = PersonasPresenter(shelf())  # type: ignore[arg-type]
    mira, vesper = presenter.cards("mira")[0], presenter.cards("vesper")[0]
    assert presenter.contestants(mira) == (Contestant(adapter_id="adapter-p0", system_prompt="You are Mira Vane."),)
    assert presenter.contestants(vesper)[0].is_base
    assert (mira.state, mira.state_role) == ("+0.82 nats", "good")
    assert (vesper.state, presenter.cards("ilse")[0].state) == ("no lines yet", "training")
