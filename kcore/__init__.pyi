# Written from the registry by `python -m kcore.cli.stubs`: do not edit.

from kcore import activations as activations
from kcore import backend as backend
from kcore import callbacks as callbacks
from kcore import datasets as datasets
from kcore import initializers as initializers
from kcore import interfaces as interfaces
from kcore import layers as layers
from kcore import losses as losses
from kcore import metrics as metrics
from kcore import models as models
from kcore import ops as ops
from kcore import optimizers as optimizers
from kcore import plot as plot
from kcore import plugin as plugin
from kcore import random as random
from kcore import schedules as schedules
from kcore import testing as testing
from kcore import utils as utils
from kcore.backend import Array as Array
from kcore.backend import available_backends as available_backends
from kcore.backend import current_backend as current_backend
from kcore.backend import set_backend as set_backend
from kcore.backend import use_backend as use_backend
from kcore.graph import Variable as Variable
from kcore.layers import Input as Input
from kcore.models import Model as Model
from kcore.models import Sequential as Sequential
from kcore.plugin import register as register
from kcore.program import explain as explain
from kcore.program import grad as grad
from kcore.program import jvp as jvp
from kcore.program import value_and_grad as value_and_grad
from kcore.program import vjp as vjp

__version__: str
