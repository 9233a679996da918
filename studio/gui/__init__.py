"""The services in windows; the only room where Qt is at home."""
