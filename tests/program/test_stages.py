"""Each stage between a trace and a program by itself; and that the fuzzer sees a fault in any of them."""

from __future__ import annotations

import ast
import builtins
import itertools
import tracemalloc

import attrs
import numpy as np
import pytest

import kcore
from kcore import ops
from kcore.graph import (
    OPS,
    PACK,
    Node,
    Op,
    Storage,
    Symbol,
    Trace,
    finish,
    recording,
    running_trace,
)
from kcore.graph.loop import ITEM, SCAN
from kcore.ops.indexing import JOIN
from kcore.program import Program, helpers
from kcore.program import blocks as blocks_stage
from kcore.program import differentiate as differentiate_stage
from kcore.program import emit as emit_stage
from kcore.program import hoist as hoist_stage
from kcore.program import in_place as in_place_stage
from kcore.program import lower as lower_stage
from kcore.program import place as place_stage
from kcore.program import settle as settle_stage
from kcore.program import sharing as sharing_stage
from kcore.program import simplify as simplify_stage
from kcore.program import writer as writer_stage
from kcore.program.choice import Choice
from kcore.program.emit import emit, emit_pure
from kcore.program.fuse import fuse
from kcore.program.hoist import hoist
from kcore.program.lower import lower
from kcore.program.place import place
from kcore.program.settle import MAKES_MEMORY, settle
from kcore.program.sharing import ByRows, by_rows, rows, source
from kcore.program.simplify import simplify
from tests.program.interpreter import EVALUATE
from tests.program.memory_check import check_memory
from tests.program.random_graphs import check, in_blocks, sample

SOME = range(60)  # seeds of random graphs
SHAPES = [(12,), (4, 3)]


def recorded(function, *shapes, dtype="float64"):
    """The graph of a function of as many float64 inputs, called x0, x1, ..."""
    trace = Trace()
    with recording(trace):
        out = function(*[trace.input(f"x{i}", shape, dtype) for i, shape in enumerate(shapes)])
    return finish(trace, "step", out if isinstance(out, tuple) else [out])


def settled(graph):
    return settle(hoist(simplify(lower(graph))))


LONG = ByRows(4)  # what a backend with blocks of four elements would fuse


def operations(graph):
    """The names of the ops, inputs and constants aside."""
    return [n.op.name for n in graph.nodes if n.op.kind != "source"]


# lower


def test_lower_leaves_only_atoms():
    compounds = {name for name, op in OPS.items() if op.lowering}
    seen = set()
    for seed, shape in itertools.product(SOME, SHAPES):
        graph = sample(seed, shape).graph
        seen |= {n.op.name for n in graph.nodes} & compounds
        assert not {n.op.name for n in lower(graph).nodes} & compounds
    assert {"sigmoid", "softmax", "softmax_crossentropy", "dropout_mask"} <= seen


def test_lower_refuses_a_lowering_that_breaks_its_rule():
    wrong = Op("wrong", "compound", lambda a: (a.shape, "float64"), (), lambda a: ops.sum(a))
    graph = recorded(lambda x: Symbol(running_trace().add(wrong, [x.node])), (3,))
    with pytest.raises(TypeError, match=r"The lowering of wrong gives float64\[\], but its rule says float64\[3\]\."):
        lower(graph)


# simplify


