"""Weights in files: there and back, Keras's files, crashes, and files that are damaged or of something else."""

from __future__ import annotations

import errno
import os
import pathlib
import subprocess
import sys
import time
import zipfile
from collections.abc import Callable
from typing import Any

import attrs
import numpy as np
import pytest

from kcore.graph import Variable
from kcore.layers import LSTM, Dense, Dropout, Layer
from kcore.models import Sequential
from tests.models import keras_file

h5py = pytest.importorskip("h5py")

SUFFIXES = ".safetensors", ".weights.h5"
suffixes = pytest.mark.parametrize("suffix", SUFFIXES)


class Tower(Layer):
    """Layers in attributes, lists and dictionaries, one of them twice, and a variable of its own."""

    def __init__(self, **kwargs: Any) -> None:
        super().__init__(**kwargs)
        self.top = Dense(3)
        self.same = self.top
        self.steps = [Dense(3), Dense(3)]
        self._hidden = {"a": Dense(3, use_bias=False)}
        self.shift = Variable(np.float32(1.5), name="shift")

    def call(self, x: Any) -> Any:
        for layer in (self.top, *self.steps, self._hidden["a"], self.same):
            x = layer(x)
        return x + self.shift


def mlp(width: int = 4, dtype: str = "float32") -> Sequential:
    return Sequential([Dense(width, input_shape=(3,), dtype=dtype), Dropout(0.5, dtype=dtype), Dense(2, dtype=dtype)])


def towers() -> Sequential:
    return Sequential([Dense(3, input_shape=(3,)), Tower(), Tower(), Sequential([Dense(2, input_shape=(3,))])])


def recurrent() -> Sequential:
    return Sequential([LSTM(3, return_sequences=True, input_shape=(4, 2)), LSTM(2, use_bias=False), Dense(1)])


def same(a: Sequential, b: list[np.ndarray]) -> bool:
    return all(np.array_equal(x, y) and x.dtype == y.dtype for x, y in zip(a.get_weights(), b, strict=True))


# there and back -------------------------------------------------------------------------------------------


@suffixes
@pytest.mark.parametrize("make", [mlp, towers, recurrent])
def test_weights_come_back(make: Callable[[], Sequential], suffix: str, tmp_path: pathlib.Path, backend: Any) -> None:
    saved, loaded = make(), make()
    saved.build(saved.batch_shape)
    path = tmp_path / f"model{suffix}"
    assert saved.save_weights(path) is None
    loaded.load_weights(str(path))
    assert same(loaded, saved.get_weights())
    x = np.ones((2, *(n or 1 for n in saved.batch_shape[1:])))
    np.testing.assert_array_equal(loaded.predict(x), saved.predict(x))
    assert list(tmp_path.iterdir()) == [path]


@suffixes
def test_a_trained_model_goes_on_from_its_file(suffix: str, tmp_path: pathlib.Path) -> None:
    x, y = np.random.default_rng(0).normal(size=(40, 3)), np.ones((40, 2))
    model = mlp()
    model.compile("rmsprop", "mean_squared_error")
    model.fit(x, y, verbose=0)
    path = tmp_path / f"model{suffix}"
    model.save_weights(path)
    kept, answer = model.get_weights(), model.predict(x)
    model.fit(x, y, verbose=0)
    assert not same(model, kept)
    model.load_weights(path)
    np.testing.assert_array_equal(model.predict(x), answer)
    model.fit(x, y, verbose=0)
    assert not same(model, kept)


@suffixes
@pytest.mark.parametrize("dtype", ["float16", "float32", "float64"])
def test_every_dtype(dtype: str, suffix: str, tmp_path: pathlib.Path) -> None:
    saved, loaded = mlp(dtype=dtype), mlp(dtype=dtype)
    saved.save_weights(tmp_path / f"m{suffix}")
    loaded.load_weights(tmp_path / f"m{suffix}")
    assert same(loaded, saved.get_weights())


@suffixes
def test_narrower_numbers_are_taken_and_wider_ones_refused(suffix: str, tmp_path: pathlib.Path) -> None:
    narrow, wide, path = mlp(), mlp(dtype="float64"), tmp_path / f"m{suffix}"
    narrow.save_weights(path)
    wide.load_weights(path)
    assert same(wide, [w.astype("float64") for w in narrow.get_weights()])
    wide.save_weights(path)
    with pytest.raises(ValueError, match=r"dense/kernel.*: the model holds float32, the file float64"):
        narrow.load_weights(path)


def test_names_of_safetensors_are_paths_made_unique(tmp_path: pathlib.Path) -> None:
    from safetensors.numpy import load_file

    towers().save_weights(tmp_path / "m.safetensors")
    names = set(load_file(tmp_path / "m.safetensors"))
    assert {"dense/kernel", "dense/kernel_1", "shift", "shift_1"} <= names
    assert len(names) == len(towers().weights)


