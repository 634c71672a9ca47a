"""Models: trained by `fit`, measured by `evaluate`, asked by `predict`."""

from .functional import Functional
from .history import History
from .model import Model
from .sequential import Sequential

__all__ = ["Functional", "History", "Model", "Sequential"]
