"""The command line: opens, wires, runs, drains."""
