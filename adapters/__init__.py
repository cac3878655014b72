"""The platforms: each turns events into messages and draws what the core answers."""
