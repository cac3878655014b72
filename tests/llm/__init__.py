"""Tests of the doors to the language models."""
