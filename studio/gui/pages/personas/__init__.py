"""The home page: every persona as a card, and the way in for files."""
