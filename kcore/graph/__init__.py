"""What an op is recorded into: Node, Symbol, Trace, Graph, and the Variables that outlive a step."""

from .graph import Graph, finish, live, rewrite
from .node import CONSTANT, INPUT, MAKES_MEMORY, OPS, Node, Op, constant_value
from .record import call, computing, define
from .storage import Storage
from .symbol import Symbol, UnseenError
from .trace import CAST, PACK, PART, Trace, current_trace, recording, running_trace
from .variable import Variable, symbol_of

__all__ = [
    "CAST",
    "CONSTANT",
    "INPUT",
    "MAKES_MEMORY",
    "OPS",
    "PACK",
    "PART",
    "Graph",
    "Node",
    "Op",
    "Storage",
    "Symbol",
    "Trace",
    "UnseenError",
    "Variable",
    "call",
    "computing",
    "constant_value",
    "current_trace",
    "define",
    "finish",
    "live",
    "recording",
    "rewrite",
    "running_trace",
    "symbol_of",
]
