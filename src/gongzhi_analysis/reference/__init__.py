"""Slow, obviously right twins in plain Python: the oracles of the tests."""
