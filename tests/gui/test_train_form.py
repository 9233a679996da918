"""The form of the train page: data, starting points, methods and their costs, reasons, memory, times."""

from types import SimpleNamespace

import pytest
from PySide6.QtWidgets import QApplication, QLabel
from pytestqt.qtbot import QtBot

from studio.gui.pages.train.new_run import NewRun
from studio.gui.pages.train.new_run_card import NewRunCard
from studio.gui.pages.train.new_run_words import RANKS
from studio.gui.pages.train.run.findings import Prefill
from studio.texts.methods import METHOD_COSTS
from tests.gui.stand_in import ILSE, MIRA, StandIn, make_run
from tests.gui.stand_in_things import ADAPTER, BASE, VERSION


@pytest.fixture
def studio() -> StandIn:
    made = StandIn()
    made.training.all = [make_run(id="run-1", persona_id=MIRA.id, method="qlora", number=1)]
    return made


@pytest.fixture
def form(studio: StandIn) -> NewRun:
    return NewRun(studio)  # type: ignore[arg-type]


@pytest.fixture
def card(qtbot: QtBot, form: NewRun) -> NewRunCard:
    here = SimpleNamespace(open_page=lambda *_: None, open_persona=lambda *_: None)
    made = NewRunCard(form, here, lambda _: None, lambda: None)  # type: ignore[arg-type]
    qtbot.addWidget(made)
    made.resize(344, 700)
    made.show()
    QApplication.processEvents()
    return made


def test_a_version_of_the_data_can_be_chosen_and_brings_its_split(form: NewRun, studio: StandIn) -> None:
    form.choose(persona_id=ILSE.id)
    assert [one.id for one in form.versions()] == ["", VERSION.id] and "clean" in form.versions()[1].label
    form.choose(version_id=VERSION.id)
    form.set_value("heldout_fraction", 0.3)
    assert form.values()["heldout_fraction"] == VERSION.heldout_fraction
    form.start()
    assert studio.training.started[-1]["version_id"] == VERSION.id
    form.choose(persona_id=MIRA.id)
    assert form.version_id == "", "a version belongs to its persona"


def test_an_adapter_that_is_continued_brings_what_gives_it_its_shape(form: NewRun, studio: StandIn) -> None:
    form.continue_from(ADAPTER.id)
    assert (form.persona_id, form.base_id, form.method) == (MIRA.id, BASE.id, "qlora")
    form.set_value("rank", 64)
    form.set_value("epochs", 2)
    values = form.values()
    assert (values["rank"], values["epochs"]) == (16, 2.0) and "learning_rate" not in form.fixed()
    form.start()
    assert studio.training.started[-1]["continues"] == ADAPTER.id
    form.choose(method="dora")
    assert form.continues == "" and form.values()["rank"] == 64


def test_starting_points_are_those_on_the_chosen_base(form: NewRun, studio: StandIn) -> None:
    form.choose(persona_id=MIRA.id)
    assert [one.id for one in form.starting_points()] == ["", ADAPTER.id]
    form.choose(persona_id=ILSE.id)
    assert [one.id for one in form.starting_points()] == [""]


def test_a_run_like_another_one_keeps_only_what_the_preset_would_not_choose(form: NewRun) -> None:
    options = {**form.values(), "rank": 32, "learning_rate": 5e-5}
    wanted = Prefill(run_id="run-1", persona_id=MIRA.id, base_id=BASE.id, method="lora", preset="thorough",
                     options=options)  # fmt: skip
    form.prefill(wanted)
    assert (form.persona_id, form.method, form.preset) == (MIRA.id, "lora", "thorough")
    assert form.by_hand == {"learning_rate": 5e-5}
    assert form.values()["rank"] == 32


def test_reasons_are_told_for_what_the_preset_chose_only(form: NewRun) -> None:
    before = form.reasons()
    assert any(line.startswith("Rank 16: ") for line in before)
    form.set_value("rank", 64)
    after = form.reasons()
    assert len(after) == len(before) - 1 and not any(line.startswith("Rank") for line in after)


def test_a_preset_by_memory_brings_its_method(form: NewRun) -> None:
    form.choose(method="dora")
    assert [one.name for one in form.card_presets()] == ["card-8", "card-12", "card-16", "card-24"]
    form.choose_preset("card-8")
    assert (form.method, form.values()["max_length"], form.summary()) == ("qlora", 512, "It fits.")
    assert form.reasons() == ["QLoRA: It is small.", "Window 512: A longer window does not fit."]
    form.choose(method="lora")
    assert form.reasons() == ["Window 512: A longer window does not fit."]


