"""Measurements beside the peers; never tests, never part of the package."""
