"""The command `kcore`."""
