"""Benchmarks. They print ratios of interleaved runs; run nothing else beside them."""
