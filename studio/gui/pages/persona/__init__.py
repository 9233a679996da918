"""One persona's workspace: card, data, adapters."""
