"""Checks for authors of plugins and backends: layers, losses, metrics, optimizers, whole models."""
