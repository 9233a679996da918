"""The first start: a library, a base, and people to meet, in three steps that can be skipped."""
