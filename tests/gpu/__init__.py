"""What only a GPU can show: how far kcore_cupy's numbers are from NumPy's, and how fast. `python -m tests.gpu`."""
