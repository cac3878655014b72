"""The console: one terminal, or one pipe, that can play every person and every place."""
