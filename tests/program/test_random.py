"""Random bits: the published order, the same on every backend and road, and as random as they should be."""

from __future__ import annotations

import threading

import numpy as np
import pytest

from kcore import ops
from kcore.graph import Trace, finish, recording
from kcore.program import Program, Traced
from kcore.randomness import Philox, generator
from tests.program.random_graphs import in_blocks

MASK = (1 << 64) - 1
REFERENCE_WORDS = ["0x3a2521b7927bbb55", "0xafc7ff19479996f0"]
REFERENCE_BITS = [[47957, 37499, 8631], [14885, 38640, 18329]]


def philox(key, counter, rounds=10):
    """Philox 4x64-10 as Salmon et al. publish it: four words from a key of two and a counter of four."""
    k0, k1 = key
    c0, c1, c2, c3 = counter
    for _ in range(rounds):
        left, right = 0xD2E7470EE14C6C93 * c0, 0xCA5A826395121157 * c2
        c0, c1, c2, c3 = (right >> 64) ^ c1 ^ k0, right & MASK, (left >> 64) ^ c3 ^ k1, left & MASK
        k0, k1 = (k0 + 0x9E3779B97F4A7C15) & MASK, (k1 + 0xBB67AE8584CAA73B) & MASK
    return [c0, c1, c2, c3]


def test_our_own_philox_is_that_of_random123():
    """The known answers that come with the paper's library."""
    assert philox((0, 0), (0, 0, 0, 0)) == [
        0x16554D9ECA36314C, 0xDB20FE9D672D0FDC, 0xD7E772CEE186176B, 0x7E68B68AEC7BA23B,
    ]  # fmt: skip
    assert philox((MASK, MASK), (MASK, MASK, MASK, MASK)) == [
        0x87B092C3013FE90B, 0x438C3C67BE8D0224, 0x9CC7D7C69CD777B6, 0xA09CAEBF594F0BA0,
    ]  # fmt: skip


@pytest.mark.parametrize(
    "seed, stream, step, call, time", [(0, 0, 0, 0, 0), (7, 3, 11, 2, 5), (2**63 + 1, 1, 2**40, 9, 0)]
)
def test_words_come_in_the_published_order(seed, stream, step, call, time):
    words = Philox().words(seed, stream, step, call, time, 10)
    blocks = [philox((seed, stream), (block + 1, step, call, time)) for block in range(3)]
    assert words.tolist() == [w for block in blocks for w in block][:10]
    key, counter = np.array([seed, stream], np.uint64), np.array([0, step, call, time], np.uint64)
    numpys = np.random.Philox(key=key, counter=counter).random_raw(10)
    np.testing.assert_array_equal(words, numpys)


def test_reference_values():
    """They are part of the file format: a saved model draws on as it began."""
    assert [hex(w) for w in Philox().words(1, 2, 3, 4, 5, 2)] == REFERENCE_WORDS
    assert Philox().bits(1, 2, 3, 4, 5, (2, 3)).tolist() == REFERENCE_BITS


