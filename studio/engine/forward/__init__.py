"""One forward pass over token rows: padded or packed, its fast layers, its loss, and the modes it runs in."""
