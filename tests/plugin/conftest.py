"""The fixture of these tests."""

from pathlib import Path

import pytest

from tests.plugin.plugin_world import World, new_world


@pytest.fixture
def world(tmp_path: Path) -> World:
    """A source tree of kcore with a toy standard library; nothing installed."""
    return new_world(tmp_path)
