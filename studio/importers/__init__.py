"""Files into personas and conversations: the contract and one file per format."""

from studio.importers._card_books import merged_card
from studio.importers._card_fields import card_fields, draft_of_card
from studio.importers._plan import ImportItem, ImportPlan, PersonaDraft
from studio.importers._reading import read_paths
from studio.importers.importer import IMPORTERS, Importer

__all__ = [
    "IMPORTERS",
    "ImportItem",
    "ImportPlan",
    "Importer",
    "PersonaDraft",
    "card_fields",
    "draft_of_card",
    "merged_card",
    "read_paths",
]
