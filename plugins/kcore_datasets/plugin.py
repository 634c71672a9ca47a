"""The entry point `datasets`: hands kcore the data sets that this package's modules register."""

from kcore.plugin import defined_in, hookimpl


@hookimpl
def kcore_datasets() -> list[object]:
    """The modules of this package that registered themselves as data sets."""
    return defined_in("kcore_datasets")
