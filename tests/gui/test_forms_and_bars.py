"""Forms made from options, the loss curve and the memory bar, with Qt."""

import math

from PySide6.QtCore import QPoint, Qt
from PySide6.QtGui import QImage, QPainter
from PySide6.QtWidgets import QCheckBox, QComboBox, QLineEdit

from studio.gui.widgets.loss_curve import LossCurve
from studio.gui.widgets.memory_bar import MemoryBar, Segment
from studio.gui.widgets.option_form import OptionForm
from studio.methods.method import METHODS, TrainingOptions
from studio.options import Option, options_of


def test_form_has_a_named_explained_field_for_every_option(qtbot) -> None:
    options = options_of(TrainingOptions)
    form = OptionForm(options, {name: one.default for name, one in options.items()})
    qtbot.addWidget(form)
    for name, one in options.items():
        field = form.field(name)
        assert (field.accessibleName(), field.toolTip()) == (one.label, one.help)
    assert isinstance(form.field("scheduler"), QComboBox)
    assert form.field("batch_size").text() == "8"
    assert form.field("learning_rate").text() == "2e-4"


def test_a_new_option_needs_no_new_widget(qtbot) -> None:
    options = {
        "shiny": Option(name="shiny", label="Shiny", help="Shines.", kind=bool, default=False),
        "count": Option(name="count", label="Count", help="Counts.", kind=int, minimum=1, maximum=9, default=3),
    }
    form = OptionForm(options, {"shiny": True, "count": 4})
    qtbot.addWidget(form)
    assert isinstance(form.field("shiny"), QCheckBox) and form.field("shiny").isChecked()
    form.field("count").setText("7")
    with qtbot.waitSignal(form.changed) as told:
        form.field("count").editingFinished.emit()
    assert told.args == ["count", 7]


def test_invalid_words_are_refused_with_the_reason(qtbot) -> None:
    options = options_of(TrainingOptions)
    form = OptionForm(options, {})
    qtbot.addWidget(form)
    field = form.field("learning_rate")
    assert isinstance(field, QLineEdit)
    field.setText("5")
    with qtbot.waitSignal(form.refused) as told, qtbot.assertNotEmitted(form.changed):
        field.editingFinished.emit()
    assert told.args[0] == "learning_rate" and "between" in told.args[1]
    field.setText("3e-4")
    with qtbot.waitSignal(form.changed) as told:
        field.editingFinished.emit()
    assert told.args == ["learning_rate", 3e-4]


def test_every_method_has_a_form(qtbot) -> None:
    for method in METHODS.all().values():
        options = options_of(method.options)
        form = OptionForm(options, {})
        qtbot.addWidget(form)
        assert all(form.field(name) for name in options)


def curve(qtbot, **more) -> LossCurve:
    made = LossCurve("nothing yet")
    qtbot.addWidget(made)
    made.resize(600, 300)
    train = [(float(i), 2 + 2 * math.exp(-i / 50)) for i in range(1, 300)]
    made.show_points(train, [(50.0, 3.2), (100.0, 2.6), (150.0, 2.7)], base=4.0, total_steps=400, **more)
    return made


def test_best_is_the_lowest_held_out_point(qtbot) -> None:
    shown = curve(qtbot)
    assert shown.best == (100.0, 2.6)
    assert "Best held-out loss 2.60 at step 100" in shown.accessibleDescription()


def test_readout_reads_the_nearest_step(qtbot) -> None:
    lines = curve(qtbot).readout(101.4)
    assert lines[0] == "step 101" and "held-out 2.600 at step 100" in lines[2]


def test_curve_of_many_points_is_thinned_once(qtbot) -> None:
    shown = curve(qtbot)
    shown.show_points([(float(i), 3.0 + (i % 7) / 10) for i in range(100_000)])
    raw, smooth = shown.thinned()
    assert len(raw) < 1500 and len(smooth) < 1500
    assert shown.thinned()[0] is raw


def test_empty_and_full_curves_paint(qtbot) -> None:
    empty = LossCurve("nothing yet")
    qtbot.addWidget(empty)
    empty.resize(400, 200)
    assert not empty.grab().isNull()
    shown = curve(qtbot, colour="#00ff00")
    before = shown.grab().toImage()
    qtbot.mouseMove(shown, QPoint(300, 100))
    shown.show_hover(120.0)
    assert shown.grab().toImage() != before


def test_bar_turns_to_the_warning_colour_when_it_does_not_fit(qtbot) -> None:
    bar = MemoryBar(10)
    qtbot.addWidget(bar)
    bar.resize(200, 10)

    def colour_at(x: int) -> str:
        image = QImage(200, 10, QImage.Format.Format_ARGB32)
        image.fill(Qt.GlobalColor.black)
        painter = QPainter(image)
        bar.render(painter, QPoint(0, 0))
        painter.end()
        return image.pixelColor(x, 5).name()

    bar.show_segments([Segment("base", 50, "#112233")], 100)
    assert bar.fits and colour_at(20) == "#112233"
    bar.show_segments([Segment("base", 150, "#112233")], 100)
    assert not bar.fits and colour_at(20) != "#112233"
    assert "base" in bar.accessibleDescription()
