"""Discord: people talk to Ellie in servers, threads and direct messages."""
