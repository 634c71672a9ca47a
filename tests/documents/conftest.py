"""MNIST for the documents' programs: the real file where KCORE_DATA_HOME has it, else one of its exact layout."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture(scope="session")
def real_mnist() -> bool:
    """Whether the numbers are MNIST's, so that accuracies mean something."""
    home = os.environ.get("KCORE_DATA_HOME")
    return home is not None and (Path(home) / "mnist.npz").is_file()


@pytest.fixture(scope="session")
def environment(real_mnist: bool, tmp_path_factory: pytest.TempPathFactory) -> dict[str, str]:
    """What a program's process gets."""
    paths = [str(ROOT), str(ROOT / "backends"), str(ROOT / "plugins"), os.environ.get("PYTHONPATH", "")]
    environment = os.environ | {"PYTHONPATH": os.pathsep.join(paths), "KCORE_OFFLINE": "1", "PYTHONWARNINGS": "error"}
    if not real_mnist:
        folder = tmp_path_factory.mktemp("data")
        _enlarged_digits(folder / "mnist.npz")
        environment["KCORE_DATA_HOME"] = str(folder)
    return environment


@pytest.fixture
def full(request: pytest.FixtureRequest) -> bool:
    """Whether programs run to their last epoch."""
    return bool(request.config.getoption("--full"))


@pytest.fixture
def run_program(environment: dict[str, str]) -> Callable[[str], list[str]]:
    """Run a program in a process of its own, and give the lines that it prints."""

    def run(text: str) -> list[str]:
        done = subprocess.run(
            [sys.executable, "-c", text], env=environment, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, done.stderr
        return done.stdout.splitlines()

    return run


def _enlarged_digits(file: Path) -> None:
    """The digits that ship with kcore, repeated and enlarged to MNIST's numbers and sizes."""
    from kcore.datasets import digits

    arrays = {}
    for (images, labels), count, part in zip(digits.load_data(), (60_000, 10_000), ("train", "test"), strict=True):
        rows = np.arange(count) % len(images)
        large = np.kron(images[rows], np.ones((1, 3, 3), np.uint8)) * 15
        arrays[f"x_{part}"] = np.pad(large, ((0, 0), (2, 2), (2, 2)))
        arrays[f"y_{part}"] = labels[rows]
    np.savez(file, **arrays)