def test_a_model_that_knows_no_shape_is_not_built(tmp_path: pathlib.Path) -> None:
    for call in (Sequential([Dense(2)]).save_weights, Sequential([Dense(2)]).load_weights):
        with pytest.raises(ValueError, match="does not know the shape of its input yet"):
            call(tmp_path / "m.safetensors")


# Keras's files --------------------------------------------------------------------------------------------


def like_keras_file() -> Sequential:
    inner = Sequential([Dense(3, activation="relu", input_shape=(2,)), Dense(2)])
    lstms = [LSTM(3, return_sequences=True, input_shape=(4, 2)), LSTM(2, use_bias=False)]
    return Sequential([*lstms, Dropout(0.1), inner, Dense(1)])


def test_a_file_of_keras_is_loaded_without_its_optimizer() -> None:
    model = like_keras_file()
    model.load_weights(keras_file.FILE)
    assert same(model, keras_file.weights([w.shape for w in model.weights]))


def test_a_file_for_keras_has_the_layout_of_keras(tmp_path: pathlib.Path) -> None:
    def layout(path: pathlib.Path) -> dict[str, Any]:
        found = {}
        with h5py.File(path) as file:
            file.visititems(
                lambda name, item: found.update({name: (item.shape, item.dtype)}) if hasattr(item, "shape") else None
            )
        return {name: what for name, what in found.items() if not name.startswith("optimizer")}

    model = like_keras_file()
    model.save_weights(tmp_path / "m.weights.h5")
    assert layout(tmp_path / "m.weights.h5") == layout(keras_file.FILE)
    towers().save_weights(tmp_path / "m.weights.h5")
    names = {name.removeprefix("layers/tower_1/") for name in layout(tmp_path / "m.weights.h5")}
    assert {"vars/0", "same/vars/1", "steps/dense/vars/0", "steps/dense_1/vars/0", "_hidden/dense/vars/0"} <= names
    assert "top/vars/0" not in names and "layers/sequential/layers/dense/vars/0" in names


def test_without_h5py(tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setitem(sys.modules, "h5py", None)
    with pytest.raises(ImportError, match=r'need h5py, which is not installed: pip install "kcore\[h5\]"'):
        mlp().save_weights(tmp_path / "m.weights.h5")
    assert not list(tmp_path.iterdir())


# writing --------------------------------------------------------------------------------------------------


@suffixes
def test_an_error_while_writing_leaves_the_old_file(
    suffix: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    path = tmp_path / f"m{suffix}"
    mlp().save_weights(path)
    before = path.read_bytes()

    def full(descriptor: int) -> None:
        raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))

    monkeypatch.setattr(os, "fsync", full)
    with pytest.raises(OSError, match=r"save_weights cannot write .*: No space left on device"):
        mlp().save_weights(path)
    assert path.read_bytes() == before and list(tmp_path.iterdir()) == [path]


def test_where_it_cannot_be_written(tmp_path: pathlib.Path) -> None:
    model, path = mlp(), tmp_path / "m.safetensors"
    with pytest.raises(FileNotFoundError, match=r"there is no folder .*none'; make it first"):
        model.save_weights(tmp_path / "none" / "m.safetensors")
    (tmp_path / "folder.safetensors").mkdir()
    with pytest.raises(IsADirectoryError, match="is a folder; give the path of a file in it"):
        model.save_weights(tmp_path / "folder.safetensors")
    model.save_weights(path)
    with pytest.raises(FileExistsError, match="is there already, and overwrite=False"):
        model.save_weights(path, overwrite=False)
    model.save_weights(path)
    with pytest.raises(TypeError, match="takes the path of a file; got NoneType: None"):
        model.save_weights(None)


@pytest.mark.parametrize("name", ["model", "model.keras", "model.h5", "model.npz"])
def test_other_endings_are_refused(name: str) -> None:
    text = r"the path must end in \.safetensors or \.weights\.h5; got '" + name
    for call in (mlp().save_weights, mlp().load_weights):
        with pytest.raises(ValueError, match=text) as refused:
            call(name)
        assert ("hold whole models" in str(refused.value)) == name.endswith((".keras", ".h5"))


def test_a_link_stays_a_link_and_rights_stay(tmp_path: pathlib.Path) -> None:
    file, link = tmp_path / "file.safetensors", tmp_path / "link.safetensors"
    mlp().save_weights(file)
    file.chmod(0o640)
    link.symlink_to(file)
    model = mlp()
    model.save_weights(link)
    assert link.is_symlink() and file.stat().st_mode & 0o777 == 0o640
    mlp().load_weights(file)


