"""`kcore plugins new`: what it writes works at once, and is what docs/examples/acme shows."""

from __future__ import annotations

import os
import subprocess
import sys
import tomllib
from pathlib import Path

import pytest

from kcore.cli.main import main
from kcore.cli.new_plugin import TEMPLATE
from kcore.plugin import KINDS

ROOT = Path(__file__).parents[2]


def files(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): path.read_text("utf-8")
        for path in folder.rglob("*")
        if path.suffix in (".py", ".toml") and "build" not in path.parts
    }


def own_tests(folder: Path) -> str:
    """What its own tests say, beside this tree, once it is installed: what pip would do, without pip."""
    project = tomllib.loads((folder / "pyproject.toml").read_text("utf-8"))["project"]
    info = folder / f"{project['name']}-{project['version']}.dist-info"
    info.mkdir()
    (info / "METADATA").write_text(f"Metadata-Version: 2.1\nName: {project['name']}\nVersion: {project['version']}\n")
    points = "\n".join(f"{name} = {target}" for name, target in project["entry-points"]["kcore"].items())
    (info / "entry_points.txt").write_text(f"[kcore]\n{points}\n")
    path = os.pathsep.join(map(str, (ROOT, ROOT / "backends", ROOT / "plugins", folder)))
    kept = {key: value for key, value in os.environ.items() if not key.startswith(("KCORE_", "PYTHON", "PYTEST"))}
    done = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:cacheprovider", str(folder)],
        env={**kept, "PYTHONPATH": path, "PYTHONDONTWRITEBYTECODE": "1"},
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=120,
    )
    assert done.returncode == 0, done.stdout + done.stderr
    return done.stdout


def test_its_tests_pass_at_once(tmp_path, capsys):
    assert main(["plugins", "new", "my-parts", "--to", str(tmp_path)]) == 0
    folder = tmp_path / "my-parts"
    assert capsys.readouterr().out == (
        f"Wrote {folder} with my_parts/layers.py, my_parts/losses.py, and tests. Next:\n"
        f'    {Path(sys.executable).name} -m pip install -e "{folder}[test]"\n'
        f'    {Path(sys.executable).name} -m pytest "{folder}"\n'
    )
    assert files(folder).keys() == {
        "pyproject.toml", "my_parts/__init__.py", "my_parts/plugin.py", "my_parts/layers.py", "my_parts/losses.py",
        "tests/test_layers.py", "tests/test_losses.py",
    }  # fmt: skip
    assert "acme" not in "".join(files(folder).values())
    assert "2 passed" in own_tests(folder)


def test_with_all_kinds_it_is_the_example_and_passes_its_tests(tmp_path):
    main(["plugins", "new", "acme", "--kinds", "all", "--to", str(tmp_path)])
    example = files(ROOT / "docs/examples/acme")
    stale = "docs/examples/acme is stale. Remove it, and run: kcore plugins new acme --kinds all --to docs/examples"
    assert files(tmp_path / "acme") == example == files(TEMPLATE), stale
    assert f"{len(KINDS) + 1} passed" in own_tests(tmp_path / "acme")


@pytest.mark.parametrize("kind", KINDS)
def test_each_kind_stands_alone(kind, tmp_path):
    main(["plugins", "new", "solo", "--kinds", kind, "--to", str(tmp_path)])
    written = files(tmp_path / "solo")
    assert written.keys() >= {f"solo/{kind}.py", f"tests/test_{kind}.py"} and len(written) == 5
    assert written["solo/plugin.py"].count("@hookimpl") == 1 and f'"solo.{kind}"' in written["solo/plugin.py"]
    assert "solo." not in written[f"solo/{kind}.py"], "it needs another module of the package"


@pytest.mark.parametrize(
    ("arguments", "text"),
    [
        (["Acme"], "A package's name is like acme or acme-vision, of small letters, digits and -; got 'Acme'."),
        (["../acme"], "A package's name is like acme or acme-vision, of small letters, digits and -; got '../acme'."),
        (["class"], "'class' is a word of Python, so no package can be imported by it. Choose another name."),
        (["standard"], "The namespace 'standard' is taken by the installed package kcore 0.1.0. Choose another name."),
        (["kcore"], f"There is a module 'kcore' already ({ROOT / 'kcore/__init__.py'}). Choose another name."),
        (
            ["acme", "--kinds", "layer"],
            f"Unknown kind 'layer'. The kinds are: {', '.join(KINDS)}. Did you mean 'layers'?",
        ),
    ],
)
def test_what_cannot_be_is_refused_and_nothing_written(arguments, text, tmp_path, capsys):
    assert main(["plugins", "new", *arguments, "--to", str(tmp_path)]) == 1
    assert capsys.readouterr().err == f"kcore plugins: {text}\n"
    assert not list(tmp_path.iterdir())


def test_help_names_the_default_and_all(capsys):
    with pytest.raises(SystemExit):
        main(["plugins", "new", "--help"])
    assert "backends; or all. By default layers and losses" in " ".join(capsys.readouterr().out.split())


def test_a_folder_that_is_there_stays_as_it_is(tmp_path, capsys):
    (tmp_path / "acme").mkdir()
    assert main(["plugins", "new", "acme", "--to", str(tmp_path)]) == 1
    text = f"{tmp_path / 'acme'} is there already, and stays as it is. Choose another name, or remove it."
    assert capsys.readouterr().err == f"kcore plugins: {text}\n"
    assert not list((tmp_path / "acme").iterdir())
