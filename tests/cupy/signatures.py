"""What CuPy offers: every public name with its parameters, read from the real package into a file that is kept.

`python -m tests.cupy.signatures` writes tests/cupy/cupy-14.2.json anew; it needs CuPy but no GPU.
"""

from __future__ import annotations

import inspect
import json
import re
from pathlib import Path
from typing import Any

FILE = Path(__file__).with_name("cupy-14.2.json")
MODULES = ("", "linalg", "cuda", "cuda.memory", "cuda.runtime", "cuda.driver", "cuda.nvrtc")
CLASSES = ("ndarray", "RawModule", "RawKernel", "cuda.Device", "cuda.Event", "cuda.Graph", "cuda.MemoryPool",
           "cuda.MemoryPointer", "cuda.PinnedMemoryPointer", "cuda.Stream", "cuda.memory.OutOfMemoryError")  # fmt: skip
OTHER = ("cupyx.empty_pinned", "cupyx.zeros_pinned", "cupyx.errstate", "cupyx.allow_synchronize")
UNSIGNED = "..."  # of a callable that does not tell its parameters


def parameters(thing: Any) -> str | None:
    """A callable's parameters, as "x1, x2, /, out=, *, dtype="; None for what is not called."""
    if not callable(thing):
        return None
    try:
        return ", ".join(_of_signature(inspect.signature(thing)))
    except (TypeError, ValueError):
        pass
    said = re.match(r"[\w.]+\((.*?)\)( ->|\n|$)", (inspect.getdoc(thing) or "").partition("\n\n")[0], re.DOTALL)
    return ", ".join(_of_text(said[1])) if said else UNSIGNED


def _of_signature(signature: inspect.Signature) -> list[str]:
    """The parameters by name, with the marks that part them."""
    text, kinds = [], [p.kind for p in signature.parameters.values()]
    for i, p in enumerate(signature.parameters.values()):
        if p.kind is p.KEYWORD_ONLY and p.KEYWORD_ONLY not in kinds[:i] and p.VAR_POSITIONAL not in kinds[:i]:
            text.append("*")
        star = {p.VAR_POSITIONAL: "*", p.VAR_KEYWORD: "**"}.get(p.kind, "")
        text.append(star + p.name + "=" * (p.default is not p.empty))
        if p.kind is p.POSITIONAL_ONLY and kinds[i + 1 : i + 2] != [p.POSITIONAL_ONLY]:
            text.append("/")
    return text[1:] if text[:1] == ["self"] else [t for t in text if t != "self"]


def _of_text(text: str) -> list[str]:
    r"""The same, of what a docstring of Cython begins with, such as `self, int axis=-1, \*, kind=None`."""
    found = []
    for part in re.sub(r"\([^)]*\)|\[[^]]*\]", "", text).replace("\\", "").split(","):
        name, equals, _ = part.strip().partition("=")
        word = name.strip().partition(":")[0].split(" ")[-1]
        found.append(word + equals)
    return [name for name in found if name not in ("self", "")]


def read(cupy: Any, cupyx: Any) -> dict[str, str | None]:
    """By dotted name, the parameters of all that a CuPy has, real or standing in."""
    found = {}
    for path in (*MODULES, *CLASSES):
        owner = _at(cupy, path)
        for name in dir(owner) if owner is not None else ():
            thing = getattr(owner, name, inspect)  # a module, as what is loaded late may be missing
            if not name.startswith("_") and not inspect.ismodule(thing):
                found[f"{path}.{name}".lstrip(".")] = parameters(thing)
    found |= {f"cuda.Stream.{name}": None for name in vars(cupy.cuda.Stream.null) if not name.startswith("_")}
    for path in OTHER:
        if (thing := _at(cupyx, path.partition(".")[2])) is not None:
            found[path] = parameters(thing)
    return dict(sorted(found.items()))


def _at(module: Any, path: str) -> Any:
    for name in filter(None, path.split(".")):
        module = getattr(module, name, None)
    return module


def kept() -> dict[str, str | None]:
    """What the file says of the real CuPy."""
    names: dict[str, str | None] = json.loads(FILE.read_text("utf-8"))["names"]
    return names


def main() -> None:
    """Write the file."""
    import cupy
    import cupyx

    FILE.write_text(json.dumps({"version": cupy.__version__, "names": read(cupy, cupyx)}, indent=0) + "\n", "utf-8")


if __name__ == "__main__":
    main()
