"""Ellie: a bot that remembers the people it talks to, and forgets them when they ask."""

__version__ = "0.1.0"
