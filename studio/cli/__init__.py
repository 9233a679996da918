"""The services in words."""
