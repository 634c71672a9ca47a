"""docs/gpu: its page is that of its record, pytest warns when that is old, and one can be made on the stand-in."""

from __future__ import annotations

import copy
import datetime
import importlib
import importlib.util
import subprocess
import sys
import time
import warnings

import pytest

from tests.gpu import agree, marks, notes, parts, record, transfers, worker
from tests.gpu.__main__ import _joined
from tests.gpu.page import page
from tests.gpu.sizes import SIZES

TODAY = datetime.date(2026, 11, 25)
TIMES = {
    "launches": {"products": 8, "others": 8},
    "steps": {
        "kcore, launches": {"step": 150.0, "least": 140.0, "most": 160.0, "host": 120.0, "where": "gpu"},
        "kcore, CUDA graph": {"error": "RuntimeError: no graph"},
        "jax.jit": {"step": 140.0, "least": 135.0, "most": 150.0, "host": 50.0, "where": "gpu"},
        "torch": {"step": 400.0, "least": 390.0, "most": 420.0, "host": 380.0, "where": "gpu"},
        "torch.compile": {"error": "RuntimeError: no compiler"},
    },
    "device": {"kcore, launches": 95.0},
    "fit": {"seconds": 1.6, "epochs": 20, "samples": 60000},
    "fit, CUDA graph": {"error": "RuntimeError: no graph"},
}
FOUND = {
    "ops": {
        "exp": {"kind": "elementwise", "float32": {"largest": 1e-7, "of allowed": 0.25}, "float64": {"error": "no|n"}},
        "tanh": {"kind": "elementwise", "float32": {"largest": 1e-3, "of allowed": 250.0}},
        "sum": {"kind": "reduction", "float64": {"largest": 0.0, "of allowed": "inf"}},
        "sort": {"error": "sort ended the process: Timeout"},
    },
    "networks": {
        "the documents' network": {"largest": 2e-12, "of allowed": 0.0002, "what": "output dense_2"},
        "network 0": {"largest": 0.0, "of allowed": 0.0, "bits": False, "what": "Network()"},
    },
    "times": TIMES,
    "transfers": {
        "on the device": {"batches": 469, "uploads": 3, "downloads": 1, "synchronizations": 1},
        "on the device, by CUPTI": {"batches": 469, "kernels": 8000, "waits": {"cudaStreamSynchronize": 2}},
    },
    "programs": {
        "mnist": {"accuracy": 0.9848, "mark": 0.981, "seconds": 4.2},
        "reuters": {"error": "OSError: not there"},
        "imdb": {"accuracy": 0.5, "mark": 0.86, "seconds": 3.0},
    },
}
MADE = {
    "date": "2026-11-20", "stand-in": False, "device": "NVIDIA H100", "compute capability": "9.0", "driver": "580.1",
    "CUDA of the driver": "13.0", "CUDA": "13.0", "NVRTC": "13.0", "CuPy": "14.2.0", "NumPy": "2.4", "Python": "3.12",
    "libraries": {"jax": "0.11"}, "commit": "abc", "sources": "1" * 64, "sizes": "full",
    "marks": marks.marks(FOUND), "parts": FOUND,
}  # fmt: skip


class OldRecordWarning(UserWarning):
    """What was seen on a GPU says little of what is here."""


@pytest.mark.filterwarnings("always::UserWarning")
def test_the_record_of_a_gpu_is_of_today():
    """It warns, and fails nothing: not everybody has a GPU."""
    today = datetime.datetime.now(datetime.UTC).date()
    for reason in record.why_old(record.read(), today, record.sources_hash()):
        warnings.warn(reason, OldRecordWarning, stacklevel=1)


def test_the_page_is_that_of_the_record():
    kept = (record.FOLDER / "README.md").read_text("utf-8")
    assert kept == page(record.read()), "docs/gpu/README.md is not of record.json: run python -m tests.gpu --page"


def test_the_record_is_of_a_gpu_and_readme_says_whether_there_is_one():
    kept = record.read()
    assert kept is None or not kept["stand-in"]
    readme = (parts.ROOT / "README.md").read_text("utf-8")
    assert "[docs/gpu](docs/gpu/README.md)" in readme
    assert ("Nothing of it has run on a GPU yet" in readme) == (kept is None)


