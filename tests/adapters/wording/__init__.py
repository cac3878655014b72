"""Tests of the shared words, drawn as the console draws them."""
