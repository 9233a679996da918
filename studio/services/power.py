"""Whether the computer runs on battery."""

import logging

import psutil

_log = logging.getLogger(__name__)


def on_battery() -> bool:
    """True where a battery is there and nothing feeds it; a computer that does not say counts as plugged in."""
    read = getattr(psutil, "sensors_battery", None)  # psutil has it only where the system can tell
    if read is None:
        return False
    try:
        battery = read()
    except Exception as error:  # drivers of batteries fail in ways of their own; a run must not end by that
        _log.warning("the battery could not be read: %r", error)
        return False
    return battery is not None and battery.power_plugged is False
