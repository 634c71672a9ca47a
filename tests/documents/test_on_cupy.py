"""The documents' programs run unchanged by KCORE_BACKEND=cupy, to the same accuracy."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

import pytest

from kcore.backend import available_backends
from tests.documents.test_mlp import last_accuracy, program

HERE = Path(__file__).parent

pytestmark = pytest.mark.skipif(
    available_backends()["cupy"] is not None, reason="no GPU, nor the stand-in of tox -e standin"
)


def lines_of(text: str, environment: dict[str, str], backend: str) -> list[str]:
    """What a program prints on a backend."""
    variables = {**environment, "KCORE_BACKEND": backend, "KCORE_STANDIN": os.environ.get("KCORE_STANDIN", "")}
    done = subprocess.run([sys.executable, "-c", text], env=variables, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def numbers(lines: list[str]) -> list[float]:
    """The losses and accuracies of every epoch."""
    return [float(number) for line in lines for number in re.findall(r"(?:loss|accuracy): (\S+)", line)]


def test_the_perceptron(environment: dict[str, str], real_mnist: bool) -> None:
    accuracy = last_accuracy(lines_of(program(1, 1), environment, "cupy"), 1)
    assert accuracy > (0.95 if real_mnist else 0.8)


@pytest.mark.parametrize("name", ["lstm_every_step", "lstm_last_step"])
def test_the_recurrent_network(name: str, environment: dict[str, str]) -> None:
    seeded = "import kcore\nimport numpy\nkcore.utils.set_random_seed(1)\nnumpy.random.seed(1)\n"
    text = seeded + (HERE / name).with_suffix(".py").read_text("utf-8")
    there, here = (numbers(lines_of(text, environment, backend)) for backend in ("cupy", "numpy"))
    assert len(here) == 20  # of five epochs
    assert there == pytest.approx(here, rel=1e-3)
