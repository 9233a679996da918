"""Blind rounds: names hidden until a vote, and the ranking that votes make."""
