# Written from the registry by `python -m kcore.cli.stubs`: do not edit.

from kcore_datasets.imdb import get_word_index as get_word_index
from kcore_datasets.imdb import load_data as load_data
