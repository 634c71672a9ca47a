"""One model on several backends: chosen by compile, by a scope or the environment, in one thread or many."""

from __future__ import annotations

import os
import subprocess
import sys
import threading

import numpy as np
import pytest

import kcore


def test_weights_and_slots_move_with_the_model(make, x, y):
    """Trained by turns on two backends a model ends where one ends that stays on one of them."""

    def trained(*names):
        model = make("float64", seed=3)
        for name in names:
            with kcore.use_backend(name) as backend:
                model.fit(x, y, verbose=0)
                assert backend.owns(model.layers[0].kernel.value)
        return model.get_weights(), model.optimizer.variables[0].numpy(), model.optimizer.iterations

    moved, slot, steps = trained("strict", "numpy", "strict", "numpy")
    stayed, other_slot, other_steps = trained("numpy", "numpy", "numpy", "numpy")
    for a, b in zip(moved, stayed, strict=True):
        np.testing.assert_allclose(a, b, rtol=0, atol=1e-8)
    np.testing.assert_allclose(slot, other_slot, rtol=1e-8)
    assert steps == other_steps == 12


def test_compile_says_which_backend_trains(make, x, y):
    model = make(backend="strict")
    with kcore.use_backend("numpy") as numpy, kcore.use_backend("strict") as strict:
        pass
    model.fit(x, y, verbose=0)
    kernel = model.layers[0].kernel.storage
    assert kernel.on(strict) is not None and "for strict" in repr(model.program("train"))
    assert type(model.predict(x)) is np.ndarray
    assert kcore.current_backend() is numpy


def test_strict_never_sees_a_host_array(make, x, y):
    """All of a model's work, on the backend on which any array that crosses in silence raises."""
    with kcore.use_backend("strict"):
        model = make()
        model.fit(x, y, epochs=2, validation_data=(x, y), verbose=0)
        model.evaluate(x, y, verbose=0)
        model.train_on_batch(x, y)
        model.set_weights(model.get_weights())
        assert type(model.predict(x)) is np.ndarray


def test_the_environment_chooses(tmp_path):
    program = (
        "import kcore, numpy as np\n"
        "from kcore.layers import Dense\n"
        "from kcore.models import Sequential\n"
        "model = Sequential([Dense(1, input_shape=(2,))])\n"
        "model.compile('sgd', 'mean_squared_error')\n"
        "model.fit(np.ones((4, 2)), np.ones((4, 1)), verbose=0)\n"
        "print(kcore.current_backend(), model.program('train').backend)\n"
    )
    assert _run(program, KCORE_BACKEND="strict").stdout == "<Backend strict> <Backend strict>\n"
    assert _run(program).stdout == "<Backend numpy> <Backend numpy>\n"
    unknown = _run(program, KCORE_BACKEND="nmupy")
    assert "Unknown backend 'nmupy'. kcore knows: cupy, numpy, strict. Did you mean 'numpy'?" in unknown.stderr


@pytest.mark.skipif("kcore.backend.available_backends()['cupy'] is None", reason="CuPy runs here")
def test_a_backend_that_cannot_run_says_what_to_install():
    result = _run("import kcore; kcore.ops.exp(1.0)", KCORE_BACKEND="cupy")
    assert result.returncode != 0
    assert "The backend 'cupy' cannot be used here: CuPy " in result.stderr
    assert 'pip install "kcore[cuda13]"' in result.stderr or "nvidia-smi" in result.stderr


def _run(program: str, **environment: str) -> subprocess.CompletedProcess[str]:
    inherited = {k: v for k, v in os.environ.items() if k != "KCORE_BACKEND"}
    paths = os.pathsep.join(sys.path)
    return subprocess.run(
        [sys.executable, "-c", program],
        env={**inherited, "PYTHONPATH": paths, **environment},
        capture_output=True,
        text=True,
        timeout=60,
    )


@pytest.fixture
def eager_threads():
    """Threads that change places as often as they can."""
    usual = sys.getswitchinterval()
    sys.setswitchinterval(1e-6)
    yield
    sys.setswitchinterval(usual)


def test_threads_predict_at_once(backend, make, eager_threads):
    """A program's buffers are one thread's at a time; and many ask before a fresh model was ever traced."""
    rng = np.random.default_rng(0)
    known, model = make(seed=3), make(seed=3)
    inputs = [rng.normal(size=(count, 6)) for count in (31, 32, 50, 64)]
    wanted = [known.predict(x) for x in inputs]
    answers: list[list[np.ndarray]] = [[] for _ in inputs]
    together = threading.Barrier(len(inputs))

    def ask(i):
        with kcore.use_backend(backend):
            together.wait()
            answers[i] += [model.predict(inputs[i]) for _ in range(50)]

    threads = [threading.Thread(target=ask, args=(i,)) for i in range(len(inputs))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    for got, right in zip(answers, wanted, strict=True):
        assert len(got) == 50 and all(np.array_equal(each, right) for each in got)
