"""What the studio offers before any library is open: formats that come in and go out, methods, reading files."""

from studio.checks import repairs
from studio.exporters.cards.card_exporter import CARD_EXPORTERS, CardExporter
from studio.exporters.datasets.dataset_exporter import DATASET_EXPORTERS, DatasetExporter
from studio.exporters.exporter import EXPORTERS, Exporter
from studio.importers import IMPORTERS, Importer, read_paths
from studio.methods.method import METHODS, Method, TrainingOptions
from studio.options import Option, options_of
from studio.services.question_bank import KINDS

__all__ = [
    "card_formats",
    "dataset_formats",
    "draft_kinds",
    "export_formats",
    "import_formats",
    "read_paths",
    "repairs",
    "shared_options",
    "training_methods",
]


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


def draft_kinds() -> tuple[str, ...]:
    """The kinds of questions that a persona can be asked when it has only a card."""
    return KINDS


def card_formats() -> list[CardExporter]:
    """Every format that a persona's card can leave in."""
    return list(CARD_EXPORTERS.all().values())


def dataset_formats() -> list[DatasetExporter]:
    """Every format that a version of the data can leave in."""
    return list(DATASET_EXPORTERS.all().values())
