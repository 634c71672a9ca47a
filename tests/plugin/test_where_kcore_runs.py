"""kcore finds its own plugins in a source tree, over stale metadata, and installed."""

from __future__ import annotations

import shutil
from importlib import metadata

import pytest

OURS = """
assert find("losses", "mse").__module__ == "kcore_toy.losses"
assert [(p.namespace, p.distribution, p.version) for p in providers()] == [("standard", "kcore", "{version}")]
"""


def test_a_source_tree(world):
    world.run(OURS.format(version="0.5"))


def test_a_source_tree_over_stale_metadata(world):
    stale = "Metadata-Version: 2.1\nName: kcore\nVersion: 0.1\n"
    for folder, name in (("tree/kcore.egg-info", "PKG-INFO"), ("site/kcore-0.1.dist-info", "METADATA")):
        world.write(f"{folder}/{name}", stale)
        world.write(f"{folder}/entry_points.txt", "[kcore]\nstandard = gone.plugin\nlosses = gone.losses\n")
    world.run(OURS.format(version="0.5"))


def test_installed(world):
    shutil.move(world.folder / "tree/kcore", world.folder / "site/kcore")
    shutil.move(world.folder / "tree/plugins/kcore_toy", world.folder / "site/kcore_toy")
    world.write("site/pyproject.toml", '[project]\nname = "someone-elses"\n')
    info = "Metadata-Version: 2.1\nName: kcore\nVersion: 0.7\n"
    world.write("site/kcore-0.7.dist-info/METADATA", info)
    world.write("site/kcore-0.7.dist-info/entry_points.txt", "[kcore]\nstandard = kcore_toy.plugin\n")
    world.run(OURS.format(version="0.7"), path=("site",))


def test_neither(world):
    if next(metadata.distributions(name="kcore"), None) is not None:
        pytest.skip("kcore is installed in this environment, so it is found there")
    (world.folder / "tree/pyproject.toml").unlink()
    world.run("""
        text = error_of("losses", "mse")
        assert text == "PluginError: kcore is not installed, so it has no plugins: pip install kcore.", text
    """)


def test_importing_the_registry_imports_no_plugin(world):
    world.run("""
        import kcore.plugin
        assert not {"kcore_toy", "numpy", "importlib.metadata"} & sys.modules.keys()
        find("losses", "mse")
        assert "numpy" not in sys.modules
    """)
