"""Finding plugins: kcore's own, at once, and outsiders', in one scan of what is installed."""

from __future__ import annotations

import functools
import re
import sys
import threading
import tomllib
from collections import defaultdict
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import TYPE_CHECKING, Any

from kcore.plugin.errors import PluginError
from kcore.plugin.provider import Provider
from kcore.plugin.requires import newer_wanted

if TYPE_CHECKING:  # slow to import, and a source tree needs it only for outsiders: imported where used
    from email.message import Message
    from importlib.metadata import Distribution, EntryPoint


def _once(scan: Callable[[], tuple[Provider, ...]]) -> Callable[[], tuple[Provider, ...]]:
    """Keep what the first call returns; another thread waits for it."""
    kept, lock = functools.cache(scan), threading.RLock()

    @functools.wraps(scan)
    def locked() -> tuple[Provider, ...]:
        with lock:
            return kept()

    return locked


@_once
def own() -> tuple[Provider, ...]:
    """Return kcore's own plugins: in a source tree from its pyproject.toml, else from its metadata."""
    project = _source_project(Path(__file__).parents[2])
    if project is not None:
        points = project["entry-points"]["kcore"].items()
        return tuple(Provider(name, target, "kcore", project["version"]) for name, target in points)
    from importlib.metadata import PackageNotFoundError, distribution

    try:
        installed = distribution("kcore")
    except PackageNotFoundError as cause:
        raise PluginError("kcore is not installed, so it has no plugins: pip install kcore.") from cause
    return tuple(Provider(point.name, point.value, "kcore", installed.version) for point in _points(installed))


@_once
def outsiders() -> tuple[Provider, ...]:
    """Return the plugins of all other installed packages; none of them is imported.

    Of several copies of one package the first on the path counts. Packages that claim one namespace,
    or one of kcore's own, or that need a newer kcore, are returned as failed.
    """
    from importlib.metadata import distributions

    ours, seen = own(), {"kcore"}
    claims: dict[str, list[Provider]] = defaultdict(list)
    for found in distributions():
        with suppress(Exception):  # one package's broken metadata must not hide the others
            if not _mentions_kcore(found):
                continue
            metadata = _metadata(found)
            name = re.sub(r"[-_.]+", "-", metadata["Name"]).lower()
            first = next(iter(distributions(name=name)), found)
            if name in seen or first.locate_file("") != found.locate_file(""):
                continue
            seen.add(name)
            newer = newer_wanted(metadata.get_all("Requires-Dist") or (), ours[0].version)
            for point in _points(found):
                plugin = Provider(point.name, point.value, name, metadata["Version"])
                claims[point.name].append(plugin)
                if newer:
                    cure = f"Upgrade kcore (pip install --upgrade kcore), or install an older {name}."
                    plugin.fail(f"it needs {newer}, and this is kcore {ours[0].version}", cure=cure)
    for namespace, rivals in claims.items():
        who = " and ".join(f"{each.distribution} {each.version}" for each in rivals)
        for plugin in rivals:
            if namespace in {each.namespace for each in ours}:
                plugin.fail("its namespace belongs to kcore itself", cure=f"Uninstall {plugin.distribution}.")
            elif len(rivals) > 1:
                plugin.fail(f"its namespace is claimed by {who}", cure="Uninstall one of them.")
    return tuple(plugin for rivals in claims.values() for plugin in rivals)


def _points(package: Distribution) -> list[EntryPoint]:
    return [point for point in package.entry_points if point.group == "kcore"]


def _mentions_kcore(package: Distribution) -> bool:
    """Whether it may have entry points for kcore: told by one small file that most packages do not even have."""
    return "kcore" in (package.read_text("entry_points.txt") or "")


def _metadata(package: Distribution) -> Message:
    """Its metadata; the long description that follows them is not parsed."""
    from email.parser import HeaderParser

    return HeaderParser().parsestr(package.read_text("METADATA") or package.read_text("PKG-INFO") or "")


def provider(namespace: str) -> Provider | None:
    """Return the plugin of that namespace, kcore's own before an outsider's, or None."""
    for plugins in (own, outsiders):
        for plugin in plugins():
            if plugin.namespace == namespace:
                return plugin
    return None


def _source_project(tree: Path) -> dict[str, Any] | None:
    """Return [project] of the pyproject.toml that kcore's source tree has, and make its folders importable.

    Metadata of an earlier build may lie in such a tree, or be installed beside it: they are not read.
    """
    file = tree / "pyproject.toml"
    project = tomllib.loads(file.read_text("utf-8")).get("project", {}) if file.is_file() else {}
    if project.get("name") != "kcore":
        return None
    for folder in ("backends", "plugins"):
        if str(tree / folder) not in sys.path:
            sys.path.insert(0, str(tree / folder))
    return dict(project)
