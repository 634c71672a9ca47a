"""The entry point: what this package registers."""

from kcore.plugin import defined_in, hookimpl


@hookimpl
def kcore_callbacks():
    """The progress display and the others."""
    return defined_in("kcore_callbacks")
