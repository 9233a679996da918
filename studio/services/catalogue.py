"""What the studio offers before any library is open: formats that come in and go out, methods, reading files."""

from studio.exporters.exporter import EXPORTERS, Exporter
from studio.importers import IMPORTERS, Importer, read_paths
from studio.methods.method import METHODS, Method, TrainingOptions
from studio.options import Option, options_of

__all__ = ["export_formats", "import_formats", "read_paths", "shared_options", "training_methods"]


def import_formats() -> list[Importer]:
    """Every format that can be read."""
    return list(IMPORTERS.all().values())


def training_methods() -> list[Method]:
    """Every way to train."""
    return list(METHODS.all().values())


def shared_options() -> dict[str, Option]:
    """The options that all methods have."""
    return options_of(TrainingOptions)


def export_formats() -> list[Exporter]:
    """Every format that an adapter can leave in."""
    return list(EXPORTERS.all().values())
