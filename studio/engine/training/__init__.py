"""A training run from its first dry step to its last checkpoint."""
