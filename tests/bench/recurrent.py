"""A training step of a recurrent cell of ten lines beside the same written by hand in NumPy, in turns.

By hand means: every result in memory made once, the products of all turns moved out of both loops.
"""

from __future__ import annotations

import time
from collections.abc import Callable

import numpy as np

from kcore import ops
from kcore.backend import current_backend
from kcore.graph import Symbol, Trace, Variable, finish, recording
from kcore.program import Program, gradients

STEPS, UNITS, BATCH, TURNS, WARM, RATE = 80, 128, 32, 60, 5, 0.01


def first_weights() -> dict[str, np.ndarray]:
    """Input weights, recurrent weights and bias of the cell."""
    rng = np.random.default_rng(0)
    shapes = {"w": (UNITS, 4 * UNITS), "u": (UNITS, 4 * UNITS), "b": (4 * UNITS,)}
    return {name: rng.normal(0, 0.1, shape).astype("float32") for name, shape in shapes.items()}


def cell(weights: dict[str, Variable]) -> Callable[..., tuple[tuple[Symbol, Symbol], None]]:
    """A long short-term memory."""

    def turn(carry: tuple[Symbol, Symbol], x: Symbol) -> tuple[tuple[Symbol, Symbol], None]:
        h, c = carry
        z = x @ weights["w"] + h @ weights["u"] + weights["b"]
        gates = ops.sigmoid(z[:, : 3 * UNITS])
        candidate = ops.tanh(z[:, 3 * UNITS :])
        take, keep, show = gates[:, :UNITS], gates[:, UNITS : 2 * UNITS], gates[:, 2 * UNITS :]
        c = keep * c + take * candidate
        return (show * ops.tanh(c), c), None

    return turn


def program() -> tuple[Program, dict[str, Variable]]:
    """One step of gradient descent on the distance of the last state from a target."""
    weights = {name: Variable(value, name=name) for name, value in first_weights().items()}
    trace = Trace()
    with recording(trace):
        x, y = trace.input("x", (STEPS, BATCH, UNITS)), trace.input("y", (BATCH, UNITS))
        start = ops.zeros((BATCH, UNITS))
        (h, _), _ = ops.scan(cell(weights), (start, start), x)
        loss = ops.sum(ops.square(h - y))
        slopes = gradients(loss, [v.value for v in weights.values()])
        for variable, slope in zip(weights.values(), slopes, strict=True):
            variable.assign(variable - slope * RATE)
        graph = finish(trace, "step", [loss])
    return Program(graph, current_backend(), in_place=True), weights


