"""The stand-in's streams: with settings.deferred what is not waited for has not happened."""

from __future__ import annotations

import numpy as np
import pytest

cupy = pytest.importorskip("cupy", reason="neither CuPy nor its stand-in is here")
standin = getattr(cupy, "standin", None)
if standin is None:
    pytest.skip("this is CuPy itself", allow_module_level=True)

import cupyx  # noqa: E402

HOST = np.arange(6, dtype=np.float32).reshape(2, 3)


def refilled_too_early(stream, host):
    """What arrives of ones, if the host writes twos into the memory right after it asked for the copy."""
    with standin.using(deferred=True), stream:
        there = cupy.empty(4, cupy.float32)
        host[...] = 1
        there.set(host, stream)
        done = stream.record()
        host[...] = 2
        assert not done.done
        return set(there.get().tolist())


def test_pinned_memory_that_is_refilled_too_early_shows():
    assert refilled_too_early(cupy.cuda.Stream(), cupyx.empty_pinned(4, np.float32)) == {2.0}
    assert refilled_too_early(cupy.cuda.Stream.null, cupyx.empty_pinned(4, np.float32)) == {2.0}
    assert refilled_too_early(cupy.cuda.Stream(), np.empty(4, np.float32)) == {1.0}, "other memory is copied at once"


def test_an_event_that_is_waited_for_makes_it_safe():
    with standin.using(deferred=True):
        there, host = cupy.empty(4, cupy.float32), cupyx.zeros_pinned(4, np.float32)
        there.set(host, cupy.cuda.get_current_stream())
        event = cupy.cuda.Event(disable_timing=True)
        event.record()
        event.synchronize()
        host[...] = 2
        assert event.done
        assert there.get().tolist() == [0, 0, 0, 0]


@pytest.mark.parametrize("waits", [False, True])
def test_streams_that_do_not_block_need_events(waits):
    first, second = cupy.cuda.Stream(non_blocking=True), cupy.cuda.Stream(non_blocking=True)
    x = cupy.zeros(3, cupy.float32)
    with standin.using(deferred=True):
        with first:
            x.fill(1)
            event = first.record()
        with second:
            if waits:
                second.wait_event(event)
            y = x + 1
            got = y.get().tolist()
        first.synchronize()
    assert got == ([2, 2, 2] if waits else [1, 1, 1])


def test_the_null_stream_waits_for_those_that_block():
    stream, x = cupy.cuda.Stream(), cupy.zeros(3, cupy.float32)
    with standin.using(deferred=True):
        with stream:
            x.fill(1)
        assert (x + 1).get().tolist() == [2, 2, 2]


def test_work_is_captured_and_done_again():
    stream, x = cupy.cuda.Stream(), cupy.zeros(2, cupy.float32)
    with stream:
        stream.begin_capture()
        cupy.add(x, 1, out=x)
        for refused in (lambda: x.get(), lambda: cupy.asarray(HOST), lambda: cupy.matmul(x, x)):
            with pytest.raises(RuntimeError, match="is not supported while a stream is capturing"):
                refused()
        with pytest.raises(RuntimeError, match="operation not permitted when stream is capturing"):
            stream.synchronize()
        graph = stream.end_capture()
        assert x.get().tolist() == [0, 0]
        graph.launch()
        graph.launch()
    assert x.get().tolist() == [2, 2]
