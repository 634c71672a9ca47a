"""torch's tensors on the CPU as a backend of kcore."""
