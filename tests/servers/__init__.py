"""Loopback servers of the platforms and models, for tests."""
