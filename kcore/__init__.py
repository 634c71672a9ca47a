"""kcore: Keras-style deep learning on plain arrays."""
from .backend import current_backend, set_backend, use_backend
from .graph import Variable
from . import ops
from .program import grad, value_and_grad
