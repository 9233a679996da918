"""How much memory this machine has, for estimates made before the engine has told what it runs on."""

import psutil


def total_memory() -> int:
    """Bytes of main memory."""
    return int(psutil.virtual_memory().total)