@pytest.mark.parametrize(
    "function, left",
    [
        (lambda x, y: x + 0.0, []),
        (lambda x, y: 0.0 + x, []),
        (lambda x, y: x - 0.0, []),
        (lambda x, y: 0.0 - x, ["subtract"]),
        (lambda x, y: x * 1, []),
        (lambda x, y: 1 * x, []),
        (lambda x, y: x / 1.0, []),
        (lambda x, y: 1.0 / x, ["divide"]),
        (lambda x, y: (x * 1.0, y * 1.0), []),
        (lambda x, y: (x + y) * (x + y), ["add", "multiply"]),
        (lambda x, y: (x - y) * (y - x), ["subtract", "subtract", "multiply"]),
        (lambda x, y: x + ops.exp(ops.full((), 0.0, "float64")) * 2, ["add"]),
        (lambda x, y: x * (ops.zeros((3, 4), "float64") + 1), []),
        (lambda x, y: ops.zeros((3, 4), "float64") + ops.sum(x), ["sum", "add"]),
        (lambda x, y: ops.reshape(ops.reshape(x, (12,)), (4, 3)), ["reshape"]),
        (lambda x, y: ops.reshape(ops.reshape(x, (12,)), (3, 4)), []),
        (lambda x, y: ops.transpose(ops.transpose(x)), []),
        (lambda x, y: ops.broadcast_to(ops.broadcast_to(ops.sum(x), (4,)), (3, 4)), ["sum", "broadcast_to"]),
        (lambda x, y: x + ops.broadcast_to(ops.sum(x), (3, 4)), ["sum", "add"]),
        (lambda x, y: ops.cast(ops.cast(x, "float32"), "float32"), ["cast"]),
        (lambda x, y: ops.cast(ops.cast(x, "float32"), "float64"), ["cast", "cast"]),
        (lambda x, y: ops.sum(x, 0) + ops.sum(x, 0), ["sum", "add"]),
        (lambda x, y: ops.sum(x, 0) + ops.sum(y, 0), ["sum", "sum", "add"]),
        (lambda x, y: ops.sum(x, 0), ["sum"]),
        (lambda x, y: ops.reshape(ops.full((12,), 2.0, "float64"), (3, 4)) * x, ["multiply"]),
    ],
)
def test_simplify_saves_what_it_can(function, left):
    assert operations(simplify(recorded(function, (3, 4), (3, 4)))) == left


def test_simplify_draws_random_bits_as_often_as_asked():
    graph = recorded(lambda: (ops.random_bits((4,), 1), ops.random_bits((4,), 1), ops.random_bits((4,), 2)))
    assert operations(simplify(graph)) == ["random_bits"] * 3


def test_simplify_folds_constants_in_their_own_dtype():
    graph = simplify(recorded(lambda: ops.full((), 1 / 3, "float32") * 3.0))
    (value,) = [n.option("value") for n in graph.nodes]
    assert value == float(np.float32(1 / 3) * np.float32(3))


def test_simplify_is_done_when_it_is_done():
    for seed, shape in itertools.product(SOME, SHAPES):
        graph = settle(simplify(lower(sample(seed, shape).graph)))
        assert len(operations(simplify(graph))) <= len(operations(graph))


# settle


def test_settle_gives_every_root_memory_of_its_own():
    for seed, shape in itertools.product(SOME, SHAPES):
        graph = settled(sample(seed, shape).graph)
        assert len(set(graph.roots)) == len(graph.roots)
        assert {n.op.kind for n in graph.roots} <= {*MAKES_MEMORY, "pack"}
        assert all(target is not node for target, node in graph.writes.items())


def test_settle_makes_every_view_a_true_view():
    for seed, shape in itertools.product(SOME, SHAPES):
        arrays = {}
        for node in settled(sample(seed, shape).graph).nodes:
            arrays[node] = np.zeros(node.shape, node.dtype)
            if node.op.kind == "view" and node.size:
                arrays[node] = EVALUATE[node.op.name](node, arrays[node.inputs[0]])
                assert np.shares_memory(arrays[node], arrays[node.owner]), f"{node!r} is a copy"


def test_settle_copies_before_a_reshape_that_is_no_view():
    flat = recorded(lambda x: ops.reshape(ops.transpose(x), (12,)) + 1, (3, 4))
    assert operations(settled(flat)) == ["permute_dims", "cast", "reshape", "add"]
    column = recorded(lambda x: ops.reshape(ops.transpose(x), (12,)) + 1, (12, 1))
    assert operations(settled(column)) == ["permute_dims", "reshape", "add"]


