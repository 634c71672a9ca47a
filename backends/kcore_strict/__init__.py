"""array-api-strict on a pretend device as a backend: proves that the core never mixes host and device."""
