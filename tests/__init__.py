"""The tests, mirroring the code."""