def test_the_button_says_what_will_happen(form: NewRun, studio: StandIn) -> None:
    studio.training.all = []
    assert form.start_words() == "Start"
    form.start()
    assert form.start_words() == "Add to the queue"
    form.starts_at = "2999-01-01T00:00:00+00:00"
    assert form.start_words().startswith("Start on 2")


def test_the_price_of_a_method_is_told_before_it_starts(card: NewRunCard, form: NewRun) -> None:
    def told() -> set[str]:
        return {one.text() for one in card.how.findChildren(QLabel) if one.isVisible() and one.objectName() == "warn"}

    assert told() == set()
    costly = max(form.methods(), key=lambda one: len(one.costs))
    card.how._choose(costly.name)
    QApplication.processEvents()
    assert told() == {METHOD_COSTS[cost] for cost in costly.costs} and told()


def test_the_recommended_method_is_one_click_away(card: NewRunCard, form: NewRun, studio: StandIn) -> None:
    assert "Recommended here. It fits in 4 bit." in card.how.advice.text() and not card.how.take_advice.isVisible()
    studio.training.recommended = "lora"
    card.refresh()
    assert card.how.advice.text().startswith("LoRA is recommended here.")
    card.how.take_advice.click()
    assert form.method == "lora" and not card.how.take_advice.isVisible()


def test_every_method_has_a_form(card: NewRunCard, form: NewRun) -> None:
    for one in form.methods():
        card.how._choose(one.name)
        QApplication.processEvents()
        known = set(form.options()) - {"rank"}
        fields = {name for made in card.dials.forms for name in made._fields}
        assert fields == known, one.name
        assert card.dials._dial.isVisible() == ("rank" in form.options())


def test_expert_options_are_folded_and_explained(card: NewRunCard, form: NewRun) -> None:
    assert not card.dials.expert.isVisible()
    card.dials.unfold.click()
    assert card.dials.expert.isVisible()
    said = {one.text() for one in card.dials.expert.findChildren(QLabel)}
    assert {one.help for one in form.options().values() if one.expert} <= said


def test_memory_turns_red_with_the_lever_and_says_what_was_measured(card: NewRunCard, studio: StandIn) -> None:
    foot = card.foot
    studio.training.memory_total = 24 * 2**30
    card.refresh()
    assert foot.words.objectName() == "small" and foot.bar.fits and not foot.measured.isVisible()
    card.dials.rank.setValue(len(RANKS) - 1)
    assert foot.words.objectName() == "bad" and "Lower the rank." in foot.words.text()
    studio.training.measured = 3 * 2**30
    card.refresh()
    assert "3.0 GB" in foot.measured.text() and foot.measured.isVisible()


def test_what_trains_every_weight_has_no_adapter_to_show(card: NewRunCard, form: NewRun, studio: StandIn) -> None:
    studio.training.memory_total = 24 * 2**30
    card.refresh()
    assert card.foot.words.text() == "base 512 MB · adapter 128 MB · work 640 MB"
    known = studio.training.estimate
    studio.training.estimate = lambda *given, **more: _without_adapter(known(*given, **more))  # type: ignore[method-assign]
    card.refresh()
    assert card.foot.words.text() == "base 512 MB · work 640 MB"


def _without_adapter(found: SimpleNamespace) -> SimpleNamespace:
    found.adapter, found.fits = 0, True
    return found


def test_a_run_can_start_at_a_time(card: NewRunCard, form: NewRun) -> None:
    card.foot.when.click()
    assert form.starts_at and card.foot.moment.isVisible()
    assert card.foot.start.text().endswith("at 23:00")
    card.foot.start_soon()
    assert form.starts_at == "" and not card.foot.moment.isVisible()


def test_what_an_adapter_fixes_cannot_be_changed(card: NewRunCard, form: NewRun) -> None:
    card.continue_from(ADAPTER.id)
    assert not card.dials.rank.isEnabled() and "continued" in card.dials._rank_words.text()
    card.who.start_from.setCurrentIndex(0)
    card.who.start_from.activated.emit(0)
    assert card.dials.rank.isEnabled() and form.continues == ""
