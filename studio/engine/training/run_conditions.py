"""What a run finds when it begins, as plain values: device, versions, the base's fingerprint, how steps are divided."""

import platform
from importlib.metadata import PackageNotFoundError, version

import msgspec

from studio.engine.bases.base_loader import LoadedBase
from studio.engine.training.step_plan import StepPlan

_PACKAGES = {
    "studio": "persona-studio", "torch": "torch", "transformers": "transformers", "peft": "peft",
    "bitsandbytes": "bitsandbytes",
}  # fmt: skip


def conditions_of(base: LoadedBase, plan: StepPlan) -> dict[str, object]:
    """Enough to tell a year later why a run came out as it did."""
    return {
        "device": base.device.name,
        "base_fingerprint": base.fingerprint,
        "python": platform.python_version(),
        "system": f"{platform.system()} {platform.machine()}",
        **{name: _version(package) for name, package in _PACKAGES.items()},
        **msgspec.structs.asdict(plan),
    }


def _version(package: str) -> str:
    try:
        return version(package)
    except PackageNotFoundError:  # run from a checkout
        return ""
