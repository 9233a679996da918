"""A forward for processors: one compiled call a token, weights laid out as they are read (numba)."""
