# Written from the registry by `python -m kcore.cli.stubs`: do not edit.

from kcore_datasets.california_housing import load_data as load_data
