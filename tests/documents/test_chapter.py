"""Every program and fragment of the chapter, in its order; what only shows a signature is compared with kcore's own."""

from __future__ import annotations

import ast
import inspect
import re
from collections.abc import Callable
from pathlib import Path
from typing import Any

import numpy as np
import pytest

import kcore
from kcore.layers import Dense
from kcore.models import Model, Sequential
from tests.documents.chapter_text import CHAPTER, FRAGMENTS, fragment, lines, program

HERE = Path(__file__).parent
MODULES = {1: "losses", 9: "optimizers", 10: "metrics", 11: "metrics"}
OPTIMIZERS = {2: "SGD", 3: "RMSprop", 4: "Adagrad", 5: "Adadelta", 6: "Adam", 7: "Adamax", 8: "Nadam"}
LSTM = (15, 20)  # the first and the last of its fragments
CURES = {
    "lstm_last_step.py": ("return_sequences=True", "return_sequences=False"),
    "lstm_every_step.py": ("random((100, 10))", "random((100, 4, 10))"),
}

needs_chapter = pytest.mark.skipif(not CHAPTER.is_file(), reason=f"{CHAPTER} is not there")


@pytest.fixture(autouse=True)
def seeded(unseeded: None, monkeypatch: pytest.MonkeyPatch) -> None:
    """The same numbers at every run."""
    kcore.utils.set_random_seed(1)


def run(source: str, **presupposed: Any) -> dict[str, Any]:
    """What a program has made, given what its reader has made before."""
    made = presupposed
    exec(compile(source, "<chapter>", "exec"), made)
    return made


def statements(source: str) -> list[str]:
    """Those of a program in an order of their own, since imports may go to its head."""
    return sorted(ast.unparse(statement) for statement in ast.parse(source).body)


@needs_chapter
def test_the_fragments_are_the_chapter_s() -> None:
    left = lines(CHAPTER.read_text("utf-8"))
    at = 0
    for file in FRAGMENTS:
        cut = file.read_text("utf-8").replace("kcore", "keras").splitlines()
        starts = [i for i in range(at, len(left)) if left[i : i + len(cut)] == cut]
        assert starts, f"{file.name} is not in the chapter, or not in this place"
        left[starts[0] : starts[0] + len(cut)] = [""] * len(cut)
        at = starts[0] + len(cut)
    code = [line for line in left if re.match(r"from \w|import \w|\w+\(|[\w.]+\.\w+\(|[\w,() ]+ = ", line)]
    assert not code, f"no fragment holds these lines of the chapter: {code}"


@pytest.mark.parametrize("number", MODULES)
def test_modules_are_imported(number: int) -> None:
    name = MODULES[number]
    assert run(fragment(number))[name] is getattr(kcore, name)


@pytest.mark.parametrize("number", OPTIMIZERS)
def test_optimizers_have_the_arguments_and_defaults_that_are_shown(number: int) -> None:
    source = fragment(number)
    run(source, kcore=kcore)
    call = ast.parse(source.strip(), mode="eval").body
    assert isinstance(call, ast.Call) and not call.args
    shown = {k.arg: ast.literal_eval(k.value) for k in call.keywords}
    made = eval(source, {"kcore": kcore})
    assert type(made).__name__ == OPTIMIZERS[number]
    parameters = inspect.signature(type(made)).parameters
    assert {name: parameters[name].default for name in shown} == shown
    assert [name for name in parameters if name in shown] == list(shown)
    assert made.get_config() == type(made)().get_config()


def test_compile_has_the_arguments_that_are_shown() -> None:
    call = ast.parse(fragment(12).strip(), mode="eval").body
    assert isinstance(call, ast.Call)
    shown = {k.arg: ast.literal_eval(k.value) for k in call.keywords}
    _, first, *others = list(inspect.signature(Model.compile).parameters.values())[: 2 + len(shown)]
    assert [first.name] == [ast.unparse(a) for a in call.args] == ["optimizer"]
    assert {p.name: p.default for p in others} == shown and [p.name for p in others] == list(shown)
    assert {p.kind for p in [first, *others]} == {inspect.Parameter.POSITIONAL_OR_KEYWORD}


