"""Losses, a file each."""
