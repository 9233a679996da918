"""What a starting point or a version of the data decides, so that the form cannot. Knows no Qt."""

from collections.abc import Mapping
from typing import TYPE_CHECKING

from studio.domain.errors import StudioError

if TYPE_CHECKING:
    from studio.domain.adapter import Adapter
    from studio.services.studio import Studio

_OF_THE_VERSION = "heldout_fraction"


def fixed_by_adapter(studio: "Studio", adapter: "Adapter | None") -> dict[str, object]:
    """The options that give an adapter its shape: those of its method that not every method has."""
    if adapter is None:
        return {}
    training = studio.training
    common = set.intersection(*(set(training.options(one.name)) for one in training.methods()))
    try:
        kept: Mapping[str, object] = training.recipe(adapter.run_id).options
    except StudioError:  # its run was deleted
        kept = {"rank": adapter.rank, "alpha": adapter.alpha}
    return {name: kept[name] for name in training.options(adapter.method) if name in kept and name not in common}


def fixed_by_version(studio: "Studio", version_id: str) -> dict[str, object]:
    """A version of the data was divided into train and held-out when it was kept."""
    return {_OF_THE_VERSION: studio.data.version(version_id).heldout_fraction} if version_id else {}
