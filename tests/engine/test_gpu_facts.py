"""The temperature of a card: asked about once a second, and never a reason to fail."""

import sys
import time
from types import SimpleNamespace
from typing import Any

import pytest
import torch

from studio.engine.devices import Device
from studio.engine.training import gpu_facts
from studio.engine.training.gpu_facts import Thermometer

CARD = Device(kind="cuda", name="card", memory_total=1, compute_dtype=torch.bfloat16)
PROCESSOR = Device(kind="cpu", name="processor", memory_total=1, compute_dtype=torch.bfloat16)


class Library:
    """Stands for NVIDIA's: ``answers`` are given one after the other."""

    NVML_TEMPERATURE_GPU = 0

    def __init__(self, answers: list[Any]) -> None:
        self.answers, self.asked = answers, []

    def nvmlInit(self) -> None:
        """The name is theirs."""

    def nvmlDeviceGetHandleByUUID(self, uuid: str) -> str:
        self.asked.append(uuid)
        return uuid

    def nvmlDeviceGetTemperature(self, handle: str, sensor: int) -> int:
        answer = self.answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return int(answer)


@pytest.fixture
def library(monkeypatch: pytest.MonkeyPatch) -> Library:
    made = Library([61, 66, RuntimeError("the driver is gone")])
    monkeypatch.setitem(sys.modules, "pynvml", made)  # type: ignore[arg-type]
    monkeypatch.setattr(torch.cuda, "get_device_properties", lambda number: SimpleNamespace(uuid="0a1b"))
    return made


def test_a_card_is_asked_once_a_second(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    clock = [100.0]
    monkeypatch.setattr(time, "monotonic", lambda: clock[0])
    thermometer = Thermometer(CARD)
    assert library.asked == ["GPU-0a1b"]
    assert [thermometer.celsius, thermometer.celsius] == [61.0, 61.0]
    clock[0] += gpu_facts._FRESH_SECONDS
    assert thermometer.celsius == 66.0


def test_a_driver_that_stops_answering_is_not_asked_again(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    library.answers[:] = [RuntimeError("the driver is gone"), 70]
    monkeypatch.setattr(gpu_facts, "_FRESH_SECONDS", 0.0)
    thermometer = Thermometer(CARD)
    assert [thermometer.celsius, thermometer.celsius] == [0.0, 0.0]
    assert library.answers == [70]


def test_without_card_or_library_nothing_is_known(library: Library, monkeypatch: pytest.MonkeyPatch) -> None:
    assert Thermometer(PROCESSOR).celsius == 0.0
    assert library.asked == []
    monkeypatch.setitem(sys.modules, "pynvml", None)
    assert Thermometer(CARD).celsius == 0.0
