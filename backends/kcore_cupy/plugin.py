"""The entry point: what this package registers."""

from kcore.plugin import defined_in, hookimpl


@hookimpl
def kcore_backends():
    """The one backend of this package."""
    return defined_in("kcore_cupy.backend")


@hookimpl
def kcore_kernels():
    """What computes ops on it."""
    return defined_in("kcore_cupy.products")
