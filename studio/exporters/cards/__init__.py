"""Personas out of the library as character cards: the contract and one file per format."""

from studio.exporters.cards._plain_picture import plain_picture

__all__ = ["plain_picture"]
