# Written from the registry by `python -m kcore.cli.stubs`: do not edit.

from typing import Any

from kcore_datasets import digits as digits
from kcore_datasets import mnist as mnist
from kcore_datasets.errors import DatasetDamagedError as DatasetDamagedError
from kcore_datasets.errors import DatasetUnavailableError as DatasetUnavailableError

def get(name: str) -> Any:
    """The data set of this name, an outsider's such as "acme/faces" too: a module with `load_data`."""
