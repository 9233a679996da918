"""The registry of methods, and what their options mean."""

import importlib
import sys
import types
from pathlib import Path

import pytest

from studio.domain.errors import StudioError
from studio.methods.method import COSTS, METHODS, CommonOptions, Method, TrainingOptions, targeted
from studio.options import Option, build, options_of
from studio.registry import Registry
from studio.texts.methods import METHOD_COSTS, costs_told

LINEAR = ["down_proj", "gate_proj", "k_proj", "o_proj", "q_proj", "up_proj", "v_proj"]


def test_all_methods_are_found_in_their_order() -> None:
    assert list(METHODS.all()) == [
        "qlora", "lora", "lora_8bit", "rslora", "dora", "ia3", "prompt_tuning", "full", "dpo",
    ]  # fmt: skip
    assert {name: METHODS.get(name).quantization for name in ("qlora", "lora", "lora_8bit", "full")} == {
        "qlora": "nf4", "lora": "none", "lora_8bit": "int8", "full": "none",
    }  # fmt: skip
    assert [name for name, method in METHODS.all().items() if not method.rackable] == ["full"]
    assert [name for name, method in METHODS.all().items() if not method.exportable] == [
        "dora", "ia3", "prompt_tuning", "full",
    ]  # fmt: skip


@pytest.mark.parametrize("name", list(METHODS.all()))
def test_what_a_method_declares_holds_together(name: str) -> None:
    method = METHODS.get(name)
    options = options_of(method.options)
    assert build(method.options, {key: one.default for key, one in options.items()}) == method.options()
    assert all(one.label and one.help.endswith(".") for one in options.values())
    assert options.keys() >= options_of(CommonOptions).keys()
    assert set(method.keeps) <= options.keys()
    assert len(costs_told(method.costs)) == len(method.costs)
    assert method.summary.endswith(".") and (method.exportable or "export" in method.costs)
    usual = method.quantization_for({})
    assert usual == method.quantization == method.quantization_for({"base_precision": _default(options)})
    if "base_precision" in options:
        found = [method.quantization_for({"base_precision": choice}) for choice in options["base_precision"].choices]
        assert found == ["nf4", "int8", "none"]


def _default(options: dict[str, Option]) -> object:
    return options["base_precision"].default if "base_precision" in options else ""


def test_costs_are_sentences_and_all_are_known() -> None:
    assert set(METHOD_COSTS) == set(COSTS)
    assert all(one.endswith(".") for one in METHOD_COSTS.values())


def test_factors_come_first_in_forms() -> None:
    assert list(options_of(TrainingOptions))[:5] == ["rank", "alpha", "dropout", "target_modules", "lr_ratio"]


@pytest.mark.engine
def test_the_family_says_what_it_is() -> None:
    pytest.importorskip("peft")
    assert METHODS.get("rslora").peft_config(METHODS.get("rslora").options(), LINEAR).use_rslora
    assert METHODS.get("dora").peft_config(METHODS.get("dora").options(), LINEAR).use_dora
    found = METHODS.get("ia3").peft_config(METHODS.get("ia3").options(), LINEAR)
    assert (found.target_modules, found.feedforward_modules) == ({"k_proj", "v_proj", "down_proj"}, {"down_proj"})
    odd = METHODS.get("ia3").peft_config(METHODS.get("ia3").options(), ["wave_a", "wave_b"])
    assert (odd.target_modules, odd.feedforward_modules) == ({"wave_a", "wave_b"}, set())


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
