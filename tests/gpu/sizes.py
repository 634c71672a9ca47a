"""Sizes: how much a run measures."""

from __future__ import annotations

import attrs


@attrs.frozen(kw_only=True)
class Sizes:
    """How much a run measures.

    Attributes:
        examples: of each op in each dtype.
        networks: drawn ones.
        programs: of the real ones.
        units, batch: of the documents' network.
        rounds, group: how many groups of how many steps are timed, one wait for the device after each.
        samples, epochs, fits: of the fits that are timed.
        seconds: how long one job may take.
        compiled: whether torch.compile takes part, which thinks for a minute first.
    """

    examples: int
    networks: int
    programs: int
    rounds: int
    group: int
    fits: int
    units: int = 512
    batch: int = 128
    samples: int = 60_000
    epochs: int = 20
    seconds: int = 240
    compiled: bool = True

    @property
    def steps(self) -> int:
        """Of an epoch."""
        return -(-self.samples // self.batch)


SIZES = {
    "full": Sizes(examples=4, networks=12, programs=4, rounds=15, group=50, fits=3),
    "quick": Sizes(examples=1, networks=4, programs=1, rounds=7, group=30, fits=1, seconds=120, compiled=False),
    "toy": Sizes(
        examples=1, networks=1, programs=0, rounds=2, group=2, fits=1, units=16, batch=32, samples=200, epochs=2
    ),
}
"""By name; "toy" is for the stand-in, whose times mean nothing."""