# What is said of a record ------------------------------------------------------------------------------------


def test_why_a_record_is_old():
    sources = MADE["sources"]
    assert record.why_old(MADE, TODAY, sources) == []
    assert record.why_old(MADE, TODAY + datetime.timedelta(55), sources) == []
    assert record.why_old(None, TODAY, sources) == [
        "kcore_cupy has not run on a GPU yet: there is no docs/gpu/record.json. On one, run tox -e gpu."
    ]
    assert record.why_old(MADE, TODAY + datetime.timedelta(56), "2" * 64) == [
        "The last run on a GPU was 61 days ago (2026-11-20). Run tox -e gpu on one again.",
        "backends/kcore_cupy or kcore/program has changed since the last run on a GPU (2026-11-20). "
        "Run tox -e gpu on one again.",
    ]


def test_the_hash_is_of_every_source(tmp_path):
    for folder in record.SOURCES:
        (tmp_path / folder / "deeper").mkdir(parents=True)
        (tmp_path / folder / "deeper" / "a.py").write_text("x = 1\n", "utf-8")
    first = record.sources_hash(tmp_path)
    file = tmp_path / record.SOURCES[1] / "deeper" / "a.py"
    file.write_bytes(b"x = 1\r\n")
    (tmp_path / record.SOURCES[0] / "a.pyc").write_bytes(b"1")
    assert record.sources_hash(tmp_path) == first
    file.write_text("x = 2\n", "utf-8")
    second = record.sources_hash(tmp_path)
    file.rename(file.with_name("b.py"))
    assert len({first, second, record.sources_hash(tmp_path)}) == 3


def test_a_record_is_read_as_it_was_written(tmp_path):
    record.write(MADE, tmp_path)
    assert record.read(tmp_path) == MADE
    assert (tmp_path / "README.md").read_text("utf-8") == page(MADE)
    assert record.read(tmp_path / "nothing") is None


def test_some_parts_change_a_record_of_the_same_sources_and_make_none(tmp_path, capsys):
    new = MADE | {"date": "2026-11-24", "parts": {"transfers": {"on the device": {"uploads": 2}}}, "marks": []}
    assert _joined(new, tmp_path) == (new, None)
    assert "Only a whole run makes a record" in capsys.readouterr().out
    record.write(MADE, tmp_path)
    joined, folder = _joined(new, tmp_path)
    assert (folder, joined["parts"]) == (tmp_path, FOUND | new["parts"])
    assert joined | {"parts": FOUND} == MADE, "the date is that of the whole run"
    assert _joined(new | {"sources": "2" * 64}, tmp_path)[1] is None


def test_marks_are_told_as_reached_or_missed():
    assert [(m["what"], marks.verdict(m)) for m in MADE["marks"]] == [
        ("launches of a step", "reached"),
        ("a step as launches", "reached"),
        ("a step as a CUDA graph", "RuntimeError: no graph"),
        ("a step as launches, at most jax.jit's", "MISSED"),
        ("a step as a CUDA graph, at most jax.jit's", "RuntimeError: no graph"),
        ("20 epochs as launches", "MISSED"),
        ("20 epochs as CUDA graphs", "RuntimeError: no graph"),
    ]
    on_cpu = copy.deepcopy(FOUND)
    on_cpu["times"]["steps"]["jax.jit"]["where"] = "cpu"
    assert marks.verdict(marks.marks(on_cpu)[3]) == "nothing to compare with"
    assert {marks.verdict(m) for m in marks.marks({})} == {"not measured"}
    assert [m["reached"] for m in marks.marks(FOUND, timed=False)] == [True] + [None] * 6


