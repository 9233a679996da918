"""Finding words in everything that the columns show."""
