"""Discord: servers, threads and private conversations, on discord.py."""
