"""Settings of the process, read from the environment when they are needed, never at import."""

from __future__ import annotations

import os

import attrs


@attrs.define
class Config:
    """What a program may set for itself.

    Attributes:
        seed: what `set_random_seed` was given, None for seeds fresh from the system.
        models: how many seeds have been drawn since.
        draws: how many arrays `kcore.random` has drawn since that were given no seed.
        backend: what `set_backend` was given, None for KCORE_BACKEND.
    """

    seed: int | None = None
    models: int = 0
    draws: int = 0
    backend: str | None = None

    @property
    def default_backend(self) -> str:
        """The backend's name where no scope chooses one."""
        return self.backend or os.environ.get("KCORE_BACKEND") or "numpy"

    @property
    def kernels(self) -> tuple[str, ...]:
        """The namespaces of outsiders whose kernels may compute ops."""
        named = os.environ.get("KCORE_KERNELS", "")
        return tuple(name.strip() for name in named.split(",") if name.strip())


config = Config()
