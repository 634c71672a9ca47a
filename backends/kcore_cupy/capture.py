"""Steps recorded as CUDA graphs: after the first step a whole step is one launch."""

from __future__ import annotations

import contextlib
import functools
from collections.abc import Callable
from typing import Any

from .products import on_device

RECORDS = frozenset({"copyto", "random_bits"})
"""What a step may call beside its kernels to be recorded: neither waits, allocates or asks a library of CUDA's."""


class Captured:
    """A step that is run once, recorded when it is called again, and replayed from then on.

    Args:
        step: it; the same call every time.
        cupy: the module.
    """

    def __init__(self, step: Callable[[], None], cupy: Any) -> None:
        self._step, self._cupy = step, cupy
        self._graph: Any = None
        self._warm = False

    @functools.cached_property
    def _stream(self) -> Any:
        """What the step is recorded on. It is kept, as is the workspace that products have there."""
        return self._cupy.cuda.Stream(non_blocking=True)

    def __call__(self) -> None:
        """Run the step."""
        if self._graph is not None:
            self._graph.launch()
        elif not self._warm:  # what compiles or allocates on its first call has done so before it is recorded
            self._warm = True
            self._step()
        else:
            self._graph = self._recorded()
            self._graph.launch()

    def _recorded(self) -> Any:
        stream = self._stream
        on_device(self._cupy.cuda.runtime.getDevice()).prepare(stream)
        with stream:
            stream.begin_capture()
            try:
                self._step()
            except Exception:  # whatever it is, the recording ends, and it is what is told
                with contextlib.suppress(Exception):
                    stream.end_capture()
                raise
            return stream.end_capture()
