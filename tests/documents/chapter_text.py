"""The chapter that kcore serves, where a checkout has it beside it: its text, its names, and what was cut from it."""

from __future__ import annotations

import io
import keyword
import re
import tokenize
from pathlib import Path

from tests.documents.conftest import ROOT

CHAPTER = ROOT.parent / "shared" / "documents" / "keras_compile_and_train.txt"
FRAGMENTS = sorted(Path(__file__).with_name("chapter").iterdir())

_WORD = r"[A-Za-z_][\w-]*"

# Where a name stands in the chapter: each finds one word.
_PLACES = (
    rf"^- \*{{0,2}}({_WORD})\*{{0,2}}:",  # a list's items: metrics, arguments, data sets
    rf"[-\s]({_WORD}): [\d.]+",  # what the output shows
    rf"(?<=[\w)]\.)({_WORD})",  # attributes
    rf"['\"]({_WORD})['\"]",  # strings in programs
    rf"\b({_WORD})\s*=(?!=)",  # keyword arguments, and what is assigned to
    rf"\b({_WORD})\(",  # what is called
    rf"^-({_WORD}) is set as ",
    rf" is set as (?:{_WORD}\.)?({_WORD})$",
)
_QUOTED = re.compile(r"`([^`\n]+)`")
_ITEM = re.compile(r"^- \*\*([^*`\n]+)\*\*:", re.MULTILINE)
_IMPORT = re.compile(r"^(?:from (\S+) )?import (.+?)\s*$", re.MULTILINE)


def fragment(number: int) -> str:
    """The text of the fragment of that number, `keras` in it become `kcore`."""
    (file,) = (file for file in FRAGMENTS if file.name.startswith(f"{number:02}_"))
    return file.read_text("utf-8")


def program(first: int, last: int) -> str:
    """Fragments that make one program, one after the other."""
    return "\n".join(fragment(number) for number in range(first, last + 1))


def lines(text: str) -> list[str]:
    """Its lines without blanks at their ends and without the fences around code, several of which are misplaced."""
    return [line.rstrip() for line in text.splitlines() if not line.startswith("```")]


def names(text: str) -> set[str]:
    """All that the chapter names: words of code in its prose, and what its programs import, call, set and pass."""
    found = {word for place in _PLACES for word in re.findall(place, text, re.MULTILINE)}
    for quoted in [*_QUOTED.findall(text), *_ITEM.findall(text)]:
        found |= set(re.findall(_WORD, quoted))
    for module, imported in _IMPORT.findall(text):
        found |= set(re.findall(_WORD, f"{module} {imported}"))
    return {name for name in found if not keyword.iskeyword(name)}


def words(source: str) -> set[str]:
    """The names and the strings of a program."""
    tokens = tokenize.generate_tokens(io.StringIO(source).readline)
    return {t.string.strip("'\"") for t in tokens if t.type in (tokenize.NAME, tokenize.STRING)}
