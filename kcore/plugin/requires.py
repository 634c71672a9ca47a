"""Whether a plugin was made for a newer kcore than this one: what its metadata require."""

from __future__ import annotations

import re
from collections.abc import Iterable

_OF_KCORE = re.compile(r"kcore\s*(?:\[[^\]]*\])?\s*\(?\s*([<>=!~][^;()]*)\)?\s*", re.IGNORECASE)
_LEAST = re.compile(r"(~=|={2,3}|>=?)\s*v?(\d+(?:\.\d+)*)")


def newer_wanted(requirements: Iterable[str], version: str) -> str | None:
    """Return the requirement that kcore of this version is too old for, or None.

    Only releases from below count: that an author knew no newer kcore is no reason to refuse it. Those with a marker,
    as `; extra == "x"`, are left out.

    >>> newer_wanted(["attrs>=23", "kcore[plot] >=0.2, <1", 'kcore>=9; extra == "new"'], "0.1.3")
    'kcore>=0.2,<1'
    >>> newer_wanted(["kcore>=0.1,<0.1.2", "kcore-torch>=9"], "0.1.3")
    """
    ours = _release(version)
    for requirement in requirements:
        matched = _OF_KCORE.fullmatch(requirement.strip())
        if matched:
            for sign, least in _LEAST.findall(matched[1]):
                if ours < _release(least) or (sign == ">" and ours == _release(least)):
                    return "kcore" + "".join(matched[1].split())
    return None


def _release(version: str) -> tuple[int, ...]:
    """The numbers of a version, without zeros at the end."""
    numbers = re.match(r"(\d+(?:\.\d+)*?)(?:\.0+)*(?!\.?\d)", version)
    return tuple(map(int, numbers[1].split("."))) if numbers else ()
