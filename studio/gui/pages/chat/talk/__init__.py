"""The open chat: its columns, threads, and the replies that grow in it. Knows no Qt."""
