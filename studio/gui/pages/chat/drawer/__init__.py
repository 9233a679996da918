"""The drawer beside the columns: words around the chat, lorebook, sampler, seed."""
