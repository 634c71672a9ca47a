"""The abstract array API: functions of symbols, variables and arrays, on whichever backend is current.

Called on arrays they compute at once; inside a traced function they are recorded.
"""

from .convert import convert_to_numpy, convert_to_tensor
from .creation import full, ones, zeros, zeros_like
from .elementwise import (
    add,
    clip,
    divide,
    equal,
    exp,
    greater,
    greater_equal,
    less,
    log,
    maximum,
    minimum,
    multiply,
    negative,
    sqrt,
    square,
    subtract,
    tanh,
    where,
)
from .indexing import getitem, join
from .nn import logits_of, relu, sigmoid, softmax, softmax_crossentropy
from .products import matmul
from .random import dropout_mask, random_bits
from .reductions import argmax, max, mean, sum
from .shaping import broadcast_to, cast, permute_dims, reshape, transpose

__all__ = [
    "add",
    "argmax",
    "broadcast_to",
    "cast",
    "clip",
    "convert_to_numpy",
    "convert_to_tensor",
    "divide",
    "dropout_mask",
    "equal",
    "exp",
    "full",
    "getitem",
    "greater",
    "greater_equal",
    "join",
    "less",
    "log",
    "logits_of",
    "matmul",
    "max",
    "maximum",
    "mean",
    "minimum",
    "multiply",
    "negative",
    "ones",
    "permute_dims",
    "random_bits",
    "relu",
    "reshape",
    "sigmoid",
    "softmax",
    "softmax_crossentropy",
    "sqrt",
    "square",
    "subtract",
    "sum",
    "tanh",
    "transpose",
    "where",
    "zeros",
    "zeros_like",
]
