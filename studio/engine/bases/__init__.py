"""The frozen base itself: its folder, its loading in 16, 8 or 4 bit, and conversion from GGUF."""
