"""How an app owns an engine: launching it, talking to it, noticing its death."""