# fuse


def test_fuse_joins_a_chain_and_keeps_what_others_read():
    def chain(x, y):
        a = ops.tanh(x + y)
        return a, ops.exp(a * 2) - 1

    (kernel,) = fuse(settled(recorded(chain, (12,), (12,))), LONG)
    assert [n.op.name for n in kernel.body] == ["add", "tanh", "multiply", "exp", "subtract"]
    assert [n.op.name for n in kernel.outputs] == ["tanh", "subtract"]
    assert [n.name for n in kernel.inputs] == ["x0", "x1"]


def test_fuse_stops_at_reductions_short_arrays_and_views():
    reduced = fuse(settled(recorded(lambda x: (x + 1) / ops.sum(x + 1), (12,))), LONG)
    assert [[n.op.name for n in k.body] for k in reduced] == [["add"], ["sum"], ["divide"]]
    short = fuse(settled(recorded(lambda x: ops.exp(x + 1), (4,))), LONG)
    assert [len(k.body) for k in short] == [1, 1]

    def backwards(x):
        a = x + 1
        return a * ops.reshape(ops.transpose(ops.reshape(a, (12, 1))), (12,))

    viewed = fuse(settled(recorded(backwards, (12,))), LONG)
    assert [[n.op.name for n in k.body] for k in viewed] == [["add"], ["multiply"]]


def test_fuse_makes_one_group_of_softmax_and_crossentropy():
    """All that goes row by row, with the reductions that it meets; the sum over the rows stands alone."""

    def loss(x, y):
        return ops.sum(ops.softmax_crossentropy(y, x))

    kernels = fuse(settled(recorded(loss, (12, 5), (12, 5))), ByRows(1))
    assert len(kernels) == 2
    (group, total) = kernels
    assert {"max", "exp", "sum", "log"} <= {n.op.name for n in group.body} and len(group.outputs) == 1
    assert [n.op.name for n in total.body] == ["sum"]


def test_fuse_keeps_apart_what_reads_other_rows():
    def outer(x, y):
        s = ops.exp(ops.sum(x, 1))  # (3,), of which every row of the product below needs all
        return s * (y + ops.expand_dims(s, 1))

    kernels = fuse(settled(recorded(outer, (3, 3), (3, 3))), ByRows(1))
    assert [[n.op.name for n in k.body] for k in kernels] == [["sum", "exp"], ["add", "multiply"]]


def test_fuse_computes_each_node_once_and_after_what_it_reads():
    for seed in SOME:
        graph = settled(sample(seed, (12,)).graph)
        kernels, done = fuse(graph, LONG), set()
        roots = set(graph.roots)
        for kernel in kernels:
            for node in kernel.body:
                for i in node.inputs:
                    made = i.owner.inputs[0] if i.owner.op is ITEM else i.owner
                    assert made.op.kind == "source" or made in done
                    assert made not in kernel.body or (by_rows(i, node) and source(i, rows(node)) is made)
                assert node not in done
                done.add(node)
            outside = {i.owner for k in kernels if k is not kernel for n in k.body for i in n.inputs}
            assert {n for n in kernel.body if n in outside or n in roots} <= set(kernel.outputs)
        assert done == {n for n in graph.nodes if n.op.kind not in ("source", "view", "item")}


# place


@pytest.mark.parametrize("shape", SHAPES)
def test_place_never_lets_two_values_share_memory_while_both_are_needed(shape):
    for seed in range(150):
        graph = settled(sample(seed, shape).graph)
        kernels = fuse(graph, LONG)
        check_memory(graph, kernels, place(graph, kernels))


def _placed(record):
    """The program of a function `record(trace)` that writes storages."""
    trace = Trace()
    with recording(trace):
        outputs = record(trace)
    return Program(finish(trace, "step", outputs or []), in_blocks(None), in_place=True)


