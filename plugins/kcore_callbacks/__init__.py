"""Callbacks: what is done while a model trains."""
