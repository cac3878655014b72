"""Whole-bot stories."""