def calls(program):
    """The calls of a step, comments cut off."""
    lines = program.text.splitlines()[1:]
    return [line.split("#")[0].strip() for line in lines if not line.strip().startswith("#")]


def test_place_writes_over_a_storage_that_is_read_no_more():
    weights = Storage(np.ones((3, 4)), "weights")
    program = _placed(lambda trace: trace.write(weights, trace.read(weights) * 0.5 - 1))
    assert len(calls(program)) == 2 and calls(program)[-1].endswith("out=weights)")
    program()
    np.testing.assert_array_equal(weights.numpy(), np.full((3, 4), -0.5))


def test_place_copies_at_the_end_what_is_still_read_after_its_write():
    weights = Storage(np.arange(4.0), "weights")

    def record(trace):
        old = trace.read(weights)
        trace.write(weights, old * 2)
        return [ops.sum(trace.read(weights)) + old]

    program = _placed(record)
    np.testing.assert_array_equal(program()[0], 12 + np.arange(4.0))
    np.testing.assert_array_equal(weights.numpy(), 2 * np.arange(4.0))


def test_place_does_not_write_over_a_storage_that_is_read_at_other_elements():
    weights = Storage(np.arange(9.0).reshape(3, 3), "weights")
    program = _placed(lambda trace: trace.write(weights, trace.read(weights) + ops.transpose(trace.read(weights))))
    program()
    np.testing.assert_array_equal(weights.numpy(), np.arange(9.0).reshape(3, 3) + np.arange(9.0).reshape(3, 3).T)


def test_place_swaps_two_storages():
    a, b = Storage(np.zeros(3), "a"), Storage(np.ones(3), "b")

    def record(trace):
        one, other = trace.read(a), trace.read(b)
        trace.write(a, other)
        trace.write(b, one)

    program = _placed(record)
    for first, second in ((1, 0), (0, 1)):
        program()
        np.testing.assert_array_equal((a.numpy(), b.numpy()), ([first] * 3, [second] * 3))


def test_place_fills_a_pack_where_it_lies():
    storage = Storage(np.ones((3, 4)), "w")

    def record(trace):
        w = trace.read(storage)
        product = ops.matmul(w, ops.transpose(w))
        packed = trace.add(PACK, [product.node, ops.exp(w).node, ops.exp(w).node])
        return [Symbol(packed) * 2]

    program = _placed(record)
    np.testing.assert_allclose(program()[0], [8.0] * 9 + [2 * np.e] * 24, rtol=1e-14)
    copies = [line for line in calls(program) if "copyto" in line]
    assert len(copies) == 1, f"only what is packed twice is copied:\n{program}"


# emit


@pytest.mark.parametrize("shape", SHAPES)
def test_emit_writes_python_with_every_name_defined(shape):
    backend = in_blocks(4)
    for seed in SOME:
        graph = settled(sample(seed, shape).graph)
        for text in (emit(graph, backend, Choice()), emit_pure(graph, backend)):
            known = {*text.functions, *text.names.values(), backend.xp_name, *helpers.NAMES}
            defined, used = _names(text.setup + text.step)
            used -= {"range", "reversed"}  # of loops
            assert not (used - defined - known), f"{used - defined - known}\n{text.step}"
            assert not defined & (known - set(text.names.values())), f"{defined & known} hide functions\n{text.step}"
            assert not defined & set(dir(builtins)), f"{defined & set(dir(builtins))} hide Python's\n{text.step}"


def _names(text):
    tree = ast.parse(text)
    stored = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Store)}
    loaded = {n.id for n in ast.walk(tree) if isinstance(n, ast.Name) and isinstance(n.ctx, ast.Load)}
    stored |= {n.name for n in ast.walk(tree) if isinstance(n, ast.FunctionDef) and n.name != "step"}
    return stored | {n.arg for n in ast.walk(tree) if isinstance(n, ast.arg)}, loaded


