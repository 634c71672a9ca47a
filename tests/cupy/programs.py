"""The programs whose kernels are compiled and whose calls are looked at: every op, random graphs, loops, networks."""

from __future__ import annotations

import functools
import os
from unittest.mock import patch

import attrs
import numpy as np
from hypothesis import HealthCheck, Phase, given, settings

from kcore.backend import use_backend
from kcore.graph import Symbol, Trace, finish, recording
from kcore.layers import GRU, LSTM, Dense, Dropout, Layer, SimpleRNN
from kcore.models import Sequential
from kcore.plugin import entries
from kcore.program import Program
from tests.cupy.recorder import Module, Recorder
from tests.ops.draw import Case, Row
from tests.ops.table import ROWS
from tests.program import random_graphs, random_loops

ALL = bool(os.environ.get("KCORE_CUDA_COMPILE"))
DRAWN = settings(
    phases=[Phase.generate],
    max_examples=3 if ALL else 1,
    derandomize=True,
    database=None,
    deadline=None,
    suppress_health_check=list(HealthCheck),
)


@attrs.define
class Collected:
    """What was made.

    Attributes:
        programs: all of them, in the order in which they came.
        modules: of CUDA, for those that write in place.
    """

    programs: list[Program]
    modules: list[Module]


@functools.cache
def collected(part: str) -> Collected:
    """The programs of two "examples", of "networks", random "graphs" or "ops": made, but not run."""
    programs: list[Program] = []
    execute = Program._execute

    def kept(self: Program, functions: set[str]) -> object:
        programs.append(self)
        return execute(self, functions)

    recorder = Recorder()
    with patch.object(Program, "_execute", kept), use_backend(recorder), np.errstate(all="ignore"):
        {"examples": _examples, "networks": _networks, "graphs": _graphs, "ops": _ops}[part](recorder)
    recorder.launch_all()
    return Collected(programs, list(recorder.modules.values()))


def _ops(recorder: Recorder) -> None:
    for row in ROWS:
        if row.traced:
            _of_row(row, recorder)


def _graphs(recorder: Recorder) -> None:
    for seed in range(60 if ALL else 20):
        graph = random_graphs.sample(seed, [(7,), (3, 5), (2, 3, 4), (1,), ()][seed % 5]).graph
        Program(graph, recorder)
    for seed in range(20 if ALL else 6):
        random_loops.numbers(random_loops.draw(seed), recorder, True, 1 + seed % 2, unroll=False)


def _of_row(row: Row, recorder: Recorder) -> None:
    """An op by itself, as a part of a step that writes in place and as a call that assigns; one case in each dtype."""
    cases: list[Case] = []

    @DRAWN
    @given(case=row.cases)
    def draw(case):
        cases.append(case)

    draw()
    for case in cases:
        for dtype in row.dtypes if ALL and case is cases[-1] else row.dtypes[:1]:
            arrays = [a if i in row.fixed else a.astype(dtype) for i, a in enumerate(case.arrays)]
            trace = Trace()
            with recording(trace):
                symbols = [trace.input(f"x{i}", a.shape, str(a.dtype)) for i, a in enumerate(arrays)]
                for name in row.numbers:
                    trace.input(name, (), "uint64")
                results = [s for s in row.results(symbols, case.options) if isinstance(s, Symbol)]
            for in_place in (True, False):
                Program(finish(trace, "step", results), recorder, in_place)


def _mnist() -> list[Layer]:
    return [Dense(512, activation="relu", input_shape=(784,)), Dropout(0.5), Dense(10, activation="softmax")]


def _over_time() -> list[Layer]:
    return [LSTM(16, return_sequences=True, input_shape=(12, 8)), GRU(8, return_sequences=True), SimpleRNN(4)]


def _examples(recorder: Recorder) -> None:
    _steps(_mnist(), "rmsprop", "categorical_crossentropy")
    _steps([*_over_time(), Dense(10, activation="softmax")], "adam", "categorical_crossentropy")
    recorder.random_bits()(1, 2, 3, 4, 5, (10,))


def _networks(recorder: Recorder) -> None:
    for entry in entries("optimizers", outsiders=False):
        _steps(_mnist(), entry.name, "categorical_crossentropy")
    for entry in entries("losses", outsiders=False):
        _steps(_over_time(), "rmsprop", entry.name)


def _steps(layers: list[Layer], optimizer: str, loss: str) -> None:
    model = Sequential(layers)
    model.compile(optimizer, loss, ["accuracy"])
    for mode in ("train", "test", "predict"):
        model.program(mode, batch_size=32)
