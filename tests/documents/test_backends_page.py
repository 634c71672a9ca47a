"""docs/backends.md shows the class of docs/examples/kcore-torch, and what fails without the rest of that file."""

from __future__ import annotations

import ast
import importlib.util
import re

import pytest

from kcore.backend import Backend
from kcore.testing import check_backend
from tests.documents.conftest import ROOT
from tests.documents.test_blocks import BLOCK

PAGE = (ROOT / "docs" / "backends.md").read_text("utf-8")
BACKEND = (ROOT / "docs" / "examples" / "kcore-torch" / "kcore_torch" / "backend.py").read_text("utf-8")


def methods(source: str) -> dict[str, list[str]]:
    """By the name of each method of the class, its statements."""
    (kind,) = (node for node in ast.parse(source).body if isinstance(node, ast.ClassDef) and node.bases)
    found = {}
    for method in kind.body:
        if isinstance(method, ast.FunctionDef):
            lines = method.body[1:] if ast.get_docstring(method) else method.body
            found[method.name] = [ast.unparse(line) for line in lines]
    return found


def test_the_page_shows_the_example() -> None:
    shown, whole = methods(BLOCK.findall(PAGE)[0]), methods(BACKEND)
    assert shown.keys() == whole.keys()
    assert {name for name in shown if shown[name] != whole[name]} == {"xp"}  # the rest of the file is about this one
    assert 50 <= len(BACKEND.splitlines()) <= 100


def test_the_page_tells_of_all_that_a_backend_may_say() -> None:
    told = set(re.findall(r"`(\w+)", PAGE))
    assert {name for name in vars(Backend) if not name.startswith("_")} - told == set()


def test_the_page_shows_what_fails_without_the_rest() -> None:
    if importlib.util.find_spec("torch") is None or importlib.util.find_spec("array_api_compat") is None:
        pytest.skip("torch is not installed: tox -e torch")
    space = {"__name__": "shown"}
    exec(BLOCK.findall(PAGE)[0].replace('@register("backends", "torch")\n', ""), space)
    with pytest.raises(AssertionError) as found:
        check_backend(space["TorchBackend"]())
    told = re.search(r"^    (Backend 'torch', .*?) \.\.\.$", PAGE, re.MULTILINE | re.DOTALL)
    assert told and str(found.value).startswith(" ".join(told[1].split()))
