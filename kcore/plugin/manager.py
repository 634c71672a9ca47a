"""Finding plugins: kcore's own, at once, and outsiders', in one scan of what is installed."""

from __future__ import annotations

import functools
import re
import sys
import tomllib
from collections import defaultdict
from collections.abc import Callable
from pathlib import Path
from typing import Any

from kcore.plugin.errors import PluginError
from kcore.plugin.provider import Provider, lock

# importlib.metadata is slow to import, and a source tree needs it only for outsiders: imported where used.


def _once(scan: Callable[[], tuple[Provider, ...]]) -> Callable[[], tuple[Provider, ...]]:
    """Keep what the first call returns; another thread waits for it."""
    kept = functools.cache(scan)

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
    return tuple(
        Provider(point.name, point.value, "kcore", installed.version)
        for point in installed.entry_points
        if point.group == "kcore"
    )


@_once
def outsiders() -> tuple[Provider, ...]:
    """Return the plugins of all other installed packages; none of them is imported.

    Of several copies of one package the first on the path counts. Packages that claim one namespace,
    or one of kcore's own, are returned as failed.
    """
    from importlib.metadata import distributions

    seen = {"kcore"}
    claims: dict[str, list[Provider]] = defaultdict(list)
    for found in distributions():
        try:
            name, version = re.sub(r"[-_.]+", "-", found.name).lower(), found.version
            points = [point for point in found.entry_points if point.group == "kcore"]
        except Exception:  # one package's broken metadata must not hide the others
            continue
        if name not in seen:
            seen.add(name)
            for point in points:
                claims[point.name].append(Provider(point.name, point.value, name, version))
    ours = {plugin.namespace for plugin in own()}
    for namespace, rivals in claims.items():
        who = " and ".join(f"{each.distribution} {each.version}" for each in rivals)
        for plugin in rivals:
            if namespace in ours:
                plugin.fail("its namespace belongs to kcore itself", cure=f"Uninstall {plugin.distribution}.")
            elif len(rivals) > 1:
                plugin.fail(f"its namespace is claimed by {who}", cure="Uninstall one of them.")
    return tuple(plugin for rivals in claims.values() for plugin in rivals)


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
