"""The words in which Ellie answers commands: the same on every platform."""
