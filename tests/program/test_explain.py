"""What explain shows is what the stages made and what runs."""

from __future__ import annotations

import itertools
import re
import tracemalloc

import numpy as np
import pytest

import kcore
from kcore import ops
from kcore.layers import Dense, Dropout
from kcore.models import Sequential
from kcore.program import Explanation, Program
from kcore.program.cost import Cost
from kcore.program.explain import lifetimes
from kcore.program.lower import lower
from kcore.program.simplify import simplify

STAGES = ["trace", "lower", "simplify", "hoist", "settle", "fuse", "place", "emit", "cost"]


@pytest.fixture(scope="module")
def network() -> Sequential:
    """The documents' network."""
    with kcore.use_backend("numpy"):
        model = Sequential(
            [
                Dense(512, activation="relu", input_shape=(784,)),
                Dropout(0.2),
                Dense(512, activation="relu"),
                Dropout(0.2),
                Dense(10, activation="softmax"),
            ]
        )
        model.compile("rmsprop", "categorical_crossentropy", ["accuracy"])
        return model


def small() -> Sequential:
    model = Sequential([Dense(3, activation="relu", input_shape=(4,))])
    model.compile("sgd", "mean_squared_error")
    return model


@pytest.mark.parametrize("mode", ["train", "test", "predict"])
def test_every_stage_shows(backend, mode):
    explanation = small().explain(mode, batch_size=8)
    assert list(explanation.stages) == STAGES
    whole = str(explanation)
    for name, text in explanation.stages.items():
        assert f"=== {name}: " in whole and text.strip() in whole
        assert getattr(explanation, name) == text and name in dir(explanation) and name in repr(explanation)
    with pytest.raises(AttributeError, match="has the stages trace, lower, simplify"):
        _ = explanation.lowered


def test_a_stage_shows_what_it_made():
    program = small().program("train")
    explanation = Explanation(program)
    assert explanation.trace == str(program.recorded)
    assert explanation.lower == str(lower(program.recorded))
    assert explanation.simplify == str(simplify(lower(program.recorded)))
    assert _nameless(explanation.settle) == _nameless(str(program.graph))  # values in one memory share a name since
    assert explanation.emit == f"{program.setup}\n{program.text}"
    assert "softmax(" not in explanation.lower and "gradient" in explanation.trace


def _nameless(text: str) -> str:
    return re.sub(r"(  # \w+\[[\d, ]*\]).*", r"\1", text)


def test_the_graph_shows_layers_and_loops(backend):
    explanation = kcore.explain(lambda x: ops.scan(lambda h, t: (ops.tanh(h + t), h), x[0], x), np.ones((5, 3)))
    assert "5 turns" in explanation.trace and "tanh" in explanation.trace
    assert "# dense" in small().explain("predict").trace


def test_kernels_are_the_calls_that_run():
    program = small().program("train")
    explanation = Explanation(program)
    lines = [line for line in explanation.fuse.splitlines() if "blocks" not in line]
    assert len(lines) == len(program.written.kernels)
    for line, kernel in zip(lines, program.written.kernels, strict=True):
        assert kernel.root.op.name in line and all(program.written.names[n] in line for n in kernel.outputs)


def test_lifetimes_are_those_of_the_placement():
    program = small().program("train")
    placement, kernels, names = program.written.placement, program.written.kernels, program.written.names
    lives = lifetimes(program.graph, kernels, placement)
    assert list(lives) == placement.buffers
    told = Explanation(program).place.replace("\n        ", " ").splitlines()
    for line, (buffer, values) in zip(told, lives.items(), strict=True):
        assert re.match(rf"{buffer.name} +{buffer.nbytes:,} bytes  ", line)
        assert [node for node, _, _ in values] == [
            n for k in kernels for n in k.outputs if _lies_in(n, buffer, placement)
        ]
        for node, first, last in values:
            assert node in kernels[first].outputs and names[node] in line
            assert [k for k in kernels[last + 1 :] if node in {i.owner for i in k.inputs}] == []
        for (old, _, last), (new, first, _) in itertools.pairwise(values):
            assert last <= first or _side_by_side(placement.of[old], old, placement.of[new], new)


def _lies_in(node, buffer, placement):
    return node in placement.of and placement.of[node].buffer is buffer


def _side_by_side(a, old, b, new):
    return a.start + old.size <= b.start or b.start + new.size <= a.start


