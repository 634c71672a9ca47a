"""Parts for kcore."""
