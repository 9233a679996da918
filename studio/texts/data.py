"""Sentences about data: editing, checking, versions, exports and drafts from a card. Code to sentence."""

DATA: dict[str, str] = {}
