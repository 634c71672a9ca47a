"""NumPy as a backend: arrays on the host, programs that write into buffers made once."""
