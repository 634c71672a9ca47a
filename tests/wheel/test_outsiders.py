"""Outsiders' packages, built and installed beside the wheel: one with a part of each kind, and faulty ones."""

from __future__ import annotations

import shutil
from pathlib import Path

from tests.wheel.conftest import ROOT, Environment
from tests.wheel.faulty import FAULTS, PROGRAM, WORKS, write

USES_EACH = """
import numpy as np, kcore
from kcore.layers import Dense
from kcore.models import Sequential

(x, y), (x_test, y_test) = kcore.datasets.get("acme/moons").load_data()
scale, best = kcore.layers.get("acme/scale", factor=0.5), kcore.callbacks.get("acme/best_epoch")
first = Dense(8, activation="acme/bent", kernel_initializer="acme/triangular", input_shape=(2,))
model = Sequential([first, scale, Dense(1)])
rate = kcore.schedules.get("acme/halving", rate=0.02, steps=40)
model.compile(kcore.optimizers.get("acme/signs", learning_rate=rate), "acme/quartic", metrics=["acme/within"])
history = model.fit(x, y[:, None], epochs=8, verbose=0, callbacks=[best]).history
assert history["loss"][-1] < history["loss"][0] and best.best == int(np.argmin(history["loss"])), history
assert model.evaluate(x_test, y_test[:, None], verbose=0)[1] > 0.8
again = Sequential.from_config(model.get_config())
assert again.layers[1].factor == 0.5 and type(again.layers[1]) is type(scale), again.get_config()
assert again.layers[0].get_config() == first.get_config()
assert np.allclose(kcore.ops.get("acme/softsign")(np.array([1.0, -3.0])), [0.5, -0.75])
print("by acme/exact" in str(model.program("train")), kcore.current_backend())
"""


def test_one_of_each_kind(installed: Environment, tmp_path: Path) -> None:
    package = shutil.copytree(ROOT / "docs/examples/acme", tmp_path / "acme")
    installed.pip("install", f"{package}[test]")
    assert installed.python(USES_EACH, KCORE_KERNELS="acme") == "True <Backend numpy>\n"
    assert installed.python(USES_EACH, KCORE_BACKEND="acme") == "False <Backend plain>\n"
    assert "left out by KCORE_PLUGINS=beta" in installed.python(USES_EACH, KCORE_PLUGINS="beta", fails=True)
    told = installed.run("python", "-W", "error", "-m", "pytest", "-q", str(package))
    assert " passed" in told and " failed" not in told
    assert "acme/quartic" in installed.run("kcore", "list", "losses")
    (line,) = [line for line in installed.run("kcore", "plugins").splitlines() if line.startswith(" acme ")]
    assert line.split()[1:3] == ["acme", "0.1.0"] and line.endswith(" loaded") and "ops, kernels, backends" in line
    text = "Did you mean 'acme/scale', which the installed package acme 0.1.0 brings?"
    assert text in installed.python("import kcore; kcore.layers.get('scale')", fails=True)

    installed.pip("uninstall", "-y", "acme")
    assert "acme" not in installed.run("kcore", "list", "losses")
    assert "no installed package brings the namespace 'acme'" in installed.python(USES_EACH, fails=True)
    assert "read as" in installed.run("kcore", "demo", "--epochs", "1")


def test_faulty_ones_harm_nobody_who_does_not_name_them(installed: Environment, tmp_path: Path) -> None:
    folders = [write(tmp_path, name) for name in (*FAULTS, WORKS)]
    installed.pip("install", "setuptools>=77")
    installed.pip("install", "--no-build-isolation", "--no-deps", *map(str, folders))
    told = installed.python(PROGRAM, only_out=True)
    answers = dict(line.split("\t", 1) for line in told.splitlines())
    assert (answers["trained"], answers["imported"]) == ("True", "[]")
    assert answers.keys() == {"trained", "imported", *(fault.asked for fault in FAULTS.values())}
    for name, fault in FAULTS.items():
        assert fault.answer in answers[fault.asked], name

    working = [fault.namespace for fault in FAULTS.values() if fault.namespace != "slow"]
    told = installed.run("kcore", "plugins", only_out=True, KCORE_PLUGINS=",".join([WORKS, *working]))
    lines = {line.split()[1]: line for line in told.splitlines()[2:]}  # by the names of packages
    assert " loaded" in lines[WORKS] and " loaded" in lines["loud"] and " left out" in lines["slow"]
    assert lines["thief"].endswith("failed to load: its namespace belongs to kcore itself. Uninstall thief.")
    for name, fault in FAULTS.items():
        if " failed " in fault.answer:
            assert f" {name} 1.0 " in lines[name] and " failed " in lines[name] and fault.answer in lines[name]
    installed.pip("uninstall", "-y", *FAULTS, WORKS)
