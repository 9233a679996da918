"""A group scene: several personas who take turns in one column."""
