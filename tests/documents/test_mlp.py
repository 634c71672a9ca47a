"""The documents' multi-layer perceptron: one epoch in the ordinary tests, all twenty with three seeds by `--full`."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

PROGRAM = Path(__file__).with_name("mlp.py")
NUMBER = r"\d+\.\d+(?:e-\d+)?"
LOGS = rf"loss: {NUMBER} - accuracy: {NUMBER} - val_loss: {NUMBER} - val_accuracy: (?P<accuracy>{NUMBER})"
EPOCH = rf"Epoch (?P<epoch>\d+)/\d+ - 469 steps - \S+ \S+/step - {LOGS}"


def run(epochs: int, seed: int, environment: dict[str, str]) -> list[str]:
    """The lines that the program prints when it trains for so many epochs."""
    text = PROGRAM.read_text(encoding="utf-8")
    assert text.count("epochs=20") == 1
    text = text.replace("epochs=20", f"epochs={epochs}").replace(
        "import kcore\n", f"import kcore\nkcore.utils.set_random_seed({seed})\n", 1
    )
    done = subprocess.run([sys.executable, "-c", text], env=environment, capture_output=True, text=True, check=False)
    assert done.returncode == 0, done.stderr
    return done.stdout.splitlines()


def last_accuracy(lines: list[str], epochs: int) -> float:
    """The last epoch's validation accuracy, after the form of what was printed is checked."""
    assert lines[0] == "Train on 60000 samples, validate on 10000 samples"
    told = [re.fullmatch(EPOCH, line) for line in lines[1 : epochs + 1]]
    assert all(told), lines
    assert [int(t["epoch"]) for t in told if t] == list(range(1, epochs + 1))
    assert lines[epochs + 1].startswith("Test loss: ")
    last = float(told[-1]["accuracy"])
    assert float(lines[epochs + 2].removeprefix("Test accuracy: ")) == pytest.approx(last, abs=1e-4)
    assert len(lines) == epochs + 5
    return last


def test_one_epoch(environment: dict[str, str], real_mnist: bool) -> None:
    accuracy = last_accuracy(run(1, 1, environment), 1)
    assert accuracy > (0.95 if real_mnist else 0.9)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_twenty_epochs(
    seed: int, environment: dict[str, str], real_mnist: bool, request: pytest.FixtureRequest
) -> None:
    if not request.config.getoption("--full"):
        pytest.skip("twenty epochs take a minute: run by --full, or tox -e documents-full")
    if not real_mnist:
        pytest.skip("KCORE_DATA_HOME has no mnist.npz: the accuracy of the documents needs the real one")
    accuracy = last_accuracy(run(20, seed, environment), 20)
    print(f"seed {seed}: validation accuracy {accuracy:.4f} after 20 epochs")
    assert accuracy >= 0.981
