"""Layers, a file each."""
