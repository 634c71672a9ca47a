"""Random graphs of every op in the table: programs, in place and assigning, do what a naive interpreter does."""

from __future__ import annotations

import numpy as np
import pytest
from hypothesis import HealthCheck, Phase, given, settings
from hypothesis import strategies as st

from kcore import ops
from kcore.backend.selection import backend_named
from kcore.graph import Storage, Symbol, Trace, finish, recording
from kcore.graph.types import is_float
from kcore.program import Program
from kcore.testing.tolerances import assert_close
from tests.ops.draw import Row
from tests.ops.table import ROWS
from tests.program.interpreter import interpret
from tests.program.random_graphs import poison

TRACED = [row for row in ROWS if row.traced and not row.numbers]
FEW = settings(
    phases=[Phase.explicit, Phase.reuse, Phase.generate],  # to shrink whole graphs takes minutes
    max_examples=max(settings.default.max_examples // 4, 3),
    suppress_health_check=[HealthCheck.too_slow, HealthCheck.data_too_large, HealthCheck.filter_too_much],
)


class Graphs:
    """A graph in the making: each op reads what its row draws, moved a little by values that were there before."""

    def __init__(self, data: st.DataObject) -> None:
        self.data, self.trace = data, Trace()
        self.given: dict[str, np.ndarray] = {}
        self.pool: list[Symbol] = []
        self.state = Storage(np.arange(4.0), "state")

    def draw(self, rows: list[Row]) -> None:
        """One call of each row, and a state that is written."""
        with recording(self.trace):
            for row in rows:
                self._call(row)
            total = self._small()
            self.trace.write(self.state, ops.broadcast_to(total, (4,)) + self.trace.read(self.state))
            self.outputs = [*self.pool[-3:], total]

    def _call(self, row: Row) -> None:
        case = self.data.draw(row.cases)
        dtype = self.data.draw(st.sampled_from([d for d in row.dtypes if d == "float64"] or row.dtypes))
        arrays = [a if i in row.fixed else a.astype(dtype) for i, a in enumerate(case.arrays)]
        symbols = [self._moved(self._input(a)) for a in arrays]
        self.pool += [s for s in row.results(symbols, case.options) if isinstance(s, Symbol)]

    def _input(self, array: np.ndarray) -> Symbol:
        name = f"x{len(self.given)}"
        self.given[name] = array
        return self.trace.input(name, array.shape, str(array.dtype))

    def _moved(self, symbol: Symbol) -> Symbol:
        """The symbol, so little moved by an earlier value that it stays where its op is smooth."""
        return symbol + self._small() * 1e-9 if self.pool and is_float(symbol.dtype) else symbol

    def _small(self) -> Symbol:
        """One number that depends on some value."""
        value = ops.cast(self.data.draw(st.sampled_from(self.pool)), "float64")
        value = ops.where(ops.isfinite(value), value, 0.0)
        return ops.tanh(ops.sum(value) * 1e-3)


def check(graphs: Graphs, name: str, in_place: bool) -> None:
    """Compare two steps of the program with the interpreter."""
    graph, backend = finish(graphs.trace, "step", graphs.outputs), backend_named(name)
    program = Program(graph, backend, in_place=in_place)
    for _ in range(2):
        held = {node.name: storage.numpy() for node, storage in graph.storages.items()}
        wanted, written = interpret(graph, graphs.given | held)
        if in_place:
            for key, array in program.arrays.items():
                array[...] = graphs.given[key]
            poison(program)
            numbers = {n: a.item() for n, a in graphs.given.items() if not a.shape}
            outputs = program(**numbers)
        else:
            outputs = program.run({n: backend.from_host(a) for n, a in graphs.given.items()})
        for got, want in zip(outputs, wanted, strict=True):
            kind = "through float32" if any(n.dtype == "float32" for n in graph.nodes) else "chain"
            assert_close(kind, backend.to_host(got), want)
        assert_close("chain", graphs.state.numpy(), written[graphs.state])


GROUPS = [TRACED[i::40] for i in range(40)]  # ops of all families in each


@pytest.mark.parametrize("rows", GROUPS, ids=lambda rows: " ".join(row.name for row in rows))
@pytest.mark.parametrize("name, in_place", [("numpy", True), ("strict", False)], ids=["numpy in place", "strict"])
@FEW
@given(data=st.data())
def test_programs_of_every_op_do_what_the_interpreter_does(rows, name, in_place, data):
    graphs = Graphs(data)
    graphs.draw(data.draw(st.permutations(rows)))
    check(graphs, name, in_place)