def test_what_a_page_says():
    told = page(MADE)
    for line in (
        'commit abc, sizes "full"',
        "| a step as launches | 250 µs | 150 µs | reached |",
        "| a step as a CUDA graph | 100 µs |  | RuntimeError: no graph |",
        "| kcore, launches | 150 | 140 to 160 | 120 | 95 |",
        "| torch.compile | RuntimeError: no compiler |  |  |  |",
        "| on the device, by CUPTI | batches 469; kernels 8000; waits: cudaStreamSynchronize 2 |",
        "| mnist | 0.9848 | 0.981 | reached | 4.2 s |",
        "| reuters | OSError: not there |  |  |  |",
        "| imdb | 0.5 | 0.86 | MISSED | 3 s |",
        "| the documents' network | 2.0e-12 | 0.0002 |  |",
        "| network 0 | 0 | 0 | DIFFER |",
        "| elementwise | 2 | 1.0e-03 (2.5e+02) |  |",
        "4 differ by more, or fail:",
        "- `exp` float64: no\\|n",
        "- `tanh` float32: 1.0e-03, 250 times what is allowed",
        "- `sum` float64: 0.0e+00, inf times what is allowed",
        "- `sort`: sort ended the process: Timeout",
    ):
        assert line + "\n" in told or f"{line}." in told, line
    assert "All ops and their gradients are within" not in told and "stand-in" not in told
    assert "**Nothing of `kcore_cupy` has run on a GPU yet.**" in page(None)
    asked = (
        "20 launches, 250 µs when they are launched one by one and 100 µs as a CUDA graph, no slower than `jax.jit`'s"
    )
    assert asked in " ".join(page(None).split())
    assert "**Made on the stand-in" in page(MADE | {"stand-in": True})
    assert page(MADE | {"parts": {}, "marks": []})  # what a run of few parts says


def test_events_of_a_trace():
    events = [
        {"cat": "kernel", "name": "a"}, {"cat": "kernel", "name": "b"},
        {"cat": "gpu_memcpy", "name": "Memcpy HtoD (Pinned -> Device)"},
        {"cat": "cuda_runtime", "name": "cudaStreamSynchronize"}, {"cat": "cuda_runtime", "name": "cudaMemcpyAsync"},
        {"cat": "cpu_op", "name": "Synchronize"}, {"ph": "M"},
    ]  # fmt: skip
    assert transfers.told(events) == {"Memcpy HtoD": 1, "kernels": 2, "waits": {"cudaStreamSynchronize": 1}}


def called(*arguments: str) -> subprocess.CompletedProcess[str]:
    """`python -m tests.gpu`."""
    command = [sys.executable, "-m", "tests.gpu", *arguments]
    return subprocess.run(command, cwd=parts.ROOT, capture_output=True, text=True, check=False)


# Jobs in processes of their own ------------------------------------------------------------------------------


def test_a_job_that_ends_the_process_harms_no_other(tmp_path, monkeypatch):
    """What was begun and not ended is passed over by the next process, and said to have ended the first."""
    script = tmp_path / "jobs.py"
    script.write_text(
        "import os, sys, time\nfrom pathlib import Path\nfrom tests.gpu import worker\nworker._lost = lambda: ''\n"
        "todo = {'a': lambda: 1, 'b': lambda: os._exit(9), 'c': lambda: 1 / 0}\n"
        "todo |= {'d': lambda: time.sleep(60), 'e': lambda: 2}\n"
        "worker.work(Path(sys.argv[1]), todo, 0.5)\n"
    )

    def started(part, path, *_):
        with path.with_suffix(".log").open("ab") as log:
            return subprocess.Popen([sys.executable, str(script), str(path)], cwd=parts.ROOT, stdout=log, stderr=log)

    monkeypatch.setenv("PYTHONPATH", str(parts.ROOT))
    monkeypatch.setattr(parts, "_started", started)
    start = time.perf_counter()
    found = parts.run(["times"], "toy")["times"]
    assert (found["a"], found["e"]) == (1, 2) and time.perf_counter() - start < 50
    assert found["c"] == {"error": "ZeroDivisionError: division by zero"}
    assert found["b"]["error"].startswith("b ended the process")
    assert found["d"]["error"].startswith("d ended the process") and "Timeout" in found["d"]["error"]


def test_a_lost_device_is_told_of(tmp_path, monkeypatch):
    answers = iter(["", "illegal address"])
    monkeypatch.setattr(worker, "_lost", lambda: next(answers))
    assert not worker.work(tmp_path / "notes", {"a": lambda: 1, "b": lambda: 2, "c": lambda: 3}, 60)
    assert notes.notes(tmp_path / "notes") == {"a": 1, "b": {"error": "the device was lost: illegal address; 2"}}


