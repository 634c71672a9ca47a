"""Streams and events: work that is done at once, or, with settings.deferred, when the host waits for it."""

from __future__ import annotations

import itertools
import math
import threading
import time
from collections import deque
from collections.abc import Callable
from typing import Any

import numpy as np

from ..standin import count, settings

Work = Callable[[], object]
_numbers = itertools.count()
_known: list[Stream] = []
_threads = threading.local()
_working = threading.RLock()  # one thread drives the device at a time


class Stream:
    """Work in its order. That of the null stream waits for all blocking streams, and theirs for it."""

    null: Stream

    def __init__(self, null: bool = False, non_blocking: bool = False, ptds: bool = False, *, priority: Any = None):
        self.ptr = 0 if null else 16 * (len(_known) + 1)
        self._blocking = not non_blocking
        self._queue: deque[tuple[int, Work]] = deque()
        self._before: list[Stream] = []
        self._graph: Graph | None = None
        _known.append(self)

    def __enter__(self) -> Stream:
        self._before.append(get_current_stream())
        return self.use()

    def __exit__(self, *_: object) -> None:
        self._before.pop().use()

    def use(self) -> Stream:
        """Make it the current one of this thread."""
        _threads.current = self
        return self

    @property
    def done(self) -> bool:
        """Whether nothing is left to do."""
        return not self._queue

    def synchronize(self) -> None:
        """Wait until all its work is done."""
        self._refuse_capture("cudaErrorStreamCaptureUnsupported: operation not permitted when stream is capturing")
        count["synchronizations"] += 1
        self._until()

    def record(self, event: Event | None = None) -> Event:
        """An event that happens when all that it has been given until now is done."""
        event = Event() if event is None else event
        event.record(self)
        return event

    def wait_event(self, event: Event) -> None:
        """What it is given from now on waits for the event."""
        self._add(event._reach)

    def begin_capture(self, mode: Any = None) -> None:
        """What it is given from now on goes into a graph instead."""
        if not self.ptr:
            raise _error("cudaErrorStreamCaptureUnsupported: operation not permitted when stream is capturing")
        self._graph = Graph()

    def end_capture(self) -> Graph:
        """The graph."""
        graph, self._graph = self._graph, None
        if graph is None:
            raise _error("cudaErrorIllegalState: the operation cannot be performed in the present state")
        return graph

    def is_capturing(self) -> bool:
        """Whether a graph is being captured."""
        return self._graph is not None

    def _refuse_capture(self, text: str) -> None:
        if self._graph is not None:
            raise _error(text)

    def _add(self, work: Work) -> None:
        if self._graph is not None:
            self._graph.work.append(work)
            return
        if not settings.deferred and self.done:
            _do(work)
            return
        number = next(_numbers)
        if self._blocking:
            others = [s for s in _known if s is not self and s._blocking and (not self.ptr or not s.ptr)]
            self._queue.append((number, lambda: [s._until(number) for s in others]))
        self._queue.append((number, work))
        if not settings.deferred:
            self._until()

    def _until(self, number: float = math.inf) -> None:
        if not self.ptr and number == math.inf:
            for stream in _known:
                if stream.ptr and stream._blocking:
                    stream._until(number)
        with _working:
            while self._queue and self._queue[0][0] <= number:
                _do(self._queue.popleft()[1])


class Event:
    """A point in a stream."""

    def __init__(self, block: bool = False, disable_timing: bool = False, interprocess: bool = False):
        self._stream: Stream | None = None
        self._number = -1
        self._time = 0.0

    def record(self, stream: Stream | None = None) -> None:
        """It happens when all that the stream has been given until now is done."""
        self._stream = get_current_stream() if stream is None else stream
        self._stream._add(self._happen)
        self._number = next(_numbers)

    def synchronize(self) -> None:
        """Wait for it."""
        count["synchronizations"] += 1
        self._reach()

    @property
    def done(self) -> bool:
        """Whether it has happened."""
        return self._stream is None or not self._stream._queue or self._stream._queue[0][0] > self._number

    def _reach(self) -> None:
        if self._stream is not None:
            self._stream._until(self._number)

    def _happen(self) -> None:
        self._time = time.perf_counter()


class Graph:
    """Work that was captured, to be done again by one launch."""

    def __init__(self) -> None:
        self.work: list[Work] = []

    def launch(self, stream: Stream | None = None) -> None:
        """Do it."""
        count["graphs"] += 1
        (get_current_stream() if stream is None else stream)._add(lambda: [work() for work in self.work])

    def upload(self, stream: Stream | None = None) -> None:
        """Nothing that needs to be done here."""


def get_elapsed_time(start_event: Event, end_event: Event) -> float:
    """The milliseconds between two events."""
    return 1000 * (end_event._time - start_event._time)


def get_current_stream(device_id: int = -1) -> Stream:
    """The current stream of this thread."""
    return getattr(_threads, "current", Stream.null)


def later(work: Work, stream: Stream | None = None) -> None:
    """Give the current stream some work."""
    (get_current_stream() if stream is None else stream)._add(work)


def wait() -> None:
    """Wait for the current stream, as every crossing to the host does."""
    get_current_stream().synchronize()


def capturing() -> bool:
    """Whether the current stream captures: then CuPy's own copies and products are refused."""
    return get_current_stream().is_capturing()


def refuse_capture(what: str) -> None:
    """Raise if the current stream captures."""
    if capturing():
        raise RuntimeError(f"{what} is not supported while a stream is capturing")


def _do(work: Work) -> None:
    with np.errstate(all="ignore"):  # a device does not warn
        work()


def _error(text: str) -> Exception:
    from .runtime import CUDARuntimeError

    return CUDARuntimeError(1, text)


Stream.null = Stream(null=True)
