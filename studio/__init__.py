"""Persona Studio: train character LoRAs on one frozen base, and talk to all of them at once."""

__version__ = "0.1.0"
