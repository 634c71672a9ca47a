"""The standard library of kcore: what its bare names stand for."""
