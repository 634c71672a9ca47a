"""The program that a model shows is short, can be followed, and is what runs; its memory is made once."""

from __future__ import annotations

import re
import tracemalloc

import numpy as np
import pytest

BATCH = 128


@pytest.fixture
def program(mnist_network):
    """The documents' training step, before any data were seen."""
    return mnist_network().program("train", batch_size=BATCH)


def run_a_step(program, function=None, step=7):
    """Fill the inputs and run one step, by the program itself or another function in its place."""
    rng = np.random.default_rng(0)
    program.arrays["x"][...] = rng.random(program.arrays["x"].shape)
    program.arrays["y"][...] = np.eye(10)[rng.integers(0, 10, BATCH)]
    (function or program)(learning_rate=0.001, seed=5, step=step)


def test_the_text_is_short_and_speaks_of_layers_weights_and_phases(program):
    text = str(program)
    assert text is program.text and text.startswith("def train(") and text.count("\n") < 100
    headings = re.findall(r"^    # (.*)$", text, re.MULTILINE)
    assert headings == [
        "dense", "dropout", "dense_1", "dropout_1", "dense_2", "loss", "accuracy",
        "gradient of loss", "gradient of dense_2", "gradient of dropout_1", "gradient of dense_1",
        "gradient of dropout", "gradient of dense", "rmsprop",
    ]  # fmt: skip
    for line in (
        "matmul(x, dense_kernel, out=dense) # (128, 512)",
        "add(dense, dense_bias, out=dense)",
        "maximum(dense, 0.0, out=dense)",
        "random_bits(seed, 1, step, 0, 0, out=dropout_bits)",
        "random_bits(seed, 3, step, 0, 0, out=dropout_1_bits)",
        "multiply(dense, dropout_mask, out=dropout)",
        "matmul(dropout_T, grad_dense_1, out=grad_dense_1_kernel) # (512, 512)",
        "np.sum(grad_dense, axis=0, out=grad_dense_bias)",
        "add(accuracy_count, 128.0, out=accuracy_count)",
        "for velocity_, gradients_, parameters_, scratch_0, scratch_1 in rmsprop_blocks:",
        "subtract(parameters_, scratch_1, out=parameters_)",
    ):
        assert line in re.sub(" +", " ", text)
    assert max(map(len, text.splitlines())) <= 110


def test_every_line_that_computes_writes_into_memory_that_is_there(program):
    computing = [line for line in program.text.splitlines()[1:] if "(" in line.partition("#")[0]]
    assert len(computing) > 50
    for line in computing:
        assert "out=" in line or line.strip().startswith("copyto("), line


def test_views_are_made_once(program):
    assert not re.search(r"\b(reshape|permute_dims|broadcast_to|transpose|at|blocks)\(", program.text)
    assert "dense_kernel = reshape(parameters[0:401408], (784, 512))\n" in program.setup
    assert "dropout_1_T = dropout_1.T\n" in program.setup and ".T" not in program.text
    before = {name: id(value) for name, value in program.namespace.items()}
    run_a_step(program)
    assert {name: id(value) for name, value in program.namespace.items()} == before


def test_all_numbers_of_a_step_are_inputs(program):
    assert re.match(r"def train\((\w+, )*\w+\):", program.text)
    arguments = set(program.text[: program.text.index(")")].partition("(")[2].split(", "))
    assert arguments == {"learning_rate", "seed", "step"}
    assert "0.001" not in program.text


def test_the_printed_text_is_what_runs(program):
    """Compiled again from the text and run on the same memory, it does to the bit what the program does."""
    storages = list(program.graph.storages.values())

    def after(function=None):
        for storage, value in zip(storages, before, strict=True):
            storage.fill(0, value)
        run_a_step(program, function)
        return [s.numpy() for s in storages]

    def compiled(text):
        space = dict(program.namespace)
        exec(text, space)
        return space["train"]

    before = [s.numpy() for s in storages]
    once = after()
    assert not any(np.array_equal(a, b) for a, b in zip(before, once, strict=True))
    assert all(np.array_equal(a, b) for a, b in zip(once, after(compiled(str(program))), strict=True))
    other = compiled(str(program).replace("maximum(dense, 0.0", "maximum(dense, 0.5"))
    assert not all(np.array_equal(a, b) for a, b in zip(once, after(other), strict=True))


def test_other_programs(backend, mnist_network):
    model = mnist_network(16)
    test, predict = (str(model.program(mode, batch_size=5)) for mode in ("test", "predict"))
    assert "accuracy" in test and "gradient" not in test + predict and "loss" not in predict
    assert "random_bits" not in test + predict
    with pytest.raises(
        ValueError, match=r"^Unknown mode 'fit': a model has the programs 'train', 'test', 'predict'\.$"
    ):
        model.program("fit")
    with pytest.raises(ValueError, match=r"^batch_size must be a whole number of at least 1; got 0\.$"):
        model.program("train", batch_size=0)


def test_the_program_that_is_shown_is_the_one_that_fit_runs(make, x, y, traces):
    model = make()
    program = model.program("train", batch_size=32)
    before = model.get_weights()
    traces.clear()
    model.fit(x[:64], y[:64], verbose=0)
    assert traces == [] and model.program("train", batch_size=32) is program
    assert not np.array_equal(before[0], model.get_weights()[0])


def test_the_short_last_batch_is_traced_once(backend, make, x, y, traces):
    model = make()
    traces.clear()
    model.fit(x, y, epochs=3, validation_data=(x, y), verbose=0)
    model.fit(x, y, epochs=2, validation_data=(x, y), verbose=0)
    model.evaluate(x, y, verbose=0)
    assert sorted(t for t in traces if t in ("train", "test")) == ["test", "test", "train", "train"]


# memory ---------------------------------------------------------------------------------------------------


def measured(step):
    """Bytes that are left behind by a step and that a step takes for a time, after two that warm up."""
    step(), step()
    tracemalloc.start()
    try:
        step()
        tracemalloc.reset_peak()
        before = tracemalloc.get_traced_memory()[0]
        for _ in range(5):
            step()
        after, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    return (after - before) / 5, peak - before


@pytest.mark.parametrize("width", [64, 512])
def test_a_step_allocates_nothing_but_random_words(mnist_network, width):
    """The words of one mask are its one large transient; the rest is the same for every width: numbers,
    frames, NumPy's own buffer of 8192 elements."""
    model = mnist_network(width)
    program = model.program("train", batch_size=BATCH)
    words = BATCH * width * 2
    left, taken = measured(lambda: run_step_without_data(program))
    assert left < 500
    assert taken < max(words, 8192 * 8) + 4_000


def run_step_without_data(program):
    program(learning_rate=0.001, seed=5, step=3)


@pytest.mark.parametrize("width", [64, 512])
def test_nor_does_a_step_of_fit(mnist_network, width):
    model = mnist_network(width)
    x, y = np.zeros((BATCH, 784), "float32"), np.eye(10, dtype="float32")[np.zeros(BATCH, int)]
    left, taken = measured(lambda: model.train_on_batch(x, y))
    assert left < 1_000
    assert taken < max(BATCH * width * 2, 8192 * 8) + 8_000
