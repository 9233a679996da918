"""Qt models over what the services return, so that lists of any length stay smooth."""
