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
from kcore.program.explain import Cost
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
        explanation.lowered  # noqa: B018


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


def test_lifetimes_hold_what_is_read():
    program = small().program("train")
    placement, kernels = program.written.placement, program.written.kernels
    said = re.findall(
        r"(buffer_\d+)  ([\d,]+) bytes  (?:kernels (\d+) to (\d+)|from kernel (\d+))", Explanation(program).place
    )
    assert len(said) == len(placement.buffers)
    for (name, nbytes, first, last, endless), buffer in zip(said, placement.buffers, strict=True):
        assert (name, int(nbytes.replace(",", ""))) == (buffer.name, buffer.nbytes)
        inside = {n for n, place in placement.of.items() if place.buffer is buffer}
        touched = [i for i, k in enumerate(kernels) for n in (*k.inputs, *k.outputs) if n.owner in inside]
        assert min(touched) >= int(first or endless) and max(touched) <= int(last or len(kernels))


def test_a_backend_that_assigns_has_no_buffers():
    with kcore.use_backend("strict"):
        explanation = small().explain("train")
    assert "The backend 'strict' takes no out=" in explanation.fuse
    assert explanation.fuse == explanation.place
    assert Cost.of(explanation.program).memory["buffers"] == 0


def test_the_cost_of_a_dense_layer_by_hand():
    cost = Cost.of(small().program("predict", batch_size=8))
    dense = cost.rows["dense"]
    assert dense.calls == 3  # a product, a sum, the larger of it and 0
    assert dense.operations == 2 * 8 * 4 * 3 + 8 * 3 + 8 * 3
    assert dense.read == 4 * (8 * 4 + 4 * 3) + 4 * (8 * 3 + 3) + 4 * 8 * 3
    assert dense.written == 3 * 4 * 8 * 3
    assert cost.memory["weights and other state"] == 4 * (4 * 3 + 3)
    assert cost.memory["inputs"] == 4 * 8 * 4
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
    activations = 4 * batch * (784 + 4 * 512 + 10)  # the input; of each hidden layer its output and dropout's
    masks = 2 * 4 * batch * 512
    program = network.program("train", batch)
    memory = Cost.of(program).memory
    ours = sum(memory.values()) - 4 * batch * 10  # the targets are the caller's
    assert ours <= 1.1 * (3 * weights + activations + masks)


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
