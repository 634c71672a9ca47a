"""Data sets as kcore's plugin: each is one module with a `load_data` function, as in Keras.

`digits` ships inside; the others are files that `files` finds on disk or `download` fetches, and that
a reader checks against what `expected` says before anything uses them. `npz` is such a reader; another
container (idx, tar) is a module beside it, another data set a module beside `mnist` that registers itself.
"""

from kcore_datasets.errors import DatasetDamagedError, DatasetUnavailableError

__all__ = ["DatasetDamagedError", "DatasetUnavailableError"]
