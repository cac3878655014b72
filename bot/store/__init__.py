"""The doors to the databases."""
