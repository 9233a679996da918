"""Sentences about what everything stands on. Code to sentence; words in braces are the error's details."""

GENERAL: dict[str, str] = {
    "cancelled": "Cancelled.",
    "options_invalid": "Some options cannot be used: {problems}",
}
