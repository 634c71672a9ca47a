"""Initializers, a file for each family."""
