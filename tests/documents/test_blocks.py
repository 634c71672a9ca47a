"""Every block of Python in README and docs/ runs, in the order of its page, as one program."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path

import pytest

from tests.documents.conftest import ROOT

PAGES = [ROOT / "README.md", *sorted((ROOT / "docs").rglob("*.md"))]
BLOCK = re.compile(r"^```python\n(.*?)^```", re.MULTILINE | re.DOTALL)


@pytest.mark.parametrize("page", PAGES, ids=lambda p: str(p.relative_to(ROOT)))
def test_blocks(page: Path, environment: dict[str, str], tmp_path: Path) -> None:
    text = page.read_text(encoding="utf-8")
    blocks = BLOCK.findall(text)
    assert text.count("```python") == len(blocks)
    program = "\n".join(blocks)
    done = subprocess.run(
        [sys.executable, "-c", program], env=environment, cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert done.returncode == 0, f"{done.stderr}\n{program}"


def test_what_the_architecture_shows_is_what_its_blocks_print(environment: dict[str, str]) -> None:
    page = (ROOT / "docs" / "architecture.md").read_text(encoding="utf-8")
    program = "print(chr(0))\n".join(BLOCK.findall(page))
    done = subprocess.run([sys.executable, "-c", program], env=environment, capture_output=True, text=True, check=True)
    for told in done.stdout.split("\0\n"):
        assert f"```\n{told.rstrip()}\n```" in page, f"docs/architecture.md should show:\n{told}"
