"""The whole talk between app and engine: one JSON message a line, typed, versioned, size-capped."""

VERSION = 2
