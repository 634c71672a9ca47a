"""docs/gpu/README.md: the record as a page to read."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from typing import Any

from tests.gpu.marks import FIT, GRAPH_STEP, LAUNCHES, STEP, verdict

DTYPES = ("float32", "float64")
HEAD = """\
# kcore on a GPU

"""
NEVER = f"""\
**Nothing of `kcore_cupy` has run on a GPU yet.** It is written, and this much is shown without one:

- Every name of CuPy that is used is there in CuPy 14.2, and takes the arguments given (`tests/cupy/test_names.py`).
- Every kernel of the ops, of random graphs and of networks is compiled by NVRTC for GPUs that are not here
  (`tox -e cuda-compile`).
- The same CUDA source, compiled for the CPU and run as blocks of threads in several orders, gives what NumPy gives,
  op by op and for whole networks, on a stand-in for CuPy that counts launches and transfers (`tox -e standin`).

That cannot show a missing `__threadfence`, a wrong `__restrict__`, CUDA's own functions such as `exp`, contraction
to FMA, denormals, cuBLAS, real streams, graphs that the driver takes, memory that really ends, or any time.

What is asked of an H100 or H200, and not measured yet: a training step of a network for MNIST (784-512-512-10) in at
most {LAUNCHES} launches, {STEP:g} µs when they are launched one by one and {GRAPH_STEP:g} µs as a CUDA graph, no slower
than `jax.jit`'s, and 20 epochs in at most {FIT:g} s.
"""
UNSEEN = """
## What this did not see

Other GPUs and other versions than those above, several GPUs in one process, memory that really ends. No run is made
for each change: between two of them the sources are tested without a GPU.
"""
FOOT = """
## Measure again

