"""Every name of CuPy that kcore uses exists there with the arguments that it is given, by what cupy-14.2.json keeps.

Where CuPy is installed the file is compared with it, and where a stand-in is, the stand-in with the file.
"""

from __future__ import annotations

import ast
import importlib.util
import inspect
import json
import os
import subprocess
import sys
from pathlib import Path

import pytest

import kcore
import kcore_cupy
from tests.cupy.calls import Use, signature_of, uses
from tests.cupy.programs import collected
from tests.cupy.signatures import kept, read

ROOT = Path(__file__).parents[2]
STANDIN = ROOT / "tests" / "standin"
CORE = ("program/helpers.py", "program/inputs.py", "program/run.py", "graph/storage.py", "models/feed.py")
FILES = [*Path(kcore_cupy.__file__).parent.glob("*.py"), *(Path(kcore.__file__).parent / name for name in CORE)]
UNSEEN = {"cuda.cublas.getVersion"}  # is there once cuBLAS is
OWN = {"count", "counted"}  # of the stand-in, for tests
MADE_BY_CUPY = {"cuda.PinnedMemoryPointer", "cuda.runtime.CUDARuntimeError", "cuda.driver.CUDADriverError"}
NAMES = kept()


def is_real() -> bool:
    """Whether the real CuPy is installed."""
    spec = importlib.util.find_spec("cupy")
    return spec is not None and spec.origin is not None and not Path(spec.origin).is_relative_to(STANDIN)


def wrong(found: list[Use]) -> set[str]:
    return {told for use in found if use.name not in UNSEEN and (told := use.wrong(NAMES))}


@pytest.mark.parametrize("file", FILES, ids=lambda f: f"{f.parent.name}/{f.name}")
def test_what_the_backend_s_own_code_uses(file):
    assert not wrong(list(uses(file.read_text("utf-8"))))


def test_enough_is_found_in_the_backend_s_code():
    found = {use.name for file in FILES for use in uses(file.read_text("utf-8"))}
    assert {"asarray", "ndarray", "RawModule", "RawModule.get_function", "ndarray.set", "argsort", "copyto",
            "cuda.get_current_stream", "cuda.Stream.synchronize", "cuda.runtime.memGetInfo",
            "cuda.MemoryPool.used_bytes"} <= found  # fmt: skip


@pytest.mark.parametrize("part", ["examples", "graphs", "ops"])
def test_what_programs_use(part):
    found: dict[str, set[str]] = {}
    for program in collected(part).programs:
        bare = {name: name for name in program.written.functions}
        for text in (program.setup, program.text):
            for told in wrong(list(uses(text, bare))) | _methods(text):
                found.setdefault(told, set()).add(str(program.recorded.nodes[-1].op.name))
    assert not found, "\n".join(f"{told}: {', '.join(sorted(where))}" for told, where in sorted(found.items()))


def _methods(text: str) -> set[str]:
    """What is asked of arrays and cannot be: attributes of names that are not the namespace's."""
    found = [n for n in ast.walk(ast.parse(text)) if isinstance(n, ast.Attribute) and isinstance(n.value, ast.Name)]
    asked = {n.attr for n in found if n.value.id != "cp"}
    return {f"arrays have no {name}" for name in asked if f"ndarray.{name}" not in NAMES and name not in ("append",)}


@pytest.mark.skipif(not is_real(), reason="CuPy is not installed")
def test_the_file_is_what_cupy_says():
    import cupy
    import cupyx

    version = json.loads((Path(__file__).parent / "cupy-14.2.json").read_text("utf-8"))["version"]
    if cupy.__version__ != version:
        pytest.skip(f"the file is of CuPy {version}, and {cupy.__version__} is installed")
    now = read(cupy, cupyx)
    assert {k: (v, now.get(k, "missing")) for k, v in NAMES.items() if now.get(k, "missing") != v} == {}


def test_the_standin_has_cupy_s_signatures():
    """What it has, CuPy has too, and any call that it takes CuPy takes."""
    program = "import json, cupy, cupyx; from tests.cupy.signatures import read; print(json.dumps(read(cupy, cupyx)))"
    path = os.pathsep.join([str(STANDIN), str(ROOT), *sys.path])
    done = subprocess.run(
        [sys.executable, "-c", program], capture_output=True, text=True, env={**os.environ, "PYTHONPATH": path}
    )
    assert done.returncode == 0, done.stderr
    told = []
    for name, parameters in json.loads(done.stdout).items():
        within, _, _ = name.rpartition(".")
        if name not in NAMES and parameters is not None and within in ("", "ndarray") and name not in OWN:
            told.append(f"{name} is not CuPy's")
        elif name in NAMES and parameters is not None and NAMES[name] not in (None, "...") and name not in MADE_BY_CUPY:
            told += [f"{name}: {error}" for error in differences(parameters, NAMES[name] or "")]
    assert not told, "\n".join(told)


def differences(ours: str, theirs: str) -> list[str]:
    """What one signature takes that the other does not."""
    if ours == "..." or ours == theirs:
        return []
    mine, real = signature_of(ours).parameters, signature_of(theirs).parameters
    found = []
    open_ended = {p.kind for p in real.values()} & {inspect.Parameter.VAR_POSITIONAL, inspect.Parameter.VAR_KEYWORD}
    for name, p in mine.items():
        named = p.kind not in (p.POSITIONAL_ONLY, p.VAR_POSITIONAL, p.VAR_KEYWORD)
        if named and name not in real and not open_ended:
            found.append(f"takes {name}, CuPy: ({theirs})")
        elif named and name in real and (p.default is p.empty) is not (real[name].default is p.empty):
            found.append(f"{name} has a default in one of them, CuPy: ({theirs})")
    positional = [n for n, p in mine.items() if p.kind is p.POSITIONAL_OR_KEYWORD and n in real]
    if positional != [n for n, p in real.items() if n in positional]:
        found.append(f"has another order, CuPy: ({theirs})")
    return found


# the checks themselves ----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text, told",
    [
        ("add(a, b, out=c)", None),
        ("add(a, b, where=c)", "cupy.add(x1, x2, /, out=, *, casting=, dtype=): got an unexpected keyword argument"),
        ("add(a)", "missing a required argument: 'x2'"),
        ("cp.vecdot(a, b)", "CuPy has no vecdot"),
        ("self.xp.sort(a, stable=True)", "cupy.sort(a, axis=, kind=): got an unexpected keyword argument 'stable'"),
        ("event.record(1, 2)", "cupy.cuda.Event.record(stream=): too many positional arguments"),
        ("self.xp.cuda.get_current_stream().wait()", "CuPy has no cuda.Stream.wait"),
        ("cupyx.empty_pinned()", "missing a required argument: 'shape'"),
        ("self._cupy.zeros(*shape)", None),
        ("other.vecdot(a)", None),
    ],
)
def test_a_wrong_call_is_found(text, told):
    found = wrong(list(uses(text, {"add": "add"})))
    assert (not found) if told is None else told in "".join(found)


@pytest.mark.parametrize(
    "ours, told",
    [
        ("x1, x2, /, out=, *, casting=, dtype=", []),
        ("x1, x2, /, out=", []),
        ("x1, x2, /, out=, where=", ["takes where, CuPy: (x1, x2, /, out=, *, casting=, dtype=)"]),
        ("x1, x2, /, out", ["out has a default in one of them, CuPy: (x1, x2, /, out=, *, casting=, dtype=)"]),
    ],
)
def test_a_signature_that_differs_is_found(ours, told):
    assert differences(ours, NAMES["add"] or "") == told
