# Written from the registry by `python -m kcore.cli.stubs`: do not edit.

from typing import Any

from kcore.interfaces.configurable import serialize as serialize
from kcore.interfaces.initializer import Initializer as Initializer
from kcore_standard.initializers.constant import Constant as Constant
from kcore_standard.initializers.constant import Ones as Ones
from kcore_standard.initializers.constant import Zeros as Zeros
from kcore_standard.initializers.orthogonal import Identity as Identity
from kcore_standard.initializers.orthogonal import Orthogonal as Orthogonal
from kcore_standard.initializers.scaled import GlorotNormal as GlorotNormal
from kcore_standard.initializers.scaled import GlorotUniform as GlorotUniform
from kcore_standard.initializers.scaled import HeNormal as HeNormal
from kcore_standard.initializers.scaled import HeUniform as HeUniform
from kcore_standard.initializers.scaled import LecunNormal as LecunNormal
from kcore_standard.initializers.scaled import LecunUniform as LecunUniform
from kcore_standard.initializers.scaled import VarianceScaling as VarianceScaling
from kcore_standard.initializers.seeded import RandomNormal as RandomNormal
from kcore_standard.initializers.seeded import RandomUniform as RandomUniform
from kcore_standard.initializers.seeded import TruncatedNormal as TruncatedNormal

def get(identifier: Any, **arguments: Any) -> Any:
    """The object that a name stands for, an outsider's "acme/focal" too, or a class or a configuration."""

def deserialize(config: Any) -> Any:
    """What `serialize` was given."""