On a machine with a GPU, in a clone: `tox -e gpu`; or, where CuPy is installed, `python -m tests.gpu` alone, with
`--quick` to measure less. It writes `record.json` and this page; a test warns when they are older than 60 days or
than the sources. `--transfers` looks at what crosses and nothing else.
"""
PLAYED = "**Made on the stand-in for CuPy, to test this page: no GPU had a part in it, its times mean nothing.**\n\n"


def page(record: Mapping[str, Any] | None) -> str:
    """The page of a record, or of none."""
    if record is None:
        return HEAD + NEVER + FOOT
    played = PLAYED if record["stand-in"] else ""
    parts = record["parts"]
    sections = [_run(record), _marks(record["marks"]), _times(parts.get("times", {}))]
    sections += [
        _crossed(parts.get("transfers", {})),
        _programs(parts.get("programs", {})),
        _networks(parts.get("networks", {})),
        _ops(parts.get("ops", {})),
    ]
    return HEAD + played + "\n".join(filter(None, sections)) + UNSEEN + FOOT


def table(head: list[str], rows: Iterator[list[str]]) -> str:
    """Markdown."""
    return "".join(f"| {' | '.join(row)} |\n" for row in [head, ["---"] * len(head), *rows])


def _run(record: Mapping[str, Any]) -> str:
    libraries = "".join(f", {name} {version}" for name, version in record["libraries"].items())
    return (
        f"The last run: {record['date']}, on {record['device']} (compute capability {record['compute capability']}, "
        f"driver {record['driver'] or 'unknown'} for CUDA {record['CUDA of the driver']}), CUDA {record['CUDA']}, "
        f"NVRTC {record['NVRTC']}, CuPy {record['CuPy']}, NumPy {record['NumPy']}, Python {record['Python']}"
        f'{libraries}; commit {record["commit"] or "unknown"}, sizes "{record["sizes"]}". '
        "All numbers are in `record.json`.\n"
    )


def _marks(marks: list[Mapping[str, Any]]) -> str:
    rows = ([m["what"], _with(m["limit"], m["unit"]), _with(m["got"], m["unit"]), verdict(m)] for m in marks)
    head = "## Marks\n\nWhat is asked of an H100 or H200, and what came.\n\n"
    return head + table(["what", "at most", "came", ""], rows)


def _with(number: float | None, unit: str) -> str:
    return "" if number is None else f"{number:g} {unit}".rstrip()


def _times(times: Mapping[str, Any]) -> str:
    steps, alone = times.get("steps", {}), times.get("device", {})
    if not steps:
        return ""
    if "error" in steps:
        return f"## A training step\n\nNot measured: {steps['error']}\n"

    def rows() -> Iterator[list[str]]:
        for name, found in steps.items():
            if "error" in found:
                yield [name, found["error"], "", "", ""]
                continue
            device = alone.get(name)
            name += "" if found["where"] == "gpu" else f" (on {found['where']})"
            told = [f"{found['step']:g}", f"{found['least']:g} to {found['most']:g}", f"{found['host']:g}"]
            yield [name, *told, f"{device:g}" if isinstance(device, float | int) else ""]

    trouble = f"\nThe device alone was not measured: {alone['error']}\n" if "error" in alone else ""
    return (
        "## A training step\n\nOf 784-512-512-10 with dropout, batches of 128, RMSprop, loss and accuracy, in float32 "
        "without TF32 unless told; in microseconds: the median and the range of groups of steps with one wait at the "
        "end, in turns; what the host takes to begin a step; and the device's time when steps stand in its queue.\n\n"
        + table(["who", "a step", "range", "host", "device"], rows())
        + trouble
    )


def _crossed(transfers: Mapping[str, Any]) -> str:
    if not transfers:
        return ""

    def rows() -> Iterator[list[str]]:
        for name, found in transfers.items():
            yield [name, found["error"] if "error" in found else "; ".join(_counts(found))]

    text = "## What crosses in an epoch of `fit`\n\nBy functions of CuPy that Python sees, and by CUPTI.\n\n"
    return text + table(["samples", "what was counted"], rows())


def _counts(found: Mapping[str, Any]) -> Iterator[str]:
    for name, count in found.items():
        if isinstance(count, Mapping):
            yield f"{name}: {', '.join(f'{n} {c}' for n, c in count.items()) or 'none'}"
        else:
            yield f"{name} {count}"


def _programs(programs: Mapping[str, Any]) -> str:
    if not programs:
        return ""

    def rows() -> Iterator[list[str]]:
        for name, found in programs.items():
            if "error" in found:
                yield [name, _cell(found["error"]), "", "", ""]
            else:
                reached = "reached" if found["accuracy"] >= found["mark"] else "MISSED"
                yield [name, f"{found['accuracy']}", f"{found['mark']}", reached, f"{found['seconds']:g} s"]

    text = "## Real programs\n\nAs [they are](../programs.md), with seed 1.\n\n"
    return text + table(["program", "accuracy", "at least", "", "took"], rows())


def _networks(networks: Mapping[str, Any]) -> str:
    if not networks:
        return ""

    def rows() -> Iterator[list[str]]:
        for name, found in networks.items():
            bits = {True: "equal", False: "DIFFER"}.get(found.get("bits"), "")
            yield [name, *_distance(found), bits]

    text = "## Networks\n\nAfter 20 steps in float64, beside NumPy; relative to the largest element, or to 1.\n\n"
    return text + table(["network", "largest difference", "of what is allowed", "first weights and orders"], rows())


def _distance(found: Mapping[str, Any]) -> list[str]:
    if "error" in found:
        return [_cell(found["error"]), ""]
    return [f"{float(found['largest']):.1e}" if float(found["largest"]) else "0", f"{float(found['of allowed']):.2g}"]


def _cell(text: str) -> str:
    return text.replace("|", "\\|").replace("\n", " ")


def wrong(ops: Mapping[str, Any]) -> list[str]:
    """The ops that differ by more than is allowed, or fail, with the dtype."""
    found = []
    for name, op in ops.items():
        for dtype, told in ({"": op} if "error" in op else {d: op[d] for d in op if d != "kind"}).items():
            if "error" in told:
                found.append(f"`{name}` {dtype}".rstrip() + f": {_cell(told['error'])}")
            elif float(told["of allowed"]) > 1:
                times = float(told["of allowed"])
                found.append(f"`{name}` {dtype}: {float(told['largest']):.1e}, {times:.3g} times what is allowed")
    return found


def _ops(ops: Mapping[str, Any]) -> str:
    if not ops:
        return ""
    kinds = list(dict.fromkeys(op["kind"] for op in ops.values() if "kind" in op))

    def rows() -> Iterator[list[str]]:
        for kind in kinds:
            of_kind = [op for op in ops.values() if op.get("kind") == kind]
            cells = []
            for dtype in DTYPES:
                told = [op[dtype] for op in of_kind if "largest" in op.get(dtype, {})]
                worst = max(told, key=lambda each: float(each["of allowed"]), default=None)
                largest = max((float(each["largest"]) for each in told), default=0.0)
                cells.append(f"{largest:.1e} ({float(worst['of allowed']):.2g})" if worst else "")
            yield [kind, str(len(of_kind)), *cells]

    bad = wrong(ops)
    told = "All ops and their gradients are within what is allowed.\n" if not bad else ""
    listed = f"{len(bad)} differ by more, or fail:\n\n" + "".join(f"- {line}\n" for line in bad) if bad else ""
    return (
        "## Ops\n\nAnd their gradients: the largest difference from NumPy's, relative to the largest number of an "
        "array, and how much of what is allowed the worst takes.\n\n"
        + table(["kind", "ops", *DTYPES], rows())
        + f"\n{told}{listed}"
    )
