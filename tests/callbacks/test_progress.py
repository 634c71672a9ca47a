"""The progress display, in a terminal and in a pipe."""

from __future__ import annotations

import os
import re
import subprocess
import sys

import pytest

from kcore.models import Sequential
from tests.callbacks.terminal import shown

PROGRAM = """
import numpy as np
import kcore_callbacks.progress
from kcore.layers import Dense
from kcore.models import Sequential

kcore_callbacks.progress.REFRESH = 0  # looks at the logs at every step, however fast they are
rng = np.random.default_rng(0)
x, y = rng.normal(size=(70, 6)), np.eye(3)[rng.integers(0, 3, 70)]
model = Sequential([Dense(3, activation="softmax", input_shape=(6,))])
model.compile("rmsprop", "categorical_crossentropy", ["accuracy"])
"""
FIT = "model.fit(x, y, epochs=2, verbose={verbose!r}, validation_data={validation})"

TIME = r"\d+(\.\d)?(s|ms|us)"
NUMBER = r"\d+\.\d{4}"


def epoch(number: int, validated: bool = False) -> str:
    """The line that stays of an epoch."""
    line = rf"Epoch {number}/2 - 3 steps - {TIME} {TIME}/step - loss: {NUMBER} - accuracy: {NUMBER}"
    return line + rf" - val_loss: {NUMBER} - val_accuracy: {NUMBER}" * validated


def program(verbose: object, validation: str = "None", more: str = "") -> list[str]:
    return [sys.executable, "-c", PROGRAM + FIT.format(verbose=verbose, validation=validation) + "\n" + more]


def environment() -> dict[str, str]:
    return {
        **os.environ,
        "PYTHONPATH": os.pathsep.join(sys.path),
        "TERM": "xterm-256color",
        "PYTHONIOENCODING": "utf-8",
    }


def in_a_pipe(*args: object) -> str:
    result = subprocess.run(program(*args), env=environment(), capture_output=True, timeout=60)
    assert result.returncode == 0 and result.stderr == b"", result.stderr.decode()
    return result.stdout.decode().replace("\r\n", "\n")


def in_a_terminal(*args: object) -> str:
    """All that a program writes to a terminal of 80 columns and 24 rows."""
    fcntl, pty, termios = (pytest.importorskip(name) for name in ("fcntl", "pty", "termios"))
    ours, theirs = pty.openpty()
    fcntl.ioctl(theirs, termios.TIOCSWINSZ, bytes([24, 0, 80, 0, 0, 0, 0, 0]))
    keep = {k: v for k, v in environment().items() if k not in ("COLUMNS", "LINES", "NO_COLOR", "FORCE_COLOR", "CI")}
    child = subprocess.Popen(program(*args), env=keep, stdin=theirs, stdout=theirs, stderr=theirs)
    os.close(theirs)
    written = b""
    while True:
        try:
            some = os.read(ours, 65536)
        except OSError:  # the child has closed its end
            break
        if not some:
            break
        written += some
    os.close(ours)
    assert child.wait(timeout=60) == 0, written.decode()
    return written.decode()


def matches(lines: list[str], patterns: list[str]) -> None:
    assert len(lines) == len(patterns), lines
    for line, pattern in zip(lines, patterns, strict=True):
        assert re.fullmatch(pattern, line), (line, pattern)


@pytest.mark.parametrize("verbose", [1, 2, "auto"])
def test_plain_lines_in_a_pipe(verbose):
    text = in_a_pipe(verbose, "(x[:40], y[:40])")
    assert not re.search(r"[\x00-\x09\x0b-\x1f\x7f]", text)
    matches(
        text.splitlines(),
        ["Train on 70 samples, validate on 40 samples", epoch(1, True), epoch(2, True)],
    )


def test_without_validation_the_first_line_speaks_of_none():
    text = in_a_pipe(2)
    matches(text.splitlines(), ["Train on 70 samples", epoch(1), epoch(2)])


def test_silence():
    assert in_a_pipe(0, "(x, y)", "model.evaluate(x, y, verbose=0)\nmodel.predict(x)") == ""


def test_an_evaluation_of_the_user_s_own_is_one_line():
    text = in_a_pipe(0, "None", "model.evaluate(x, y)")
    matches(text.splitlines(), [f"loss: {NUMBER} - accuracy: {NUMBER}"])


@pytest.mark.parametrize("verbose", [1, "auto"])
def test_a_bar_moves_in_a_terminal_and_a_line_for_each_epoch_stays(verbose):
    written = in_a_terminal(verbose)
    frames = re.findall(r"(\d)/3", re.sub(r"\x1b\[[\d;?]*[A-Za-z]", "", written))
    assert frames[0] == "0" and frames[-1] == "3" and frames.count("0") >= 2  # it begins anew in the second epoch
    assert re.search(rf"3/3.*━.*\d\d:\d\d.* {TIME}/step loss: {NUMBER} - accuracy: {NUMBER}", written)
    matches(shown(written), ["Train on 70 samples", epoch(1), epoch(2)])
    assert written.count("\x1b[?25l") == written.count("\x1b[?25h")  # the cursor is back


def test_two_is_plain_in_a_terminal_too():
    written = in_a_terminal(2)
    assert "\x1b" not in written
    matches(written.replace("\r\n", "\n").splitlines(), ["Train on 70 samples", epoch(1), epoch(2)])


def test_an_interrupt_leaves_no_bar_and_a_cursor(tmp_path):
    stop = (
        "from kcore.interfaces import Callback\n"
        "class Stop(Callback):\n"
        "    def on_train_batch_begin(self, batch, logs=None):\n"
        "        if batch == 1: raise KeyboardInterrupt\n"
        "try:\n"
        "    model.fit(x, y, verbose=1, callbacks=[Stop()])\n"
        "except KeyboardInterrupt:\n"
        "    print('interrupted')\n"
    )
    written = in_a_terminal(0, "None", stop)
    matches(shown(written), ["Train on 70 samples", "interrupted"])
    assert written.count("\x1b[?25l") == written.count("\x1b[?25h") == 1


def test_small_numbers_keep_their_digits_and_time_its_unit(capsys):
    from kcore_callbacks.progress import _duration, _number

    assert [_number(v) for v in (0, 0.5, 12.34567, 0.00012345, float("nan"))] == [
        "0.0000",
        "0.5000",
        "12.3457",
        "1.234e-04",
        "nan",
    ]
    assert [_duration(s) for s in (12.3, 1.26, 0.0123, 0.0000042, 3e-8)] == [
        "12s",
        "1.3s",
        "12ms",
        "4.2us",
        "30ns",
    ]


def test_the_display_is_found_by_name_like_any_callback():
    from kcore.interfaces import get

    display = get("callbacks", "progress")
    display.set_model(Sequential())
    assert type(display).__name__ == "Progress"
