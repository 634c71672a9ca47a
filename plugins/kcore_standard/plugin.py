"""The entry point: what this package registers, kind by kind."""

from kcore.plugin import defined_in, hookimpl


@hookimpl
def kcore_layers():
    """Dense and the other layers."""
    return defined_in("kcore_standard.layers")


@hookimpl
def kcore_activations():
    """Functions between layers."""
    return defined_in("kcore_standard.activations")


@hookimpl
def kcore_losses():
    """What training makes small."""
    return defined_in("kcore_standard.losses")


@hookimpl
def kcore_optimizers():
    """How gradients move weights."""
    return defined_in("kcore_standard.optimizers")


@hookimpl
def kcore_schedules():
    """How learning rates change."""
    return defined_in("kcore_standard.schedules")


@hookimpl
def kcore_metrics():
    """How well it goes."""
    return defined_in("kcore_standard.metrics")


@hookimpl
def kcore_initializers():
    """First values of weights."""
    return defined_in("kcore_standard.initializers")


@hookimpl
def kcore_ops():
    """The functions of arrays, which the core itself defines."""
    return defined_in("kcore.ops", "ops")
