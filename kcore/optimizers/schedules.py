"""`kcore.schedules`, where Keras has it."""

from typing import TYPE_CHECKING

from ..schedules import LearningRateSchedule as LearningRateSchedule
from ..schedules import deserialize as deserialize
from ..schedules import get as get
from ..schedules import serialize as serialize

if TYPE_CHECKING:
    from ..schedules import *  # noqa: F403
else:
    from ..schedules import __dir__, __getattr__  # noqa: F401