@pytest.mark.parametrize("shape", SHAPES)
def test_emit_writes_the_same_text_every_time(shape):
    for seed in SOME:
        one, two = (emit(settled(sample(seed, shape).graph), in_blocks(4), Choice()) for _ in range(2))
        assert (one.setup, one.step) == (two.setup, two.step)


WORDS = [
    "zeros", "uint8", "copyto", "concat", "reshape", "full", "at", "blocks", "np", "step",
    "float64", "add", "sum", "inf", "random_bits", "lambda", "print", "scratch_0", "buffer_0", "x", "x_",
]  # fmt: skip


@pytest.mark.parametrize("word", WORDS)
@pytest.mark.parametrize("block", [4, None])
@pytest.mark.parametrize("in_place", [True, False])
def test_emit_lets_users_choose_any_name(word, block, in_place):
    """Variables, storages and values may be called what the program calls its functions."""
    whole, flat, trace = Storage(np.arange(12.0), word), Storage(np.arange(30.0), "flat"), Trace()
    with recording(trace):
        named = trace.name(ops.tanh(trace.input("x", (12,), "float64") + trace.read(whole)), word)
        product = ops.exp(named) * named
        packed = trace.add(PACK, [product.node, trace.read(flat, 3, (12,), word).node])
        trace.write(whole, product * 2)
        outputs = [ops.sum(named), Symbol(packed) * 2, ops.cast(product > 1, "int32")]
    program = Program(finish(trace, "step", outputs), in_blocks(block), in_place=in_place)
    program.arrays["x"][...] = 1
    wanted = np.tanh(1 + np.arange(12.0))
    total, twice, large = program()
    np.testing.assert_allclose(total, wanted.sum(), rtol=1e-14)
    wanted = np.exp(wanted) * wanted
    np.testing.assert_allclose(twice, 2 * np.concatenate([wanted, np.arange(3.0, 15)]), rtol=1e-14)
    np.testing.assert_array_equal(large, wanted > 1)
    np.testing.assert_allclose(whole.numpy(), 2 * wanted, rtol=1e-14)


def test_emit_needs_no_more_calls_than_there_are_values():
    for seed in SOME:
        graph = settled(sample(seed, (4, 3)).graph)
        program = Program(graph, in_blocks(None), in_place=True)
        if any(n.op is SCAN for n in program.graph.nodes):
            continue  # these also copy a start and count turns
        values = [n for n in program.graph.nodes if n.op.kind not in ("source", "view", "pack")]
        parts = sum(len(n.inputs) for n in program.graph.nodes if n.op is PACK)
        more = sum(writer_stage._template(n.op.into, n).count(";") for n in values)  # of those in several passes
        more += sum(len(n.inputs) for n in values if n.op is JOIN)
        assert len(calls(program)) <= max(1, len(values) + more + parts + len(graph.writes)), str(program)


def test_emit_gives_constants_the_shortest_text_of_their_dtype():
    narrow = emit_pure(settled(recorded(lambda x: x * 0.1, (3,), dtype="float32")), in_blocks(None))
    assert "0.1)" in narrow.step
    endless = emit_pure(settled(recorded(lambda x: ops.minimum(x, float("inf")), (3,))), in_blocks(None))
    assert "minimum(x0, inf)" in endless.step


def test_emit_casts_floats_to_integers_in_place():
    def record(trace):
        return [ops.cast(trace.input("x", (4,), "float64"), "int32")]

    program = _placed(record)
    program.arrays["x"][...] = [-1.5, 0.5, 1.5, 2.0]
    np.testing.assert_array_equal(program()[0], [-1, 0, 1, 2])


# run


def test_run_takes_blocks_of_arrays_and_scratch():
    whole, scratch, one = np.arange(7), np.zeros(3), np.ones(1)
    parts = helpers.blocks(3, whole, scratch, one)
    assert [[len(a) for a in part] for part in parts] == [[3, 3, 1], [3, 3, 1], [1, 1, 1]]
    assert all(np.shares_memory(part[0], whole) and np.shares_memory(part[1], scratch) for part in parts)


