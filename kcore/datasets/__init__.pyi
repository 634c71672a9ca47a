# Written from the registry by `python -m kcore.cli.stubs`: do not edit.

from typing import Any

from kcore_datasets import boston_housing as boston_housing
from kcore_datasets import california_housing as california_housing
from kcore_datasets import cifar10 as cifar10
from kcore_datasets import cifar100 as cifar100
from kcore_datasets import digits as digits
from kcore_datasets import fashion_mnist as fashion_mnist
from kcore_datasets import imdb as imdb
from kcore_datasets import mnist as mnist
from kcore_datasets import reuters as reuters
from kcore_datasets.errors import DatasetDamagedError as DatasetDamagedError
from kcore_datasets.errors import DatasetUnavailableError as DatasetUnavailableError

def get(name: str) -> Any:
    """The data set of this name, an outsider's such as "acme/faces" too: a module with `load_data`."""
