"""The train page: a new run at the left, the runs and their curves at the right."""
