"""Ctrl-C during fit: the running step is finished, the model is whole, and KeyboardInterrupt goes on."""

from __future__ import annotations

import os
import re
import signal
import subprocess
import sys
import threading

import numpy as np
import pytest

from kcore.interfaces import Callback

PROGRAM = """
import signal
signal.signal(signal.SIGINT, signal.default_int_handler)  # a shell's background job ignores it
import numpy as np
from kcore.config import config
from kcore.interfaces import Callback
from kcore.layers import Dense, Dropout
from kcore.models import Sequential

STEPS = 100_000
rng = np.random.default_rng(0)
x, y = rng.normal(size=(8, 64)), np.eye(4)[rng.integers(0, 4, 8)]

def model():
    config.seed, config.models = 3, 0
    made = Sequential([Dense(256, activation="relu", input_shape=(64,)), Dropout(0.5)])
    made.add(Dense(4, activation="softmax"))
    made.compile("rmsprop", "categorical_crossentropy", ["accuracy"])
    return made

class Watch(Callback):
    told, ended, limit = False, False, None
    def on_train_batch_end(self, batch, logs=None):
        if self.model.optimizer.iterations == 5:
            print("training", flush=True)
        self.model.stop_training = self.model.optimizer.iterations == self.limit
    def on_train_end(self, logs=None):
        self.ended = True

def state(model):
    return [*model.get_weights(), *(v.numpy() for v in model.optimizer.variables)]

watch, interrupted = Watch(), model()
try:
    interrupted.fit(x, y, epochs=STEPS, verbose=0, callbacks=[watch])
    print("never interrupted")
except KeyboardInterrupt:
    n = interrupted.optimizer.iterations
    whole, until = model(), Watch()
    until.limit = n
    whole.fit(x, y, epochs=STEPS, verbose=0, callbacks=[until])
    assert whole.optimizer.iterations == n
    same = all(np.array_equal(a, b) for a, b in zip(state(interrupted), state(whole), strict=True))
    print(f"steps {n}, whole {same}, told of the end {watch.ended}", flush=True)
    interrupted.train_on_batch(x, y)
    raise
"""


@pytest.mark.skipif(sys.platform == "win32", reason="Ctrl-C cannot be sent to one process there")
def test_ctrl_c_ends_training_at_a_step_s_end():
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    child = subprocess.Popen([sys.executable, "-c", PROGRAM], env=environment, stdout=-1, stderr=-1, text=True)
    assert child.stdout.readline() == "training\n"
    child.send_signal(signal.SIGINT)
    out, err = child.communicate(timeout=60)
    found = re.search(r"^steps (\d+), whole True, told of the end True$", out, re.MULTILINE)
    assert found, out + err
    print(f"interrupted after {found[1]} steps")
    assert 5 <= int(found[1]) < 100_000
    assert err.rstrip().endswith("KeyboardInterrupt") and child.returncode == -signal.SIGINT


@pytest.fixture
def usual_handler():
    """Python's own handler, which a process started in the background has not."""
    found = signal.signal(signal.SIGINT, signal.default_int_handler)
    yield
    signal.signal(signal.SIGINT, found)


class Press(Callback):
    """Presses Ctrl-C itself, in the middle of a step or twice."""

    def __init__(self, times=1):
        self.times = times

    def on_train_batch_begin(self, batch, logs=None):
        if batch == 1:
            for _ in range(self.times):
                signal.raise_signal(signal.SIGINT)


def test_the_first_is_held_until_the_step_has_ended_the_second_is_not(make, x, y, usual_handler):
    for times, steps in ((1, 2), (2, 1)):
        model = make()
        with pytest.raises(KeyboardInterrupt):
            model.fit(x, y, callbacks=[Press(times)], verbose=0)
        assert model.optimizer.iterations == steps
        assert signal.getsignal(signal.SIGINT) is signal.default_int_handler


def test_a_handler_of_the_user_s_own_is_left_alone(make, x, y):
    pressed = []
    usual = signal.signal(signal.SIGINT, lambda number, frame: pressed.append(number))
    try:
        model = make()
        model.fit(x, y, callbacks=[Press()], verbose=0)
    finally:
        signal.signal(signal.SIGINT, usual)
    assert pressed == [signal.SIGINT] and model.optimizer.iterations == 3


def test_training_in_a_thread_needs_no_signals(make, x, y):
    model, done = make(), []
    thread = threading.Thread(target=lambda: done.append(model.fit(x, y, verbose=0)))
    thread.start()
    thread.join()
    assert len(done) == 1 and np.isfinite(done[0].history["loss"][0])