def test_run_looks_into_a_buffer_at_an_element():
    buffer = np.zeros(64, np.uint8)
    array = helpers.at(buffer, 2, (2, 3), np.float32)
    array[...] = 1
    assert array.shape == (2, 3) and buffer[:8].sum() == 0 and buffer[32:].sum() == 0 and buffer[8:32].any()


def test_run_allocates_nothing_that_is_as_large_as_an_array():
    size = 200_000
    weights = Storage(np.ones(size, np.float32), "weights")

    def record(trace):
        w, x = trace.read(weights), trace.input("x", (size,), "float32")
        mask = ops.dropout_mask((8,), 0.5, 1, "float32")
        trace.write(weights, w * 0.9 + ops.maximum(x, 0.0) * (w > x) - ops.tanh(w) / 3)
        return [ops.sum(ops.square(w - x)), mask]

    trace = Trace()
    with recording(trace):
        outputs = record(trace)
    program = Program(finish(trace, "step", outputs), in_blocks(65_536), in_place=True)
    program(seed=1, step=1)
    tracemalloc.start()
    try:
        for turn in range(3):
            program(seed=1, step=turn)
        peak = tracemalloc.get_traced_memory()[1]
    finally:
        tracemalloc.stop()
    # NumPy converts in chunks of its own, far smaller than an array; so is a truth value each
    assert peak < size, f"{peak} bytes were allocated:\n{program}"


def test_run_asks_for_every_number_that_it_needs():
    trace = Trace()
    with recording(trace):
        out = trace.input("x", (2,), "float64") * trace.input("rate", (), "float64")
    for in_place in (True, False):
        program = Program(finish(trace, "step", [out]), in_blocks(None), in_place=in_place)
        with pytest.raises(KeyError, match="rate"):
            program()
        program.arrays["x"][...] = 2
        np.testing.assert_array_equal(program(rate=0.5, unknown=3)[0], [1, 1])


def test_two_forms_of_a_program_share_storages():
    """One that assigns must write into the array that one which works in place is bound to."""
    counter = Storage(np.zeros(3), "counter")

    backend = in_blocks(None)

    def more(in_place):
        trace = Trace()
        with recording(trace):
            trace.write(counter, trace.read(counter) + 1)
        return Program(finish(trace, "step", []), backend, in_place=in_place)

    bound, assigning = more(True), more(False)
    for program in (bound, assigning, bound, assigning, bound):
        program()
    assert counter.numpy().tolist() == [5, 5, 5]


# faults planted on purpose


def _reversed_inputs(monkeypatch):
    right = lower_stage._lowered
    monkeypatch.setattr(lower_stage, "_lowered", lambda t, node, i: right(t, node, i[::-1] if node.op.lowering else i))


def _options_forgotten(monkeypatch):
    def key(node):
        return node if node.op.kind in ("source", "loop", "item") else (node.op.name, *map(id, node.inputs), node.shape)

    monkeypatch.setattr(Node, "key", property(key))


def _history_a_turn_late(monkeypatch):
    right = hoist_stage._Hoisting._kept

    def late(self, node, carries, keys):
        self.loop = attrs.evolve(self.loop, reverse=not self.loop.reverse)
        kept = right(self, node, carries, keys)
        self.loop = attrs.evolve(self.loop, reverse=not self.loop.reverse)
        return kept

    monkeypatch.setattr(hoist_stage._Hoisting, "_kept", late)


def _mortal_outputs(monkeypatch):
    right = place_stage._Placer.__init__

    def faulty(self, graph, kernels, turn=False):
        right(self, graph, kernels, turn)
        for i, kernel in enumerate(kernels):
            self.last |= dict.fromkeys((n.owner for n in kernel.inputs), i)

    monkeypatch.setattr(place_stage._Placer, "__init__", faulty)


