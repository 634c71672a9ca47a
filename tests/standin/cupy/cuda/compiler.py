"""What compiling raises."""

from __future__ import annotations


class CompileException(Exception):  # noqa: N818 - real CuPy's name
    """A source does not compile."""

    def __init__(self, msg: str, source: str, name: str, options: tuple[str, ...], backend: str = "nvrtc") -> None:
        self._msg = msg
        self.source = source
        self.name = name
        self.options = options
        self.backend = backend
        super().__init__()

    def __str__(self) -> str:
        return self._msg

    def get_message(self) -> str:
        """What the compiler says."""
        return self._msg
