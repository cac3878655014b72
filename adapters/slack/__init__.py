"""Slack: people talk to Ellie in direct messages, channels and threads."""
