"""Packages with a fault each, and one without: what is asked of it, and what the answer must say."""

from __future__ import annotations

from pathlib import Path

import attrs

PYPROJECT = """
[build-system]
requires = ["setuptools>=77"]
build-backend = "setuptools.build_meta"

[project]
name = "{name}"
version = "1.0"
dependencies = ["{needs}"]

[project.entry-points.kcore]
{namespace} = "{name}_package"

[tool.setuptools]
py-modules = ["{name}_package"]
"""

CODE = """
from kcore import ops
from kcore.losses import Loss
from kcore.plugin import defined_in, hookimpl, register
{first}

@hookimpl
def kcore_losses():
    {hook}

@register("losses", "cubic")
class Cubic(Loss):
    \"\"\"The mean of |y_true - y_pred|^3 over the last axis.\"\"\"

    def call(self, y_true, y_pred):
        return ops.mean(ops.abs(y_pred - y_true) ** 3, -1)
"""


@attrs.frozen
class Fault:
    """A package that does something wrong.

    Attributes:
        answer: what the answer to who asks for `asked` says.
        first: what its module does at import.
        hook: the body of its hook.
        namespace: that it claims.
        needs: what it requires.
    """

    answer: str
    first: str = ""
    hook: str = "return defined_in(__name__)"
    namespace: str = ""
    needs: str = "kcore"

    @property
    def asked(self) -> str:
        """The loss that is asked for."""
        return f"{self.namespace}/cubic"


def _named(faults: dict[str, Fault]) -> dict[str, Fault]:
    return {name: attrs.evolve(fault, namespace=fault.namespace or name) for name, fault in faults.items()}


FAULTS = _named(
    {
        "broken": Fault(
            "of the package broken 1.0) failed to load: ModuleNotFoundError: No module named 'nowhere'. Upgrade",
            "import nowhere",
        ),
        "misspelt": Fault(
            "of the package misspelt 1.0) failed to load: AttributeError: it has an unknown hook 'kcore_loses'. "
            "Did you mean 'kcore_losses'?",
            "@hookimpl\ndef kcore_loses(): return []",
        ),
        "nonsense": Fault(
            "of the package nonsense 1.0) failed in its hook kcore_losses: TypeError: "
            "it must return registered losses, but returned 42",
            hook="return 42",
        ),
        "one": Fault("failed to load: its namespace is claimed by ", namespace="both"),
        "other": Fault("failed to load: its namespace is claimed by ", namespace="both"),
        "thief": Fault("Unknown loss 'standard/cubic'. kcore 0.1.0 knows: ", namespace="standard"),
        "future": Fault(
            "of the package future 1.0) failed to load: it needs kcore>=9, and this is kcore 0.1.0. "
            "Upgrade kcore (pip install --upgrade kcore), or install an older future.",
            "raise RuntimeError('made for another kcore')",
            needs="kcore>=9",
        ),
        "loud": Fault("found Cubic", "print('here I am')", "print('and here'); return defined_in(__name__)"),
        "exits": Fault("of the package exits 1.0) failed to load: SystemExit: 3", "raise SystemExit(3)"),
        "slow": Fault("left out by KCORE_PLUGINS", "import time; time.sleep(10)"),
    }
)
WORKS = "works"

PROGRAM = f"""
import os, sys
import numpy as np, kcore
from kcore.plugin import find

def answer(name):
    try:
        return "found " + find("losses", name).__name__
    except (RuntimeError, ValueError) as error:
        return str(error).replace(chr(10), " ")

model = kcore.Sequential([kcore.layers.Dense(1, input_shape=(2,))])
model.compile("sgd", "{WORKS}/cubic")
x = np.random.default_rng(0).normal(size=(64, 2))
loss = model.fit(x, x.sum(1, keepdims=True), epochs=4, verbose=0).history["loss"]
print("trained", loss[-1] < loss[0], sep=chr(9))
answer("cubik"), hasattr(kcore.losses, "cubik")
print("imported", [name for name in sys.modules if name.endswith("_package") and name != "{WORKS}_package"], sep=chr(9))
for name in {sorted({fault.asked for fault in FAULTS.values()} - {"slow/cubic"})}:
    print(name, answer(name), sep=chr(9))
os.environ["KCORE_PLUGINS"] = "{WORKS}"
print("slow/cubic", answer("slow/cubic"), sep=chr(9))
assert "slow_package" not in sys.modules
"""


def write(folder: Path, name: str) -> Path:
    """The package of that name, ready to be built."""
    fault = FAULTS.get(name, Fault("", namespace=name))
    package = folder / name
    package.mkdir()
    text = PYPROJECT.format(name=name, namespace=fault.namespace, needs=fault.needs)
    (package / "pyproject.toml").write_text(text, "utf-8")
    (package / f"{name}_package.py").write_text(CODE.format(first=fault.first, hook=fault.hook), "utf-8")
    return package
