# Written from the registry by `python -m kcore.cli.stubs`: do not edit.

from kcore_datasets.reuters import get_label_names as get_label_names
from kcore_datasets.reuters import get_word_index as get_word_index
from kcore_datasets.reuters import load_data as load_data
