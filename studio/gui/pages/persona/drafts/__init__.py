"""Examples from a card: written by the base, decided on one by one."""
