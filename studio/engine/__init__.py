"""The other process; the only room where torch is at home."""
