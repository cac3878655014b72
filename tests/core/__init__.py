"""Tests of the core, from recall to turns."""
