"""What a worker tells its parent: a file with a line for each job that was begun, and one for what came of it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

LOST = 3
"""What a worker exits with when the device answers no longer: CUDA gives a process no second one after a fault."""


def notes(path: Path) -> dict[str, Any]:
    """What a file says of each job: None if it was begun only."""
    lines = path.read_text("utf-8").splitlines() if path.exists() else []
    return dict(json.loads(line) for line in lines)
