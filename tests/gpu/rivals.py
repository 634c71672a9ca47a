"""The documents' network as one step of JAX and of torch: the same arithmetic and metrics, all data on the device.

Source: the manuals of jax.jit and of torch.compile. Keras's RMSprop: v = 0.9 v + 0.1 g^2, p -= rate g / sqrt(v + 1e-7).
"""

from __future__ import annotations

import importlib.util
import itertools
from collections.abc import Callable
from typing import Any

import attrs
import numpy as np

from tests.gpu.sizes import Sizes
from tests.mlp import CLASSES, DROPPED, FEATURES, RATE, data


@attrs.frozen
class Contestant:
    """Who takes part.

    Attributes:
        step: begins a step, which is given its number.
        wait: waits until all that has begun is done.
        where: the kind of device that it runs on.
    """

    step: Callable[[int], Any]
    wait: Callable[[], Any]
    where: str = "gpu"


def weights(sizes: Sizes) -> list[tuple[np.ndarray, np.ndarray]]:
    """The first weights of each layer."""
    rng = np.random.default_rng(1)
    shapes = [(FEATURES, sizes.units), (sizes.units, sizes.units), (sizes.units, CLASSES)]
    return [(rng.uniform(-1, 1, s).astype("float32") * (6 / sum(s)) ** 0.5, np.zeros(s[1], "float32")) for s in shapes]


def jax_step(sizes: Sizes, precision: str) -> Contestant:
    """One jax.jit, its state donated; products of float32 as they are ("highest") or as JAX likes ("default")."""
    import jax
    import jax.numpy as jnp

    def forward(params: Any, x: Any, key: Any) -> Any:
        for layer, (w, b) in enumerate(params[:-1]):
            x = jnp.maximum(x @ w + b, 0)
            kept = jax.random.bernoulli(jax.random.fold_in(key, layer), 1 - DROPPED, x.shape)
            x = jnp.where(kept, x / (1 - DROPPED), 0)
        return x @ params[-1][0] + params[-1][1]

    def loss(params: Any, x: Any, y: Any, key: Any) -> Any:
        logits = forward(params, x, key)
        return -(y * jax.nn.log_softmax(logits)).sum(1).mean(), logits

    def step(state: Any, x: Any, y: Any) -> Any:
        params, velocity, totals, count = state
        key = jax.random.fold_in(jax.random.key(0), count)
        (value, logits), slopes = jax.value_and_grad(loss, has_aux=True)(params, x, y, key)
        velocity = jax.tree.map(lambda v, g: 0.9 * v + 0.1 * g * g, velocity, slopes)
        params = jax.tree.map(lambda p, g, v: p - RATE * g / jnp.sqrt(v + 1e-7), params, slopes, velocity)
        right = (logits.argmax(1) == y.argmax(1)).sum().astype("float32")
        return params, velocity, totals + jnp.stack([value, right]), count + 1

    params = jax.tree.map(jnp.asarray, weights(sizes))
    state = [(params, jax.tree.map(jnp.zeros_like, params), jnp.zeros(2), jnp.zeros((), "uint32"))]
    x, y = map(jnp.asarray, data(sizes.batch))
    with jax.default_matmul_precision(precision):
        compiled = jax.jit(step, donate_argnums=0).lower(state[0], x, y).compile()

    def begin(number: int) -> None:
        state[0] = compiled(state[0], x, y)

    return Contestant(begin, lambda: jax.block_until_ready(state[0]), jax.devices()[0].platform)


def torch_step(sizes: Sizes, compiled: bool) -> Contestant:
    """Modules, the loss and torch's own RMSprop, perhaps both compiled."""
    import torch
    from torch import nn

    where = "cuda" if torch.cuda.is_available() else "cpu"
    torch.backends.cuda.matmul.allow_tf32 = False
    widths = [FEATURES, sizes.units, sizes.units]
    hidden = [m for i, o in itertools.pairwise(widths) for m in (nn.Linear(i, o), nn.ReLU(), nn.Dropout(DROPPED))]
    model = nn.Sequential(*hidden, nn.Linear(sizes.units, CLASSES)).to(where)
    optimizer = torch.optim.RMSprop(model.parameters(), RATE, alpha=0.9, eps=1e-7)
    x, y = (torch.from_numpy(a).to(where) for a in data(sizes.batch))
    totals = torch.zeros(2, device=where)

    def loss() -> Any:
        logits = model(x)
        value = nn.functional.cross_entropy(logits, y)
        right = (logits.argmax(1) == y.argmax(1)).sum()
        return value, torch.stack([value.detach(), right.float()])

    forward: Any = torch.compile(loss) if compiled else loss
    update: Any = torch.compile(optimizer.step) if compiled else optimizer.step

    def begin(number: int) -> None:
        value, told = forward()
        value.backward()
        update()
        optimizer.zero_grad()
        totals.add_(told)

    return Contestant(
        begin, torch.cuda.synchronize if where == "cuda" else lambda: None, "gpu" if where == "cuda" else "cpu"
    )


RIVALS: dict[str, Callable[[Sizes], Contestant]] = {
    "jax.jit": lambda sizes: jax_step(sizes, "highest"),
    "jax.jit, with TF32": lambda sizes: jax_step(sizes, "default"),
    "torch": lambda sizes: torch_step(sizes, False),
    "torch.compile": lambda sizes: torch_step(sizes, True),
}


def rivals(sizes: Sizes) -> dict[str, Callable[[Sizes], Contestant]]:
    """Those whose libraries are here."""
    return {
        name: make
        for name, make in RIVALS.items()
        if importlib.util.find_spec(name.partition(".")[0]) and (sizes.compiled or name != "torch.compile")
    }
