"""The documents' multi-layer perceptron: one epoch in the ordinary tests, all twenty with three seeds by `--full`."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest

from tests.documents.chapter_text import fragment

ANNOUNCED = """
# Evaluate it, and predict
score = model.evaluate(x_test, y_test, verbose=0)
print("Test loss:", score[0])
print("Test accuracy:", score[1])

pred = model.predict(x_test)
pred = np.argmax(pred, axis=1)[:5]
label = np.argmax(y_test, axis=1)[:5]
print(pred)
print(label)
"""  # what the chapter announces for the next one

NUMBER = r"\d+\.\d+(?:e-\d+)?"
LOGS = rf"loss: {NUMBER} - accuracy: {NUMBER} - val_loss: {NUMBER} - val_accuracy: (?P<accuracy>{NUMBER})"
EPOCH = rf"Epoch (?P<epoch>\d+)/\d+ - 469 steps - \S+ \S+/step - {LOGS}"


def program(epochs: int, seed: int) -> str:
    """The program, to be trained for so many epochs."""
    text = fragment(28) + ANNOUNCED
    assert text.count("epochs=20") == text.count("import kcore\n") == 1
    seeded = f"import kcore\nkcore.utils.set_random_seed({seed})\n"
    return text.replace("epochs=20", f"epochs={epochs}").replace("import kcore\n", seeded)


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


def test_one_epoch(run_program: Callable[[str], list[str]], real_mnist: bool) -> None:
    accuracy = last_accuracy(run_program(program(1, 1)), 1)
    # Enlarged digits give 0.87 to 0.93 after an epoch, by seed: few images, and other writers in the test part.
    assert accuracy > (0.95 if real_mnist else 0.8)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_twenty_epochs(seed: int, run_program: Callable[[str], list[str]], real_mnist: bool, full: bool) -> None:
    if not full:
        pytest.skip("twenty epochs take a minute: run by --full, or tox -e documents-full")
    if not real_mnist:
        pytest.skip("KCORE_DATA_HOME has no mnist.npz: the accuracy of the documents needs the real one")
    accuracy = last_accuracy(run_program(program(20, seed)), 20)
    print(f"seed {seed}: validation accuracy {accuracy:.4f} after 20 epochs")
    assert accuracy >= 0.981
