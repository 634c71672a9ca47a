"""Every name of the chapter is run by a program of tests/documents, or listed here with the reason."""

from __future__ import annotations

import re
from pathlib import Path

import pytest

from tests.documents.chapter_text import CHAPTER, FRAGMENTS, names, words
from tests.documents.conftest import ROOT

HERE = Path(__file__).parent
PAGE = ROOT / "docs" / "chapter.md"
SIGNATURES = {"12_compile_signature.py", "14_fit_signature.txt"}  # they are read, not run
PROGRAMS = [file for file in FRAGMENTS if file.name not in SIGNATURES]
PROGRAMS += [*sorted(HERE.glob("every_*.py")), *sorted(HERE.glob("lstm_*.py"))]

NOT_RUN = {
    "keras": "become kcore in all programs",
    "X": "stands for a program's own array, in a line that does not parse: test_chapter.py binds it",
    "number_samples": "stands for a number",
    "loss_weights": "means something with several outputs: tests/models/test_compile_outputs.py",
    "sample_weight_mode": "means something with weights: tests/models/test_weights_of_samples.py",
    "weighted_metrics": "means something with weights: tests/models/test_compile_outputs.py",
    "target_tensors": "takes the place of y: tests/models/test_compile_outputs.py",
    "val_loss": "what fit tells of validation data: test_chapter.py finds it in the history",
    "acc": "the output's short word for accuracy; tests/models/test_compile_outputs.py compiles it",
    "val_acc": "the same over the validation data",
    "CIFAR10": "cifar10: tests/datasets/test_cifar.py loads it",
    "CIFAR100": "cifar100: tests/datasets/test_cifar.py loads it",
    "IMDB": "imdb: tests/datasets/test_texts.py loads it, and tests/programs/imdb.py trains on it",
    "Reuters": "reuters: tests/datasets/test_texts.py loads it, and tests/programs/reuters.py trains on it",
    "MNIST": "mnist, which the programs import",
    "Fashion-MNIST": "fashion_mnist: tests/datasets/test_idx.py loads it, tests/programs/fashion_mnist.py trains on it",
    "Boston": "boston_housing: tests/datasets/test_housing.py loads it, and tests/programs/boston.py trains on it",
}

chapter = pytest.mark.skipif(not CHAPTER.is_file(), reason=f"{CHAPTER} is not there")


def missing(text: str) -> set[str]:
    """The names in a text of the chapter that no program runs and no reason excuses."""
    run = set().union(*(words(file.read_text("utf-8")) for file in PROGRAMS))
    return names(text) - run - set(NOT_RUN)


@chapter
def test_every_name_of_the_chapter_is_run_or_listed() -> None:
    assert not missing(CHAPTER.read_text("utf-8"))


@chapter
def test_no_reason_is_left_over() -> None:
    found = names(CHAPTER.read_text("utf-8"))
    assert set(NOT_RUN) <= found


@pytest.mark.parametrize(
    "addition, name",
    [
        ("- **`tversky`**: Computes the Tversky loss.", "tversky"),
        ("- **auc_pr**: Measures the area.", "auc_pr"),
        ("- SVHN: House numbers", "SVHN"),
        ("It is set by `verbosity`.", "verbosity"),
        ("You call `freeze()` before.", "freeze"),
        ("from keras.layers import Conv9D, Dense", "Conv9D"),
        ("from keras.wizards import Dense", "wizards"),
        ("keras.optimizers.Lion7(learning_rate=0.01)", "Lion7"),
        ("model.add(Dense(10, kernel_fancy=1))", "kernel_fancy"),
        ("model.compile(loss='fancy_loss')", "fancy_loss"),
        ("    metrics=['accuracy', \"precision_at\"]", "precision_at"),
        ("model.distill(x_train)", "distill"),
        ("- acc: 0.9236 - val_prec: 0.9675 Epoch 2/20", "val_prec"),
        ("-loss function is set as other_error", "other_error"),
    ],
)
def test_a_name_that_is_added_is_found(addition: str, name: str) -> None:
    text = CHAPTER.read_text("utf-8") if CHAPTER.is_file() else ""
    middle = text.index("### Create Layers") if "### Create Layers" in text else len(text) // 2
    at = text.find("\n", middle) + 1
    assert missing(f"{text[:at]}{addition}\n{text[at:]}") == {name}


# the page --------------------------------------------------------------------------------------------------


def _rows() -> list[tuple[list[str], list[str]]]:
    """Of each row of the page's tables, the names and the tests."""
    rows = re.findall(r"^\| (`[^|]+) \| [^|]+ \| (`?[^|]+) \|$", PAGE.read_text("utf-8"), re.MULTILINE)
    return [(re.findall(r"`([^`]+)`", first), re.findall(r"`([^`]+)`", last)) for first, last in rows]


def test_the_page_names_what_the_programs_of_names_run() -> None:
    named = {name for row, _ in _rows() for name in row}
    for program in ("every_loss.py", "every_metric.py"):
        text = (HERE / program).read_text("utf-8")
        listed = re.search(r"NAMES = \((.*?)\)", text, re.DOTALL)
        assert listed and set(re.findall(r'"(\w+)"', listed[1])) <= named


@chapter
def test_the_page_names_all_that_the_chapter_names() -> None:
    told = {word for row, _ in _rows() for name in row for word in re.findall(r"[A-Za-z_][\w-]*", name)}
    assert names(CHAPTER.read_text("utf-8")) <= told


def test_the_tests_that_the_page_names_are_there() -> None:
    assert _rows()
    for row, tests in _rows():
        assert tests, f"docs/chapter.md names no test for {row}"
        for test in tests:
            path, _, function = test.partition("::")
            text = (ROOT / "tests" / path).read_text("utf-8")
            assert not function or f"def {function}(" in text, f"docs/chapter.md: there is no {test}"
