"""The registry of methods, and what their options mean."""

import importlib
import sys
import types
from pathlib import Path

import pytest

from studio.domain.errors import StudioError
from studio.methods.method import METHODS, Method, TrainingOptions, targeted
from studio.options import build, options_of
from studio.registry import Registry

LINEAR = ["down_proj", "gate_proj", "k_proj", "o_proj", "q_proj", "up_proj", "v_proj"]


def test_both_methods_are_found_in_their_order() -> None:
    assert {name: method.quantization for name, method in METHODS.all().items()} == {"qlora": "nf4", "lora": "none"}
    assert list(METHODS.all()) == ["qlora", "lora"]
    assert all(method.name == name and method.rackable for name, method in METHODS.all().items())


@pytest.mark.parametrize(
    ("choice", "expected"),
    [
        ("all-linear", LINEAR),
        ("attention", ["k_proj", "o_proj", "q_proj", "v_proj"]),
        ("mlp", ["down_proj", "gate_proj", "up_proj"]),
    ],
)
def test_targets(choice: str, expected: list[str]) -> None:
    assert targeted(choice, LINEAR) == expected


@pytest.mark.engine
@pytest.mark.parametrize("name", ["lora", "qlora"])
def test_the_peft_configuration_says_what_the_options_say(name: str) -> None:
    pytest.importorskip("peft")
    options = TrainingOptions(rank=6, alpha=9.0, dropout=0.1, target_modules="mlp")
    config = METHODS.get(name).peft_config(options, LINEAR)
    assert (config.r, config.lora_alpha, config.lora_dropout) == (6, 9.0, 0.1)
    assert config.target_modules == {"down_proj", "gate_proj", "up_proj"}
    assert (config.bias, config.task_type) == ("none", "CAUSAL_LM")


def test_options_are_built_from_plain_values_and_text() -> None:
    options = build(TrainingOptions, {"rank": "32", "learning_rate": "1e-3", "epochs": 2, "batch_size": 4.0})
    assert (options.rank, options.learning_rate, options.epochs, options.batch_size) == (32, 1e-3, 2.0, 4)
    assert type(options.batch_size) is int
    assert build(TrainingOptions, {}) == TrainingOptions()


@pytest.mark.parametrize(
    ("values", "said"),
    [
        ({"rank": 0}, "rank must be between 1 and 256"),
        ({"rank": 2.5}, "rank must be a int"),
        ({"rank": "many"}, "rank must be a int"),
        ({"dropout": float("nan")}, "dropout must be between"),
        ({"learning_rate": "inf"}, "learning_rate must be between"),
        ({"scheduler": "wild"}, "scheduler must be one of cosine, linear, constant"),
        ({"ranks": 4}, "there is no option 'ranks'"),
        ({"rank": None}, "rank must be"),
    ],
)
def test_wrong_options_are_named(values: dict[str, object], said: str) -> None:
    with pytest.raises(StudioError, match="options_invalid") as caught:
        build(TrainingOptions, values)
    assert said in str(caught.value.details["problems"])


def test_all_problems_are_told_at_once() -> None:
    with pytest.raises(StudioError) as caught:
        build(TrainingOptions, {"rank": 0, "alpha": "x", "ranks": 1})
    assert str(caught.value.details["problems"]).count(";") == 2


def test_every_option_has_its_words_and_a_default_that_passes() -> None:
    options = options_of(TrainingOptions)
    assert all(one.label and one.help.endswith(".") for one in options.values())
    assert build(TrainingOptions, {name: one.default for name, one in options.items()}) == TrainingOptions()


@pytest.fixture
def room(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> types.ModuleType:
    """An empty package to put entries into."""
    (tmp_path / "some_room").mkdir()
    (tmp_path / "some_room/__init__.py").touch()
    monkeypatch.syspath_prepend(tmp_path)
    yield importlib.import_module("some_room")  # type: ignore[misc]
    for name in [name for name in sys.modules if name.split(".")[0] == "some_room"]:
        del sys.modules[name]


def _entry(room: types.ModuleType, file: str, name: str, order: int = 0) -> None:
    (Path(str(room.__file__)).parent / f"{file}.py").write_text(
        "from studio.methods.method import Method\n"
        f"ENTRY = Method(name={name!r}, label='', summary='', quantization='none', peft_config=print, order={order})\n"
    )


def test_one_new_file_is_one_new_entry(room: types.ModuleType) -> None:
    _entry(room, "first", "zebra", order=1)
    _entry(room, "second", "ape", order=2)
    _entry(room, "_private", "hidden")
    assert list(Registry("some_room", Method).all()) == ["zebra", "ape"]
    with pytest.raises(KeyError):
        Registry("some_room", Method).get("hidden")


def test_files_without_entry_and_two_of_one_name_are_refused(room: types.ModuleType) -> None:
    _entry(room, "first", "ape")
    _entry(room, "second", "ape")
    with pytest.raises(ValueError, match="two entries of some_room are called ape"):
        Registry("some_room", Method).all()
    (Path(str(room.__file__)).parent / "second.py").write_text("ENTRY = 1\n")
    sys.modules.pop("some_room.second")
    importlib.invalidate_caches()
    with pytest.raises(TypeError, match=r"some_room\.second has no ENTRY of Method"):
        Registry("some_room", Method).all()
