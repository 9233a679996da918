"""Adapters blended by weight for one column, and baked into one of its own."""
