"""The chat page: one composer, one to four columns of contestants."""
