"""What a graphics card tells about itself beside torch: its temperature, through NVIDIA's management library."""

import logging
import time
from typing import Any

import torch

from studio.engine.devices import Device

_log = logging.getLogger(__name__)
_FRESH_SECONDS = 1.0


class Thermometer:
    """Reads the temperature of the card that the engine computes on. Where there is none to read it says 0."""

    def __init__(self, device: Device) -> None:
        self._read: tuple[Any, Any] | None = _reader() if device.kind == "cuda" else None
        self._celsius = 0.0
        self._read_at = -_FRESH_SECONDS

    @property
    def celsius(self) -> float:
        """Degrees, at most a second old; 0 when they are not known."""
        if self._read is not None and time.monotonic() - self._read_at >= _FRESH_SECONDS:
            self._read_at = time.monotonic()
            self._celsius = self._ask()
        return self._celsius

    def _ask(self) -> float:
        assert self._read is not None
        library, handle = self._read
        try:
            return float(library.nvmlDeviceGetTemperature(handle, library.NVML_TEMPERATURE_GPU))
        except Exception as error:  # a figure to look at: no run ends because a driver does not answer
            _log.warning("the card does not tell its temperature: %s", error)
            self._read = None
            return 0.0


def _reader() -> tuple[Any, Any] | None:
    """The library and the card's handle in it; None without library, driver or such a card."""
    try:
        import pynvml

        pynvml.nvmlInit()
        return pynvml, pynvml.nvmlDeviceGetHandleByUUID(f"GPU-{torch.cuda.get_device_properties(0).uuid}")
    except Exception as error:  # not installed, no driver, a card of another maker
        _log.info("temperatures are not known: %s", error)
        return None
