"""The entry point: what this package brings, kind by kind."""

from kcore.plugin import defined_in, hookimpl


@hookimpl
def kcore_layers():
    """Its layers."""
    return defined_in("acme.layers")


@hookimpl
def kcore_losses():
    """Its losses."""
    return defined_in("acme.losses")


@hookimpl
def kcore_optimizers():
    """Its optimizers."""
    return defined_in("acme.optimizers")


@hookimpl
def kcore_schedules():
    """Its schedules."""
    return defined_in("acme.schedules")


@hookimpl
def kcore_metrics():
    """Its metrics."""
    return defined_in("acme.metrics")


@hookimpl
def kcore_activations():
    """Its activations."""
    return defined_in("acme.activations")


@hookimpl
def kcore_initializers():
    """Its initializers."""
    return defined_in("acme.initializers")


@hookimpl
def kcore_callbacks():
    """Its callbacks."""
    return defined_in("acme.callbacks")


@hookimpl
def kcore_datasets():
    """Its data sets."""
    return defined_in("acme.datasets")


@hookimpl
def kcore_ops():
    """Its ops."""
    return defined_in("acme.ops")


@hookimpl
def kcore_kernels():
    """Its kernels."""
    return defined_in("acme.kernels")


@hookimpl
def kcore_backends():
    """Its backends."""
    return defined_in("acme.backends")
