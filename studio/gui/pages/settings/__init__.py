"""The settings page: every declared setting, the library, and what this program is."""
