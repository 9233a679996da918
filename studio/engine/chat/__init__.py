"""Replies, token by token."""