def _lost_outputs(monkeypatch):
    def faulty(graph, sharing):
        kernels = fuse(graph, sharing)
        for kernel in kernels:
            kernel.outputs = kernel.outputs[-1:]
        return kernels

    monkeypatch.setattr(emit_stage, "fuse", faulty)


def _one_block_too_few(monkeypatch):
    right = helpers.blocks
    monkeypatch.setattr(helpers, "blocks", lambda size, *arrays: right(size, *arrays)[:-1] or right(size, *arrays))


FAULTS = {
    "lower: inputs reversed": _reversed_inputs,
    "simplify: x - 1 is x": lambda m: m.setitem(simplify_stage.NEUTRAL, "subtract", 1),
    "simplify: a - 0 is 0 - a": lambda m: m.setattr(simplify_stage, "COMMUTE", {"add", "multiply", "subtract"}),
    "simplify: options make no difference": _options_forgotten,
    "hoist: nothing is summed": lambda m: m.setattr(
        hoist_stage._Hoisting, "_summed", lambda self, n: ops.zeros(n.shape, n.dtype).node
    ),
    "hoist: what a carry held is a turn late": _history_a_turn_late,
    "settle: every reshape is a view": lambda m: m.setattr(settle_stage._Solid, "_is_view", lambda *_: True),
    "settle: roots may be views": lambda m: m.setattr(settle_stage, "MAKES_MEMORY", {*MAKES_MEMORY, "view"}),
    "settle: roots may be inputs": lambda m: m.setattr(settle_stage, "MAKES_MEMORY", {*MAKES_MEMORY, "source"}),
    "fuse: a kernel keeps only its last value": _lost_outputs,
    "fuse: any rows may be read": lambda m: [
        m.setattr(stage, "by_rows", lambda *_: True) for stage in (sharing_stage, blocks_stage)
    ],
    "fuse: kernels in reverse order": lambda m: m.setattr(emit_stage, "fuse", lambda *a: fuse(*a)[::-1]),
    "place: anything may be overwritten": lambda m: m.setattr(place_stage, "_may_overwrite", lambda *_: True),
    "place: outputs die": _mortal_outputs,
    "place: storages die too": lambda m: m.setattr(
        place_stage._Placer, "_reusable", lambda self, n: n in self.result.of
    ),
    "place: every join is tiled": lambda m: [
        m.setattr(stage, "tiles", lambda _: True) for stage in (place_stage, in_place_stage)
    ],
    "emit: turns in the order of their numbers": lambda m: m.setattr(
        in_place_stage, "turns", lambda of: f"range({of.length})"
    ),
    "run: a carry has one room": lambda m: m.setattr(
        helpers, "lane", lambda start, *rooms, length: [start] * (length + 1)
    ),
    "emit: nothing is copied": lambda m: m.setattr(in_place_stage.InPlace, "_copy", lambda *_: "pass"),
    "emit: all constants are 1": lambda m: m.setattr(writer_stage.Writer, "constant", lambda *_: "1.0"),
    "run: buffers start at 0": lambda m: m.setattr(helpers, "at", lambda b, i, *a, at=helpers.at: at(b, 0, *a)),
    "run: the last block is left out": _one_block_too_few,
}


@pytest.mark.parametrize("fault", FAULTS)
def test_the_fuzzer_sees(fault, monkeypatch):
    FAULTS[fault](monkeypatch)
    with pytest.raises(Exception) as caught:
        for seed in range(200):
            for shape in SHAPES:
                program = check(sample(seed, shape), in_blocks(5), in_place=True)
                if fault.startswith("place"):  # NumPy forgives it when a whole array is written over an operand
                    kernels = fuse(program.graph, LONG)
                    check_memory(program.graph, kernels, place(program.graph, kernels))
    assert not isinstance(caught.value, (AttributeError, ImportError)), "the fault itself is out of date"


# what the interpreter cannot see, since it takes the recorded graph for right: trace and differentiate


