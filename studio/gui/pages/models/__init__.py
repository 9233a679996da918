"""The models page: bases on this machine, and ways to get more."""