def test_what_is_wanted_at_the_end_lies_there_until_then():
    explanation = kcore.explain(lambda x: ((y := ops.exp(x)), ops.sum(ops.sin(y))), np.ones(7))
    assert re.search(r"exp_2 0-end\n.*sin_2 1-2\n.*sum_2 2-end", explanation.place), explanation.place


def test_explanations_fit_100_columns(network):
    explanation = network.explain("train", 128)
    lines = [line for name, text in explanation.stages.items() if name != "emit" for line in text.splitlines()]
    assert max(map(len, lines)) <= 100
    assert explanation.fuse.splitlines()[0] in str(explanation).splitlines()  # columns stay below each other


def test_a_backend_that_assigns_has_no_buffers():
    with kcore.use_backend("strict"):
        explanation = small().explain("train")
    assert "The backend 'strict' takes no out=" in explanation.fuse
    assert explanation.fuse == explanation.place
    assert "activations and the like" not in Cost.of(explanation.program).memory


def test_the_cost_of_a_dense_layer_by_hand():
    cost = Cost.of(small().program("predict", batch_size=8))
    dense = cost.rows["dense"]
    assert dense.calls == 3  # a product, a sum, the larger of it and 0
    assert dense.operations == 2 * 8 * 4 * 3 + 8 * 3 + 8 * 3
    assert dense.read == 4 * (8 * 4 + 4 * 3) + 4 * (8 * 3 + 3) + 4 * 8 * 3
    assert dense.written == 3 * 4 * 8 * 3
    assert cost.memory == {"weights": 4 * (4 * 3 + 3), "activations and the like": 128, "inputs": 4 * 8 * 4}
    assert "in all" in str(cost) and f"{cost.total.operations:,}" in str(cost)


def test_the_cost_of_a_loop_is_that_of_its_turns():
    def function(x):
        return ops.scan(lambda h, t: (ops.tanh(h) * t, None), x[0], x)[0]

    costs = [kcore.explain(function, np.ones((n, 3))) for n in (5, 10)]
    five, ten = (Cost.of(e.program).total.operations for e in costs)
    assert ten - five == 5 * 2 * 3


def test_memory_of_the_documents_network(network):
    """A step holds its weights, gradients, slots and activations, and at most a tenth more."""
    batch, widths = 128, [784, 512, 512, 10]
    weights = sum(4 * (n + 1) * m for n, m in itertools.pairwise(widths))
    outputs = 4 * batch * (784 + 4 * 512 + 10)  # the input; of each hidden layer its output and dropout's; the last
    masks = 2 * 4 * batch * 512  # which the way back needs too
    program = network.program("train", batch)
    memory = Cost.of(program).memory
    assert memory["weights"] == memory["state of rmsprop"] == weights
    assert weights <= memory["gradients"] < weights + 64
    assert sum(memory.values()) <= 1.1 * (3 * weights + outputs + masks)
    assert sum(memory.values()) == _bytes_of_arrays(program)


def _bytes_of_arrays(program):
    """What NumPy holds for a program: the arrays that its text names, those that look into others left out."""
    arrays = {id(a): a.nbytes for a in program.namespace.values() if isinstance(a, np.ndarray) and a.base is None}
    numbers = [n for n in program.graph.inputs.values() if not n.shape]
    return sum(arrays.values()) + sum(np.dtype(n.dtype).itemsize for n in numbers)


@pytest.mark.parametrize("elements", [4, 40])
def test_scratch_is_counted_where_no_buffer_is_idle(elements):
    class Blocks(type(kcore.current_backend())):
        block = elements

    backend = Blocks()
    with kcore.use_backend(backend):
        program = kcore.explain(lambda x: ops.exp(ops.sin(x) * ops.cos(x)), np.ones(70)).program
    assert any(k.fused for k in program.written.kernels)
    assert Cost.of(program).memory["scratch of loops"] == 2 * 8 * elements
    assert sum(Cost.of(program).memory.values()) == pytest.approx(_bytes_of_arrays(program), abs=64)


def test_a_step_allocates_nothing_but_random_words(network):
    program = network.program("train", 128)
    numbers = {"learning_rate": 1e-3, "seed": 0, "step": 0}
    with program:
        program(**numbers)
        tracemalloc.start()
        program(**numbers)
        peak = tracemalloc.get_traced_memory()[1]
        tracemalloc.stop()
    words = 128 * 512 * 2
    assert peak < 2 * words + 20_000
    assert isinstance(program, Program)
