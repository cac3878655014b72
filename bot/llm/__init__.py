"""The doors to the language models."""
