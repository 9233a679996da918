"""Every setting once: type, default, label, help."""
