# Written from the registry by `python -m kcore.cli.stubs`: do not edit.

from typing import Any

from kcore.interfaces.configurable import serialize as serialize
from kcore.interfaces.schedule import LearningRateSchedule as LearningRateSchedule
from kcore_standard.schedules import CosineDecay as CosineDecay
from kcore_standard.schedules import CosineDecayRestarts as CosineDecayRestarts
from kcore_standard.schedules import ExponentialDecay as ExponentialDecay
from kcore_standard.schedules import InverseTimeDecay as InverseTimeDecay
from kcore_standard.schedules import PiecewiseConstantDecay as PiecewiseConstantDecay
from kcore_standard.schedules import PolynomialDecay as PolynomialDecay

def get(identifier: Any, **arguments: Any) -> Any:
    """The object that a name stands for, an outsider's "acme/focal" too, or a class or a configuration."""

def deserialize(config: Any) -> Any:
    """What `serialize` was given."""
