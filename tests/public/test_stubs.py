"""What editors and type checkers are told."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest

import kcore
from kcore.cli.stubs import stubs

ROOT = Path(kcore.__file__).parent

PROGRAM = """\
import kcore
from kcore.datasets.mnist import load_data
from kcore.layers import Dense

reveal_type(kcore.layers.Dense(3).units)  # : int
Dense("x")  # ! Argument 1 to "Dense" has incompatible type "str"; expected "int"
kcore.layers.Dens  # ! Module has no attribute "Dens"
kcore.Dense  # ! Module has no attribute "Dense"
model = kcore.Sequential([Dense(3, input_shape=(2,))])
reveal_type(model.fit([1], [2]).history)  # : dict[str, list[float]]
reveal_type(kcore.losses.mse([1.0], [2.0]))  # : Any
kcore.losses.cce(1, 2, from_logit=True)  # ! Unexpected keyword argument "from_logit"
kcore.losses.cce(1, 2, from_logits="yes")  # ! expected "bool"
reveal_type(kcore.datasets.mnist.load_data is load_data)  # : bool
reveal_type(kcore.optimizers.RMSprop(0.01))  # : kcore_standard.optimizers.rmsprop.RMSprop
reveal_type(kcore.__version__)  # : str
"""


@pytest.mark.parametrize("path", stubs())
def test_a_stub_is_fresh(path):
    now = (ROOT / path).read_text("utf-8") if (ROOT / path).exists() else ""
    assert now == stubs()[path], f"kcore/{path} is stale. Run: python -m kcore.cli.stubs"


def test_no_stub_is_left_over():
    assert {path.relative_to(ROOT).as_posix() for path in ROOT.rglob("*.pyi")} == stubs().keys()


def test_a_type_checker_knows_what_the_doors_give(tmp_path, pytestconfig):
    pytest.importorskip("mypy")
    (tmp_path / "program.py").write_text(PROGRAM, "utf-8")
    cache = pytestconfig.cache.mkdir("mypy")
    command = [sys.executable, "-m", "mypy", "--strict", "--no-pretty", "--cache-dir", str(cache)]
    done = subprocess.run(
        [*command, str(tmp_path / "program.py")], cwd=ROOT.parent, capture_output=True, text=True, timeout=300
    )
    said = dict[int, str]()
    for line in done.stdout.splitlines():
        if "program.py:" in line:
            number, _, text = line.partition("program.py:")[2].partition(":")
            said[int(number)] = said.get(int(number), "") + text
    for number, line in enumerate(PROGRAM.splitlines(), 1):
        _, shown, kind = line.partition("  # : ")
        _, wrong, error = line.partition("  # ! ")
        expected = f' note: Revealed type is "{kind}"' if shown else error
        assert expected in said.get(number, ""), (line, done.stdout, done.stderr)
        assert ("error" in said.get(number, "")) == bool(wrong), (line, done.stdout)
