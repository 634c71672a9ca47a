"""Random graphs: programs, in place and assigning, do what a naive interpreter of the trace does."""

from __future__ import annotations

import pytest

from kcore.backend.selection import backend_named
from kcore.program import Program
from tests.program.kernels_double import interpreted_backend
from tests.program.random_graphs import check, in_blocks, poison, sample

GRAPHS = 50  # for each row: 350 programs that write in place in all
ROWS = [
    # shape of the arrays, elements in a block
    ((12,), 4),  # loops over three whole blocks
    ((12,), 5),  # the last block is shorter
    ((7,), 1),
    ((12,), None),
    ((4, 3), 4),
    ((3, 4), 65_536),
    ((2, 3, 2), 65_536),
]


def test_buffers_and_scratch_are_poisoned():
    for seed in range(20):
        drawn = sample(seed, (12,))
        program = Program(drawn.graph, in_blocks(4), in_place=True)
        made = [line for line in program.setup.splitlines() if "= zeros(" in line or "= np.zeros(" in line]
        assert poison(program) == len(made) - len(program.written.placement.constants), program.setup


@pytest.mark.parametrize("shape, block", ROWS)
def test_programs_in_place_do_what_the_interpreter_does(shape, block):
    backend = in_blocks(block)
    for seed in range(GRAPHS):
        _check(seed, shape, backend, in_place=True)


@pytest.mark.parametrize("shape", [(12,), (4, 3), (1, 5), (2, 3, 2)])
def test_programs_of_written_kernels_do_what_the_interpreter_does(shape):
    backend = interpreted_backend()
    for seed in range(GRAPHS):
        _check(seed, shape, backend, in_place=True)
    bound = [what for made in backend.made for what in made.bound]
    assert len(bound) > 200 and max(len(what.body.words) for what in bound) > 5
    assert any(made.chained for made in backend.made)
    assert any(what.body.words and what.body.reduction for what in bound)


@pytest.mark.parametrize("shape", [(6,), (3, 4)])
@pytest.mark.parametrize("name", ["numpy", "strict"])
def test_programs_that_assign_do_what_the_interpreter_does(name, shape):
    for seed in range(1000, 1000 + GRAPHS):
        _check(seed, shape, backend_named(name), in_place=False)


def _check(seed, shape, backend, in_place):
    drawn = sample(seed, shape)
    try:
        check(drawn, backend, in_place)
    except Exception as error:
        error.add_note(f"seed {seed}, shape {shape}, block {backend.block}:\n{drawn.graph}")
        raise
