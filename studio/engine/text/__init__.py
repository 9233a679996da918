"""From words to token rows: chat templates, windows, and what of each row is trained."""