SAVER = """
import sys
import numpy as np
from kcore.layers import Dense
from kcore.models import Sequential

model = Sequential([Dense(600, input_shape=(600,))])
for i in range(10**6):
    model.set_weights([np.full(w.shape, i) for w in model.weights])
    model.save_weights(sys.argv[1])
    print(i, flush=True)
"""


@suffixes
def test_a_process_killed_while_it_saves_leaves_a_whole_file(suffix: str, tmp_path: pathlib.Path) -> None:
    path, model = tmp_path / f"m{suffix}", Sequential([Dense(600, input_shape=(600,))])
    rng = np.random.default_rng(0)
    environment = {**os.environ, "PYTHONPATH": os.pathsep.join(sys.path)}
    for _ in range(5):
        child = subprocess.Popen([sys.executable, "-c", SAVER, path], stdout=subprocess.PIPE, env=environment)
        assert child.stdout is not None
        for _ in range(3):
            assert child.stdout.readline()
        time.sleep(rng.uniform(0, 0.02))  # anywhere in a save
        child.kill()
        child.wait(timeout=60)
        child.stdout.close()
        model.load_weights(path)
        kernel, bias = model.get_weights()
        assert kernel[0, 0] >= 2 and (kernel == kernel[0, 0]).all() and (bias == kernel[0, 0]).all()


# reading --------------------------------------------------------------------------------------------------


@attrs.frozen
class Damage:
    """What is done to a file of weights, and what the error says."""

    does: Callable[[pathlib.Path], Any]
    says: str


def cut(share: float) -> Callable[[pathlib.Path], Any]:
    return lambda path: path.write_bytes(path.read_bytes()[: int(share * path.stat().st_size)])


def text(path: pathlib.Path) -> Any:
    path.write_text("<html>404 not found</html>")


def archive(path: pathlib.Path) -> None:
    with zipfile.ZipFile(path, "w") as file:
        file.writestr("x", "y")


def changed(change: Callable[[dict[str, np.ndarray]], Any]) -> Callable[[pathlib.Path], None]:
    """A file whose arrays, by name, were changed."""

    def do(path: pathlib.Path) -> None:
        from safetensors.numpy import load_file, save_file

        if path.suffix == ".h5":
            arrays = {}
            with h5py.File(path) as file:
                file.visititems(lambda name, item: arrays.update({name: item[()]}) if hasattr(item, "shape") else None)
            change(arrays)
            with h5py.File(path, "w") as file:
                for name, array in arrays.items():
                    file[name] = array
        else:
            arrays = load_file(path)
            change(arrays)
            save_file(arrays, path)

    return do


def first(arrays: dict[str, np.ndarray]) -> str:
    return min(arrays)


DAMAGES = {
    "empty": Damage(lambda path: path.write_bytes(b""), "what it holds is empty"),
    "text": Damage(text, "what it holds is text"),
    "archive": Damage(archive, r"is a zip archive, as \.keras, \.npz and \.pt files are"),
    "pickle": Damage(lambda path: path.write_bytes(b"\x80\x04cos\nsystem\n"), "what it holds is a pickle"),
    "numpy": Damage(lambda path: path.write_bytes(b"\x93NUMPY\x01\x00"), "what it holds is one NumPy array"),
    "noise": Damage(lambda path: path.write_bytes(bytes(range(200, 256))), "is unknown: it begins with c8 c9 ca"),
    "cut late": Damage(cut(0.95), r"is a damaged .* file \(.*\)\. Was it copied or downloaded whole\?"),
    "cut early": Damage(cut(0.3), r"is a damaged .* file"),
    "missing": Damage(changed(lambda arrays: arrays.pop(first(arrays))), r"\[4\]: not in the file|\[3, 4\]: not in"),
    "more": Damage(
        changed(lambda a: a.update(extra=np.ones(2, "float32"))), r"extra \[2\]: in the file, not in the model"
    ),
    "shape": Damage(
        changed(lambda a: a.update({first(a): np.ones((5, 1), "float32")})),
        r"the model has shape .*, the file \(5, 1\)",
    ),
    "integers": Damage(
        changed(lambda a: a.update({first(a): a[first(a)].astype("int64")})), "the model holds float32, the file int64"
    ),
    "bytes": Damage(
        changed(lambda a: a.update({first(a): a[first(a)].astype("int8")})), "the model holds float32, the file int8"
    ),
    "nothing": Damage(changed(lambda a: a.clear()), "not in the file"),
}


@suffixes
@pytest.mark.parametrize("damage", DAMAGES.values(), ids=DAMAGES)
def test_damaged_and_foreign_files_are_told_and_change_nothing(
    damage: Damage, suffix: str, tmp_path: pathlib.Path
) -> None:
    model, path = mlp(), tmp_path / f"model{suffix}"
    mlp().save_weights(path)
    damage.does(path)
    before = model.get_weights()
    with pytest.raises(ValueError, match=damage.says) as told:
        model.load_weights(path)
    assert f"load_weights: '{path}' " in str(told.value)
    assert same(model, before)


