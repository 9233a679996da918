"""The right side of the train page: one run, while it works and for ever after."""