def test_without_cupy_it_says_what_to_install():
    if importlib.util.find_spec("cupy") is not None:
        pytest.skip("there is CuPy, or its stand-in")
    done = called()
    assert (done.returncode, done.stdout) == (1, "")
    assert 'CuPy is not installed; install it by pip install "kcore[cuda13]"' in done.stderr


# On the stand-in ---------------------------------------------------------------------------------------------

cupy = importlib.import_module("cupy") if importlib.util.find_spec("cupy") else None
standin = getattr(cupy, "standin", None)
needs_standin = pytest.mark.skipif(standin is None, reason="the stand-in for CuPy is not here")


@needs_standin
def test_a_run_on_the_stand_in_keeps_a_record_only_where_it_is_told(tmp_path):
    before = sorted(record.FOLDER.iterdir())
    done = called("--only", "ops", "times", "--ops", "exp", "sum", "--anyway", str(tmp_path))
    assert done.returncode == 0, done.stderr
    assert "no record is kept unless --anyway FOLDER says where" in done.stdout
    made = record.read(tmp_path)
    assert made is not None and made["stand-in"] and made["sizes"] == "toy" and made["sources"] == record.sources_hash()
    assert page(made) in done.stdout
    assert set(made["parts"]["ops"]) == {"exp", "sum"}
    for op in made["parts"]["ops"].values():
        assert all(0 <= op[dtype]["of allowed"] <= 1 for dtype in agree.DTYPES)
    assert made["parts"]["times"]["launches"] == {"products": 8, "others": 8}
    assert made["parts"]["times"]["steps"]["kcore, launches"]["step"] > 0
    assert (made["marks"][0]["reached"], {m["reached"] for m in made["marks"][1:]}) == (True, {None})
    assert sorted(record.FOLDER.iterdir()) == before
    done = called("--only", "ops", "--ops", "exp")
    assert done.stdout.endswith("No record was written.\n") and sorted(record.FOLDER.iterdir()) == before


@needs_standin
@pytest.mark.parametrize("kept", [True, False])
def test_what_python_sees_of_crossings_is_what_the_stand_in_counts(kept):
    with transfers.warm(SIZES["toy"], kept) as fit, cupy.counted() as counted, transfers.Watch() as watch:
        fit()
    assert {name: watch.seen[name] for name in transfers.CROSSINGS} == {n: counted[n] for n in transfers.CROSSINGS}
    assert watch.seen["uploads"] and watch.seen["downloads"] == watch.seen["synchronizations"] == 1


@needs_standin
def test_each_crossing_is_seen_once():
    import numpy as np

    host, x = np.ones(3, "float32"), cupy.ones(3, "float32")
    stream = cupy.cuda.get_current_stream()
    for call, seen in (
        (lambda: cupy.asarray(host), {"uploads": 1}),
        (lambda: cupy.asarray(x), {}),
        (lambda: x.set(host), {"uploads": 1, "synchronizations": 1}),
        (lambda: x.set(host, stream), {"uploads": 1}),
        (lambda: x.get(), {"downloads": 1, "synchronizations": 1}),
        (lambda: cupy.asnumpy(x), {"downloads": 1, "synchronizations": 1}),
        (lambda: (float(x[0]), x[0].item()), {"downloads": 2, "synchronizations": 2}),
        (lambda: stream.synchronize(), {"synchronizations": 1}),
        (lambda: cupy.cuda.runtime.deviceSynchronize(), {"synchronizations": 1}),
    ):
        with transfers.Watch() as watch:
            call()
        assert dict(watch.seen) == seen
    assert cupy.ndarray.get is not None and not hasattr(cupy.ndarray.get, "__wrapped__"), "all is put back"


@needs_standin
def test_a_fault_is_told_of_and_fails_nothing():
    with standin.planted(r"exp\(", "1.001f * exp("):
        found = agree.ops_jobs(SIZES["toy"], ["exp"])["exp"]()
    assert found["float32"]["of allowed"] > 1 and 9e-4 < found["float32"]["largest"] < 1.1e-3


def test_the_page_names_files_that_are_there():
    told = page(None)
    name = "tests/cupy/test_names.py"
    assert name in told and (parts.ROOT / name).exists()
    tox = (parts.ROOT / "tox.ini").read_text("utf-8")
    for environment in ("gpu", "standin", "cuda-compile"):
        assert f"tox -e {environment}" in told and f"[testenv:{environment}]" in tox
