"""AddressSanitizer for the kernels of the stand-in: what a process of Python needs to be started with."""

from __future__ import annotations

import subprocess
from pathlib import Path

import pytest


def environment(settings: str) -> dict[str, str]:
    """What to add to the environment, beside settings of the stand-in; the test is skipped where g++ has none."""
    found = subprocess.run(["g++", "-print-file-name=libasan.so"], capture_output=True, text=True, check=True)
    library = found.stdout.strip()
    if not Path(library).is_absolute():
        pytest.skip("g++ has no AddressSanitizer here")
    return {"LD_PRELOAD": library, "ASAN_OPTIONS": "detect_leaks=0", "KCORE_STANDIN": f"{settings} sanitized"}
