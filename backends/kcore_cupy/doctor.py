"""What `kcore doctor` tells of CUDA and CuPy: for each usual trouble a function from facts to what is wrong."""

from __future__ import annotations

from collections.abc import Callable, Iterator

from kcore.backend import Checkup, Trouble

from .facts import OLDEST, Facts, dotted, look


def _wheels(facts: Facts) -> Iterator[Trouble]:
    if len(facts.wheels) > 1:
        listed = " and ".join(f"{name} {version}" for name, version in sorted(facts.wheels.items()))
        yield Trouble(
            f"Several packages bring CuPy: {listed}. They write over each other's files, and neither is whole.",
            f'pip uninstall -y {" ".join(sorted(facts.wheels))}, then pip install "kcore[{facts.extra}]".',
            broken=True,
        )


def _import(facts: Facts) -> Iterator[Trouble]:
    if not facts.wheels and not facts.built:
        yield Trouble("CuPy is not installed.", f'pip install "kcore[{facts.extra}]".', broken=True)
    elif facts.import_error:
        cure = f'pip install --force-reinstall "kcore[{facts.extra}]" in a fresh environment.'
        yield Trouble(f"import cupy fails: {facts.import_error}", cure, broken=True)


def _driver(facts: Facts) -> Iterator[Trouble]:
    if facts.devices:
        return
    if not facts.driver:
        yield Trouble(
            "There is no CUDA driver, or this process does not see it.",
            "See whether nvidia-smi runs. If not, install NVIDIA's driver; in a container, start it with --gpus all; "
            "on a cluster, ask for a node with a GPU.",
            broken=True,
        )
    elif facts.built and facts.driver // 1000 < facts.built // 1000:
        wheel = " ".join(facts.wheels) or "CuPy"
        yield Trouble(
            f"{wheel} is for CUDA {dotted(facts.built)}, but the driver runs CUDA {dotted(facts.driver)} at most.",
            f'pip uninstall -y {wheel}, then pip install "kcore[{facts.extra}]"; or install a newer driver '
            "(580 or newer for CUDA 13).",
            broken=True,
        )


def _devices(facts: Facts) -> Iterator[Trouble]:
    hidden = facts.variables.get("CUDA_VISIBLE_DEVICES")
    if facts.driver and facts.built and not facts.devices and not any(_driver(facts)):
        cause = f" ({facts.no_devices})" if facts.no_devices else ""
        set_to = f" CUDA_VISIBLE_DEVICES is {hidden!r}, which may hide it." if hidden is not None else ""
        yield Trouble(
            f"The driver sees no GPU{cause}.{set_to}",
            "See what nvidia-smi -L lists. Unset CUDA_VISIBLE_DEVICES, or set it to a number from there; in a "
            "container, start it with --gpus all.",
            broken=True,
        )
    for name, capability in facts.devices[:1]:
        oldest = OLDEST.get((facts.nvrtc or facts.built) // 1000, 0)
        if capability < oldest:
            yield Trouble(
                f"{name} has compute capability {capability / 10}, and CUDA {dotted(facts.nvrtc or facts.built)} "
                f"compiles for {oldest / 10} or newer.",
                f'pip uninstall -y {" ".join(facts.wheels)}, then pip install "kcore[cuda12]".',
                broken=True,
            )


def _toolkit(facts: Facts) -> Iterator[Trouble]:
    wheel = next(iter(facts.wheels), "cupy-cuda13x")
    if facts.missing:
        parts = ", nor ".join(part + f" ({error})" * bool(error) for part, error in facts.missing.items())
        yield Trouble(
            f"CuPy does not find {parts}. {wheel} brings no CUDA libraries of its own.",
            f'pip install "{wheel}[ctk]", or set CUDA_PATH to a toolkit of CUDA {facts.built // 1000 or 13}.',
            broken=True,
        )
    if facts.nvrtc and facts.nvrtc // 1000 != facts.built // 1000:
        yield Trouble(
            f"{wheel} is for CUDA {dotted(facts.built)}, but the compiler that it found is of {dotted(facts.nvrtc)}.",
            f'pip install "{wheel}[ctk]", and take other toolkits out of CUDA_PATH and LD_LIBRARY_PATH.',
            broken=True,
        )


def _memory(facts: Facts) -> Iterator[Trouble]:
    memory = facts.memory
    if memory is None or memory.free > memory.total / 10:
        return
    told = f"The GPU's memory is nearly full: {memory}."
    if memory.held - memory.used > memory.total / 10:
        yield Trouble(told, "cupy.get_default_memory_pool().free_all_blocks() gives back what the pool does not use.")
    else:
        yield Trouble(told, "nvidia-smi lists the processes that hold it, such as a notebook left open: end yours.")


def _first_calls(facts: Facts) -> Iterator[Trouble]:
    if facts.built and facts.cache is None:
        yield Trouble(
            "The folder of compiled kernels cannot be written to, so that every process compiles them anew.",
            "Set CUPY_CACHE_DIR to a folder of yours.",
        )
    if facts.variables.get("CUPY_CACHE_IN_MEMORY", "0") not in ("", "0"):
        yield Trouble(
            "CUPY_CACHE_IN_MEMORY is set: no compiled kernel is kept, and the first calls of every process are slow.",
            "Unset it.",
        )


def _variables(facts: Facts) -> Iterator[Trouble]:
    if facts.variables.get("CUDA_LAUNCH_BLOCKING", "0") not in ("", "0"):
        yield Trouble("CUDA_LAUNCH_BLOCKING is set: the host waits for each kernel, which is slow.", "Unset it.")
    if facts.variables.get("CUPY_TF32", "0") not in ("", "0"):
        yield Trouble(
            "CUPY_TF32 is set: products of float32 keep ten bits, and differ from other backends by a thousandth.",
            "Unset it where results are compared.",
        )


CHECKS: tuple[Callable[[Facts], Iterator[Trouble]], ...] = (
    _wheels, _import, _driver, _devices, _toolkit, _memory, _first_calls, _variables,
)  # fmt: skip


def troubles(facts: Facts) -> list[Trouble]:
    """All that is wrong, by these facts."""
    return [trouble for check in CHECKS for trouble in check(facts)]


def why_not() -> str | None:
    """None if CuPy finds a GPU; else the first thing that keeps it from one, and the cure."""
    try:
        import cupy

        if cupy.cuda.is_available():
            return None
    except Exception:  # a broken CuPy raises anything at all; the reasons below tell of it
        pass
    reasons = (f"{trouble.what} {trouble.cure}" for trouble in troubles(look()) if trouble.broken)
    return next(reasons, "CuPy finds no CUDA GPU; see what nvidia-smi -L lists.")


def checkup() -> Checkup:
    """What is here and what is wrong with it. It imports CuPy."""
    facts = look()
    told = {
        "driver": f"up to CUDA {dotted(facts.driver)}" if facts.driver else "" if facts.devices else "none",
        "CuPy": ", ".join(f"{name} {version}" for name, version in facts.wheels.items()),
        "built for": f"CUDA {dotted(facts.built)}" if facts.built else "",
        "compiler": f"NVRTC of CUDA {dotted(facts.nvrtc)}" if facts.nvrtc else "",
        "GPU": ", ".join(f"{name} (compute capability {cc / 10})" for name, cc in facts.devices),
        "memory": str(facts.memory or ""),
        "kernels": f"{facts.compiled} compiled in {facts.cache}; others are compiled when first used"
        if facts.cache
        else "",
    }
    return Checkup({k: v for k, v in (told | dict(facts.variables)).items() if v}, troubles(facts))
