"""The two ways in which a data set can fail: its file is not to be had, or it is not what it should be."""


class DatasetUnavailableError(FileNotFoundError):
    """No file for the data set could be found, read or fetched; the message says where one would be found."""


class DatasetDamagedError(ValueError):
    """A data set's file is cut short, altered or another file; the message says what was expected."""
