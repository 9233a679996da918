"""What JSON from strangers may hold, however it is read."""

DEPTH_LIMIT = 100
VALUES_LIMIT = 1_500_000
"""In one text that is parsed whole. A value of two letters takes up to two hundred bytes of memory."""
