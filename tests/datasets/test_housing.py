"""Boston and California: Keras's splits of small tables and, where they are, of the real ones."""

import inspect

import numpy as np
import pytest

from kcore_datasets import DatasetDamagedError, boston_housing, california_housing

SETS = {boston_housing: ("float64", (506, 13)), california_housing: ("float32", (20640, 8))}
both = pytest.mark.parametrize("module", SETS, ids=lambda module: module.__name__.rpartition(".")[2])


@pytest.fixture
def home(tmp_path, monkeypatch):
    monkeypatch.setenv("KCORE_DATA_HOME", str(tmp_path))
    monkeypatch.setenv("KCORE_OFFLINE", "1")
    return tmp_path


def table(module, **other):
    """Each row says its own number, and so does its price."""
    dtype, (rows, columns) = SETS[module]
    numbers = np.arange(rows, dtype=dtype)
    return {"x": np.repeat(numbers[:, None], columns, 1), "y": numbers} | other


@both
def test_the_signature_is_keras_s(module):
    name = module.__name__.rpartition(".")[2]
    wanted = {"version": "large"} if module is california_housing else {}
    wanted |= {"path": f"{name}.npz", "test_split": 0.2, "seed": 113}
    parameters = inspect.signature(module.load_data).parameters
    assert [(key, parameter.default) for key, parameter in parameters.items()] == list(wanted.items())


@both
@pytest.mark.parametrize(("split", "seed"), [(0.2, 113), (0.33, 7), (0, 113), (0.999, 0)])
def test_the_split_is_numpy_s_shuffle_of_the_seed(module, split, seed, home, write):
    dtype, (rows, columns) = SETS[module]
    write(home / module.FILES[0].name, table(module))
    order = np.arange(rows)
    np.random.RandomState(seed).shuffle(order)
    train = int(rows * (1 - split))
    for (x, y), wanted in zip(
        module.load_data(test_split=split, seed=seed), (order[:train], order[train:]), strict=True
    ):
        assert (x.dtype, y.dtype, x.shape) == (dtype, dtype, (len(wanted), columns))
        assert y.tolist() == x[:, 0].tolist() == x[:, -1].tolist() == wanted.tolist()


def test_small_is_the_first_600(home, write):
    write(home / "california_housing.npz", table(california_housing))
    (_, y_train), (_, y_test) = california_housing.load_data("small")
    assert (len(y_train), len(y_test)) == (480, 120)
    assert sorted([*y_train, *y_test]) == list(range(600))


def test_another_version():
    with pytest.raises(ValueError, match=r"version must be 'large' \(20,640 rows\) or 'small' \(600\); got 'tiny'"):
        california_housing.load_data("tiny")


@both
@pytest.mark.parametrize("split", [1, -0.1, float("nan")])
def test_an_impossible_test_split(module, split, home, write):
    write(home / module.FILES[0].name, table(module))
    with pytest.raises(ValueError, match=r"from 0 to less than 1; got"):
        module.load_data(test_split=split)


@both
@pytest.mark.parametrize("kind", ["missing row", "other dtype", "not a number", "infinite", "no prices"])
def test_damage(module, kind, home, write):
    dtype, shape = SETS[module]
    good = table(module)
    x, y, names = good["x"], good["y"], "x as " + f"{dtype} of shape {shape}"
    spoilt = x.copy()
    spoilt[3, 2] = np.nan if kind == "not a number" else np.inf
    arrays, wanted, got = {
        "missing row": ({"x": x[1:], "y": y[1:]}, names, f"{dtype} of shape {(shape[0] - 1, shape[1])}"),
        "other dtype": ({"x": x.astype("int32"), "y": y}, names, f"int32 of shape {shape}"),
        "not a number": ({"x": spoilt, "y": y}, names, "the value nan"),
        "infinite": ({"x": spoilt, "y": y}, names, "the value inf"),
        "no prices": ({"x": x}, "the arrays x, y", "x; missing: y"),
    }[kind]
    write(home / module.FILES[0].name, arrays)
    with pytest.raises(DatasetDamagedError) as caught:
        module.load_data()
    assert f"\n  expected: {wanted}\n  got:      {got}\n" in str(caught.value)


def real(module, real_data_home, monkeypatch):
    name = module.FILES[0].name
    if not (real_data_home / name).is_file():
        pytest.skip(f"REAL HOUSES NOT TESTED: no {name} in {real_data_home}; set KCORE_DATA_HOME")
    monkeypatch.setenv("KCORE_DATA_HOME", str(real_data_home))


def test_real_boston(real_data_home, monkeypatch):
    real(boston_housing, real_data_home, monkeypatch)
    (x_train, y_train), (x_test, y_test) = boston_housing.load_data()
    assert (x_train.shape, x_test.shape) == ((404, 13), (102, 13))
    first = [1.23247, 0, 8.14, 0, 0.538, 6.142, 91.7, 3.9769, 4, 307, 21, 396.9, 18.72]
    assert x_train[0].round(6).tolist() == first
    assert y_train[:6].tolist() == [15.2, 42.3, 50, 21.1, 17.7, 18.5] and y_test[:5].tolist() == [
        7.2,
        18.8,
        19,
        27,
        22.2,
    ]


def test_real_california(real_data_home, monkeypatch):
    real(california_housing, real_data_home, monkeypatch)
    (x_train, y_train), (x_test, y_test) = california_housing.load_data()
    assert (x_train.shape, x_test.shape) == ((16512, 8), (4128, 8))
    assert (min(y_train.min(), y_test.min()), max(y_train.max(), y_test.max())) == (14999, 500001)
    assert x_train[:, 0].min() > -125 and x_train[:, 0].max() < -114  # the longitude of California