class ByHand:
    """The same step."""

    def __init__(self, x: np.ndarray, y: np.ndarray) -> None:
        t, b, n = STEPS, BATCH, UNITS
        self.x, self.y, self.weights = x.reshape(t * b, n), y, first_weights()

        def room(*shape: int) -> np.ndarray:
            return np.zeros(shape, "float32")

        self.xz, self.z, self.h, self.c = room(t, b, 4 * n), room(b, 4 * n), room(t + 1, b, n), room(t + 1, b, n)
        self.gates, self.candidate, self.tanh_c = room(t, b, 3 * n), room(t, b, n), room(t, b, n)
        self.dz, self.dgates, self.dgate = room(t, b, 4 * n), room(b, 3 * n), room(b, 3 * n)
        self.dh, self.dc, self.some, self.difference = room(b, n), room(b, n), room(b, n), room(b, n)
        self.slopes = {name: np.zeros_like(w) for name, w in self.weights.items()}
        self.turns = [self._views(i) for i in range(t)]

    def _views(self, i: int) -> tuple[np.ndarray, ...]:
        n = UNITS
        gates, dz = self.gates[i], self.dz[i]
        three = [gates[:, k * n : (k + 1) * n] for k in range(3)]
        return (self.xz[i], self.h[i], self.h[i + 1], self.c[i], self.c[i + 1], gates, *three, self.candidate[i],
                self.tanh_c[i], dz, dz[:, : 3 * n], dz[:, 3 * n :])  # fmt: skip

    def __call__(self) -> float:
        n, weights, z, some, dc, dh = UNITS, self.weights, self.z, self.some, self.dc, self.dh
        z3, z1 = z[:, : 3 * n], z[:, 3 * n :]
        np.matmul(self.x, weights["w"], out=self.xz.reshape(-1, 4 * n))
        for xz, h, h_new, c, c_new, gates, take, keep, show, candidate, tanh_c, *_ in self.turns:
            np.matmul(h, weights["u"], out=z)
            np.add(z, xz, out=z)
            np.add(z, weights["b"], out=z)
            np.multiply(z3, 0.5, out=gates)
            np.tanh(gates, out=gates)
            np.multiply(gates, 0.5, out=gates)
            np.add(gates, 0.5, out=gates)
            np.tanh(z1, out=candidate)
            np.multiply(keep, c, out=c_new)
            np.multiply(take, candidate, out=some)
            np.add(c_new, some, out=c_new)
            np.tanh(c_new, out=tanh_c)
            np.multiply(show, tanh_c, out=h_new)
        np.subtract(self.h[-1], self.y, out=self.difference)
        np.multiply(self.difference, 2, out=dh)
        loss = float(np.sum(np.square(self.difference)))
        dc[...] = 0
        back = weights["u"].T
        dtake, dkeep, dshow = (self.dgates[:, k * n : (k + 1) * n] for k in range(3))
        for _, _, _, c, _, gates, take, keep, show, candidate, tanh_c, dz, dz3, dz1 in reversed(self.turns):
            np.multiply(dh, tanh_c, out=dshow)
            np.multiply(dh, show, out=dh)
            np.multiply(tanh_c, tanh_c, out=some)
            np.subtract(1, some, out=some)
            np.multiply(dh, some, out=some)
            np.add(dc, some, out=dc)
            np.multiply(dc, candidate, out=dtake)
            np.multiply(dc, c, out=dkeep)
            np.multiply(dc, take, out=dz1)
            np.multiply(dc, keep, out=dc)
            np.multiply(candidate, candidate, out=some)
            np.subtract(1, some, out=some)
            np.multiply(dz1, some, out=dz1)
            np.subtract(1, gates, out=self.dgate)
            np.multiply(gates, self.dgate, out=self.dgate)
            np.multiply(self.dgates, self.dgate, out=dz3)
            np.matmul(dz, back, out=dh)
        dz = self.dz.reshape(-1, 4 * n)
        np.matmul(self.x.T, dz, out=self.slopes["w"])
        np.matmul(self.h[:-1].reshape(-1, n).T, dz, out=self.slopes["u"])
        np.sum(dz, axis=0, out=self.slopes["b"])
        for name, slope in self.slopes.items():
            np.multiply(slope, RATE, out=slope)
            np.subtract(weights[name], slope, out=weights[name])
        return loss


def bench() -> None:
    """Print medians and quartiles of both, their ratio, and how far apart they end."""
    rng = np.random.default_rng(1)
    x, y = (rng.normal(size=s).astype("float32") for s in ((STEPS, BATCH, UNITS), (BATCH, UNITS)))
    step, weights = program()
    hand = ByHand(x, y)
    step.arrays["x"][...], step.arrays["y"][...] = x, y
    ours, theirs = [], []
    for _ in range(TURNS + WARM):
        start = time.perf_counter()
        step()
        middle = time.perf_counter()
        hand()
        end = time.perf_counter()
        ours.append((middle - start) * 1e3)
        theirs.append((end - middle) * 1e3)
    for what, times in (("kcore", ours), ("by hand", theirs)):
        low, median, high = np.percentile(times[WARM:], [25, 50, 75])
        print(f"{what:<20} {median:.3f} ms (quartiles {low:.3f} to {high:.3f})")
    print(f"ratio of the medians: {np.median(ours[WARM:]) / np.median(theirs[WARM:]):.3f}")
    apart = max(float(np.abs(weights[n].numpy() - w).max()) for n, w in hand.weights.items())
    print(f"largest difference of the weights after {TURNS + WARM} steps: {apart:.1e}")
