"""What the data bench asks of a base: masks, token counts, measurements; nothing here trains."""
