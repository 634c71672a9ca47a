"""Metrics, a file each."""
