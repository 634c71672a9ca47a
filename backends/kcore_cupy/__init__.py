"""CuPy as a backend: arrays on a CUDA GPU. It has never been run on a GPU yet; see docs/architecture.md."""