def test_fit_has_the_arguments_that_are_shown() -> None:
    given, named = re.fullmatch(r"model\.fit\((\w+, \w+), (\w+=, \w+=)\)\n", fragment(14)).groups()
    with pytest.raises(SyntaxError):
        compile(fragment(14), "<chapter>", "exec")
    names = re.findall(r"\w+", named)
    bound = inspect.signature(Model.fit).bind("model", *given.split(", "), **dict.fromkeys(names, 1))
    assert list(bound.arguments)[1:3] == given.lower().split(", ") and names == ["epochs", "batch_size"]


@pytest.mark.parametrize("classes", [3, 10])
def test_the_sample_code_compiles_a_model_that_trains(classes: int) -> None:
    model = Sequential([Dense(classes, activation="softmax")])
    run(fragment(13), model=model)
    labels = np.arange(40) % classes
    x = np.eye(classes)[labels]
    history = model.fit(x, x, batch_size=8, epochs=20, verbose=0).history
    assert list(history) == ["loss", "categorical_accuracy"]
    assert history["loss"][-1] < history["loss"][0]


# the LSTM --------------------------------------------------------------------------------------------------


CURE = (
    "has shape (100, 10), but the model gives outputs of shape (batch, 4, 10). The targets have no steps, the outputs "
    "have 4: give the last recurrent layer return_sequences=False, so that it returns its last step only, or give "
    "targets of shape (100, 4, 10), one for each step. Where there is no recurrent layer, a Flatten() is missing."
)


@pytest.mark.parametrize("cured, name", [("", "y"), ("y_train", "validation y")])
def test_the_lstm_program_is_refused_before_the_first_batch(
    cured: str, name: str, capsys: pytest.CaptureFixture[str]
) -> None:
    """As it stands, and where its validation data alone are wrong."""
    source = program(*LSTM).replace(
        f"{cured or None} = np.random.random((100, 10))", f"{cured} = np.random.random((100, 4, 10))"
    )
    made: dict[str, Any] = {}
    with pytest.raises(ValueError) as refused:
        exec(source, made)
    assert str(refused.value) == f"{name} {CURE}"
    assert int(made["model"].optimizer.iterations) == 0 and not capsys.readouterr().out


@pytest.mark.parametrize("name", CURES)
def test_a_cure_differs_from_the_program_in_one_thing(name: str) -> None:
    before, after = CURES[name]
    assert statements((HERE / name).read_text("utf-8")) == statements(program(*LSTM).replace(before, after))


@pytest.mark.parametrize("name", CURES)
@pytest.mark.parametrize("seed", [1, 2, 3])
def test_both_cures_train(name: str, seed: int, backend: Any) -> None:
    kcore.utils.set_random_seed(seed)
    model = run((HERE / name).read_text("utf-8"))["model"]
    history = model.history.history
    assert list(history) == ["loss", "accuracy", "val_loss", "val_accuracy"]
    assert np.isfinite(list(history.values())).all() and all(len(values) == 5 for values in history.values())
    assert (np.diff(history["loss"]) < 0).all() and (np.diff(history["val_loss"]) < 0).all(), history


# MNIST -----------------------------------------------------------------------------------------------------


def test_the_perceptron_step_by_step(run_program: Callable[..., list[str]], full: bool) -> None:
    """From the chapter's "Loading the MNIST Dataset" to its step 6."""
    source = program(21, 27)
    assert source.count("epochs=20") == 1
    told = run_program(source if full else source.replace("epochs=20", "epochs=1"))
    assert told[0] == "Train on 60000 samples, validate on 10000 samples"
    assert len(told) == (21 if full else 2)