def test_four_elements_share_a_word_the_low_bits_first():
    words = Philox().words(1, 2, 3, 0, 0, 2)
    bits = Philox().bits(1, 2, 3, 0, 0, (2, 3))
    wanted = [(int(words[i // 4]) >> 16 * (i % 4)) & 0xFFFF for i in range(6)]
    assert bits.dtype == np.uint16 and bits.reshape(-1).tolist() == wanted


@pytest.mark.parametrize("bits", [16, 32, 64])
def test_elements_of_any_width_take_the_words_in_order(bits):
    words, each = Philox().words(1, 2, 3, 0, 0, 7), 64 // bits
    drawn = Philox().bits(1, 2, 3, 0, 0, (5,), bits=bits)
    wanted = [(int(words[i // each]) >> bits * (i % each)) & ((1 << bits) - 1) for i in range(5)]
    assert drawn.dtype == f"uint{bits}" and drawn.tolist() == wanted


@pytest.mark.parametrize("bits", [16, 32, 64])
@pytest.mark.parametrize("shape", [(), (1,), (5,), (0,), (2, 0), (3, 4)])
def test_bits_are_written_where_asked(shape, bits):
    out = np.zeros(shape, f"uint{bits}")
    assert Philox().bits(1, 2, 3, 0, 0, out=out, bits=bits) is out
    np.testing.assert_array_equal(out, Philox().bits(1, 2, 3, 0, 0, shape, bits=bits))


def test_draws_do_not_depend_on_what_was_drawn_before():
    one, other = Philox(), Philox()
    one.words(9, 9, 9, 9, 9, 3)
    np.testing.assert_array_equal(one.words(1, 2, 3, 4, 5, 6), other.words(1, 2, 3, 4, 5, 6))
    np.testing.assert_array_equal(one.words(1, 2, 3, 4, 5, 6), one.words(1, 2, 3, 4, 5, 6))


def test_every_part_of_the_address_counts():
    base = [1, 2, 3, 4, 5]
    drawn = {tuple(Philox().words(*base, 4).tolist())}
    for i in range(5):
        drawn.add(tuple(Philox().words(*base[:i], base[i] + 1, *base[i + 1 :], 4).tolist()))
    assert len(drawn) == 6
    assert len({w for words in drawn for w in words}) == 24, "streams overlap"


def graph_of_two():
    trace = Trace()
    with recording(trace):
        calls = [((3, 5), 4, 16), ((7,), 4, 32), ((), 5, 16), ((2, 3), 5, 64)]
        return finish(trace, "step", [ops.random_bits(*call) for call in calls])


def test_programs_draw_the_same_bits_on_every_backend(backend):
    for in_place in {False, backend.in_place}:
        program = Program(graph_of_two(), backend, in_place=in_place)
        for step in (0, 1, 2**33):
            first, second, third, fourth = (backend.to_host(a) for a in program(seed=6, step=step))
            np.testing.assert_array_equal(first, Philox().bits(6, 4, step, 0, 0, (3, 5)))
            np.testing.assert_array_equal(second, Philox().bits(6, 4, step, 1, 0, (7,), bits=32))
            np.testing.assert_array_equal(third, Philox().bits(6, 5, step, 0, 0, ()))
            np.testing.assert_array_equal(fourth, Philox().bits(6, 5, step, 1, 0, (2, 3), bits=64))


def test_masks_are_exact_on_every_backend(backend):
    run = Traced(lambda: [ops.dropout_mask((200, 50), 0.2, 1, "float32")], "mask")
    mask = ops.convert_to_numpy(run(seed=1, step=2)[0])
    kept = Philox().bits(1, 1, 2, 0, 0, (200, 50)) >= 13107
    np.testing.assert_array_equal(mask, np.where(kept, np.float32(1.25), np.float32(0)))
    assert abs(mask.mean() - 1) < 4 * np.sqrt(0.25 / mask.size)  # four standard deviations
    no, all_but_none = (Traced(lambda r=r: [ops.dropout_mask((50,), r, 1, "float32")], "m") for r in (0, 1 - 2**-17))
    assert set(ops.convert_to_numpy(no(seed=1, step=1)[0])) == {1}
    assert set(ops.convert_to_numpy(all_but_none(seed=1, step=1)[0])) == {0}


def test_bits_are_even():
    bits = Philox().bits(12, 3, 4, 0, 0, (400_000,))
    deviation = np.sqrt((2**32 - 1) / 12 / bits.size)
    assert abs(bits.mean() - 65535 / 2) < 4 * deviation
    for digits in (bits >> 12, bits & 15, (bits[1:] >> 8 & 3) * 4 + (bits[:-1] >> 8 & 3)):
        counts = np.bincount(digits, minlength=16)
        chi = ((counts - digits.size / 16) ** 2 / (digits.size / 16)).sum()
        assert 2.5 < chi < 40, "15 degrees of freedom: beyond 0.01 % on either side"
    steps = np.stack([Philox().bits(12, 3, step, 0, 0, (1000,)) for step in range(20)]).astype(float)
    correlation = np.corrcoef(steps) - np.eye(20)
    assert np.abs(correlation).max() < 5 / np.sqrt(1000)


def test_threads_that_share_a_program_draw_their_own_bits(backend):
    run = Traced(lambda: [ops.random_bits((64,), 1)], "bits")
    run(seed=1, step=0)
    start, wrong = threading.Barrier(4), []

    def work(seed):
        from kcore import use_backend

        with use_backend(backend):
            start.wait()
            for step in range(100):
                got = ops.convert_to_numpy(run(seed=seed, step=step)[0])
                if (got != Philox().bits(seed, 1, step, 0, 0, (64,))).any():
                    wrong.append((seed, step))

    threads = [threading.Thread(target=work, args=(i,)) for i in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert not wrong


def test_a_host_generator_is_addressed_in_the_same_way():
    one, other = generator(1, 2, 3).random(5), generator(1, 2, 3).random(5)
    np.testing.assert_array_equal(one, other)
    assert not np.array_equal(one, generator(1, 2, 4).random(5))
    raw = np.random.Philox(key=[1, 2], counter=[0, 3, 0, 0]).random_raw(5)
    np.testing.assert_array_equal(one, (raw >> np.uint64(11)) * 2.0**-53)


def test_blocks_and_in_place_programs_draw_what_one_that_assigns_does():
    drawn = [Program(graph_of_two(), in_blocks(4), in_place=i)(seed=3, step=4) for i in (True, False)]
    for in_place, assigned in zip(*drawn, strict=True):
        np.testing.assert_array_equal(in_place, assigned)


@pytest.mark.parametrize("bits", [16, 32, 64])
@pytest.mark.parametrize("axis", [0, 1])
def test_bits_that_are_joined_with_others_are_as_they_were(backend, bits, axis):
    """They are drawn in one piece, and do not lie in the join from the start."""
    trace = Trace()
    with recording(trace):
        y = trace.input("y", (4, 3), f"uint{bits}")
        drawn = ops.random.random_bits((4, 3), 5, bits)
        outputs = [
            ops.concat([drawn, y], axis=axis),
            ops.stack([y, ops.random.random_bits((4, 3), 6, bits)], axis=axis),
        ]
    program = Program(finish(trace, "step", outputs), backend)
    program.arrays["y"][...] = 7
    joined, stacked = (backend.to_host(out) for out in program(seed=1, step=2))
    one, other = (Philox().bits(1, stream, 2, 0, 0, (4, 3), bits=bits) for stream in (5, 6))
    sevens = np.full((4, 3), 7, f"uint{bits}")
    np.testing.assert_array_equal(joined, np.concatenate([one, sevens], axis))
    np.testing.assert_array_equal(stacked, np.stack([sevens, other], axis))