@suffixes
def test_files_that_cannot_be_read(suffix: str, tmp_path: pathlib.Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / f"model{suffix}"
    with pytest.raises(FileNotFoundError, match=r"load_weights cannot read .*: No such file or directory"):
        mlp().load_weights(path)
    path.mkdir()
    with pytest.raises(IsADirectoryError, match=r"load_weights cannot read .*: it is a folder"):
        mlp().load_weights(path)

    def refused(*args: Any) -> None:
        raise PermissionError(errno.EACCES, os.strerror(errno.EACCES))

    monkeypatch.setattr(pathlib.Path, "open", refused)
    with pytest.raises(PermissionError, match=r"load_weights cannot read .*: Permission denied"):
        mlp().load_weights(path)


def test_the_other_format_under_a_name_is_told(tmp_path: pathlib.Path) -> None:
    mlp().save_weights(tmp_path / "a.weights.h5")
    (tmp_path / "a.weights.h5").rename(tmp_path / "a.safetensors")
    with pytest.raises(ValueError, match=r"holds is an HDF5 file\. Name it \.weights\.h5"):
        mlp().load_weights(tmp_path / "a.safetensors")


@suffixes
def test_every_difference_is_told_up_to_five(suffix: str, tmp_path: pathlib.Path) -> None:
    path = tmp_path / f"model{suffix}"
    mlp(width=5).save_weights(path)
    with pytest.raises(ValueError, match="does not fit model 'sequential', which is left as it was:") as told:
        mlp().load_weights(path)
    assert str(told.value).count("\n") == 4 and "(3, 4), the file (3, 5)" in str(told.value)
    recurrent().save_weights(path)
    with pytest.raises(ValueError, match=r"\n  and \d+ more\nBuild the model with the layers whose weights were saved"):
        mlp().load_weights(path)


@suffixes
def test_skip_mismatch_loads_what_fits_and_warns(suffix: str, tmp_path: pathlib.Path) -> None:
    saved, model, path = mlp(width=5), mlp(), tmp_path / f"model{suffix}"
    saved.set_weights([w + 1 for w in saved.get_weights()])
    saved.save_weights(path)
    before = model.get_weights()
    with pytest.warns(UserWarning, match=r"the rest is loaded:\n.*dense/kernel.*: the model has shape") as warned:
        model.load_weights(path, skip_mismatch=True)
    assert warned[0].filename == __file__
    assert same(model, [*before[:3], saved.get_weights()[3]])


def test_numbers_that_are_damaged_are_told(tmp_path: pathlib.Path) -> None:
    model, path = mlp(), tmp_path / "m.weights.h5"
    model.save_weights(path)
    with h5py.File(path, "a") as file:
        del file["layers/dense/vars/0"]
        file.create_dataset("layers/dense/vars/0", data=np.ones((3, 4), "float32"), chunks=(3, 4), fletcher32=True)
    data = path.read_bytes()
    ones = np.ones(12, "float32").tobytes()
    assert data.count(ones) == 1
    path.write_bytes(data.replace(ones, ones[:-1] + b"\x00"))
    before = model.get_weights()
    with pytest.raises(ValueError, match=r"is a damaged \.weights\.h5 file"):
        model.load_weights(path)
    assert same(model, before)


def test_links_out_of_a_file_and_objects_are_not_followed(tmp_path: pathlib.Path) -> None:
    model, path = mlp(), tmp_path / "m.weights.h5"
    model.save_weights(path)
    model.save_weights(tmp_path / "other.weights.h5")
    kernel = "layers/dense/vars/0"
    layout = h5py.VirtualLayout(shape=(3, 4), dtype="float32")
    layout[:] = h5py.VirtualSource(tmp_path / "other.weights.h5", kernel, shape=(3, 4))
    text = h5py.string_dtype()
    hostile: dict[str, Callable[[Any], Any]] = {
        "not in the file": lambda file: file.__setitem__(kernel, h5py.ExternalLink("other.weights.h5", kernel)),
        "not in the file ": lambda file: file.__setitem__(kernel, h5py.SoftLink("/layers/dense_1/vars/0")),
        "not in the file  ": lambda file: file.create_virtual_dataset(kernel, layout),
        "the model holds float32, the file object": lambda file: file.create_dataset(kernel, (3, 4), dtype=text),
    }
    for says, do in hostile.items():
        with h5py.File(path, "a") as file:
            del file[kernel]
            do(file)
        with pytest.raises(ValueError, match=says.strip()):
            model.load_weights(path)