def check_state():
    """Later reads see what was written before them, and the last write stays."""
    storage, trace = Storage(np.arange(3.0), "state"), Trace()
    with recording(trace):
        first = trace.read(storage) * 2.0
        trace.write(storage, first)
        trace.write(storage, trace.read(storage) + 1.0)
        graph = finish(trace, "step", [first])
    outputs = Program(graph, in_blocks(None), in_place=True)()
    np.testing.assert_array_equal(outputs[0], [0, 2, 4])
    np.testing.assert_array_equal(storage.numpy(), [1, 3, 5])


def check_gradient():
    """Of a function with fan-out, broadcasting and a loop, along a direction."""
    rng = np.random.default_rng(0)
    x, b, direction = rng.normal(size=(3, 4)), rng.normal(size=4), rng.normal(size=4)

    def function(x, b):
        last, _ = ops.scan(lambda c, t: (ops.tanh(c * b + t), None), b, x)
        return ops.sum(last * b) + ops.sum(ops.exp(x * b) * b)

    def numbers(b):
        c = b
        for t in x:
            c = np.tanh(c * b + t)
        return (c * b).sum() + (np.exp(x * b) * b).sum()

    slope = kcore.grad(function, 1)(x, b)
    difference = (numbers(b + 1e-6 * direction) - numbers(b - 1e-6 * direction)) / 2e-6
    np.testing.assert_allclose(slope @ direction, difference, rtol=1e-7)


def _last_cotangent_wins(cotangents, x, given):
    cotangents[x] = ops.cast(differentiate_stage._unbroadcast(given, x.shape), x.dtype)


def _first_of_the_repeated(cotangent, shape):
    lead = cotangent.ndim - len(shape)
    return ops.broadcast_to(cotangent[(0,) * lead], shape) if lead > 0 else cotangent


def _first_write_stays(trace, storage, value, start=0):
    trace.read(storage)
    trace.writes.setdefault(storage, value)


@pytest.mark.parametrize(
    "check, home, name, fault",
    [
        (check_state, Trace, "write", _first_write_stays),
        (check_gradient, differentiate_stage, "_add", _last_cotangent_wins),
        (check_gradient, differentiate_stage, "_unbroadcast", _first_of_the_repeated),
    ],
    ids=["trace: writes", "differentiate: fan-out", "differentiate: broadcasting"],
)
def test_checks_by_numbers_see(check, home, name, fault, monkeypatch):
    check()
    monkeypatch.setattr(home, name, fault)
    with pytest.raises(AssertionError):
        check()


def test_what_is_kept_and_what_is_computed_again_makes_no_difference(monkeypatch):
    right = differentiate_stage.backpropagate
    kept: list[int] = []

    def counted(trace, nodes, *rest):
        kept.append(sum(n.op.cheap for n in nodes))
        return right(trace, nodes, *rest)

    monkeypatch.setattr(differentiate_stage, "backpropagate", counted)
    for cheap in (True, False):
        object.__setattr__(OPS["tanh"], "cheap", cheap)
        try:
            check_gradient()
        finally:
            object.__setattr__(OPS["tanh"], "cheap", False)
    assert len(set(kept)) > 1


def test_the_helpers_are_those_whose_names_are_kept():
    assert set(helpers.helpers(in_blocks(None))) == helpers.NAMES


def test_what_depends_on_nothing_is_made_once():
    trace = Trace()
    with recording(trace):
        x = trace.input("x", (5,), "float64")
        outputs = [x * ops.cast(ops.arange(5), "float64"), ops.arange(3)]
    program = Program(finish(trace, "step", outputs), in_blocks(None))
    assert "arange(0, 5" in program.setup and "arange(0, 5" not in program.text
    assert "arange(0, 3" in program.text, "an output is the caller's, who may write to it"
    for scale in (1.0, 2.0):
        program.arrays["x"][...] = scale
        first, second = program()
        assert first.tolist() == [scale * i for i in range(5)] and second.tolist() == [0, 1, 2]
