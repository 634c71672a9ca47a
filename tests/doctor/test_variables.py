"""Variables of the environment: those that are read are those that README, the command's help and the doctor tell."""

from __future__ import annotations

import re

import pytest

from kcore.cli.doctor import VARIABLES
from kcore.cli.main import EPILOG
from tests.documents.conftest import ROOT

FOLDERS = ("kcore", "backends", "plugins")
READ = re.compile(r"""environ(?:\.get\(|\[)["'](KCORE_\w+)["']|["'](KCORE_\w+)["'] (?:not )?in os\.environ""")
README = (ROOT / "README.md").read_text("utf-8")


def read() -> set[str]:
    files = (file.read_text("utf-8") for folder in FOLDERS for file in (ROOT / folder).rglob("*.py"))
    return {name for text in files for found in READ.findall(text) for name in found if name}


@pytest.mark.parametrize(
    "told",
    [set(VARIABLES), set(re.findall(r"KCORE_\w+", EPILOG)), set(re.findall(r"^\| `(KCORE_\w+)", README, re.MULTILINE))],
    ids=["doctor", "help", "README"],
)
def test_each_place_tells_of_all(told):
    assert told == read()
