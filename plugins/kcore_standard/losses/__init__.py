"""Losses, a file for each family."""
