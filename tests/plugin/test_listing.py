"""`kcore plugins` and `kcore list`: readable in a terminal of 80 columns, whole lines in a pipe."""

from __future__ import annotations

import inspect
import re
import sys

import pytest

from kcore.backend import OpKernel
from kcore.cli.doctor import VARIABLES
from kcore.cli.main import main
from kcore.plugin import KINDS, Provider, entries, entry, register

ACME = """
from kcore.plugin import defined_in, hookimpl, register
print("from the plugin")

@hookimpl
def kcore_activations():
    return defined_in(__name__, "activations")

@hookimpl
def kcore_ops():
    return defined_in(__name__, "ops")

@register("ops")
@register("activations", aliases=["bnt"])
def bent(x):
    \"\"\"A bent line.\"\"\"
"""
ERROR = (
    "Plugin 'broken' (acme_broken, of the package acme-broken 0.3) failed to load: ModuleNotFoundError: "
    "No module named 'nowhere'. Upgrade or uninstall it, or tell its authors."
)


@pytest.fixture
def installed(tmp_path, monkeypatch):
    """Two plugins, one of them broken."""
    (tmp_path / "acme_bent.py").write_text(ACME, "utf-8")
    (tmp_path / "acme_broken.py").write_text("import nowhere", "utf-8")
    monkeypatch.syspath_prepend(tmp_path)
    found = (Provider("acme", "acme_bent", "acme", "1.2"), Provider("broken", "acme_broken", "acme-broken", "0.3"))
    monkeypatch.setattr("kcore.plugin.manager.outsiders", lambda: found)
    monkeypatch.delenv("KCORE_PLUGINS", raising=False)
    monkeypatch.delenv("COLUMNS", raising=False)
    yield
    sys.modules.pop("acme_bent", None)
    for things in entry._table.values():
        for key in [key for key in things if key[0] == "acme_bent"]:
            del things[key]


def in_a_terminal(monkeypatch, columns: int) -> None:
    monkeypatch.setenv("COLUMNS", str(columns))
    monkeypatch.setenv("TERM", "xterm")
    monkeypatch.setattr(sys.stdout, "isatty", lambda: True)


def rows(out: str) -> list[list[str]]:
    return [[cell.strip() for cell in line.split("   ") if cell.strip()] for line in out.splitlines()[2:]]


def shown(capsys) -> str:
    """What a terminal shows, without what makes it bold."""
    return re.sub(r"\x1b\[[0-9;]*m", "", capsys.readouterr().out)


@pytest.mark.usefixtures("installed")
def test_plugins_in_a_pipe(capsys):
    assert main(["plugins"]) == 0
    out, err = capsys.readouterr()
    assert err == "from the plugin\n"
    assert out.split("\n")[0].split() == ["name", "version", "kinds", "state", "error"]
    assert rows(out)[-2:] == [
        ["acme", "acme 1.2", "activations, ops", "loaded"],
        ["broken", "acme-broken 0.3", "failed", ERROR],
    ]
    assert all(row[1].startswith("kcore ") and row[3] == "loaded" for row in rows(out)[:-2])


@pytest.mark.usefixtures("installed")
def test_plugins_in_a_terminal(capsys, monkeypatch):
    in_a_terminal(monkeypatch, 80)
    assert main(["plugins"]) == 0
    table, error = shown(capsys).split("\n\n")
    assert error == f"{ERROR}\n" and max(map(len, table.splitlines())) <= 80
    assert ["acme", "acme 1.2", "activations, ops", "loaded"] in rows(table)
    assert ["broken", "acme-broken 0.3", "failed"] in rows(table)


@pytest.mark.usefixtures("installed")
def test_plugins_that_are_left_out_are_not_loaded(capsys, monkeypatch):
    monkeypatch.setenv("KCORE_PLUGINS", "broken")
    main(["plugins"])
    assert rows(capsys.readouterr().out)[-2] == ["acme", "acme 1.2", "left out"]
    assert "acme_bent" not in sys.modules


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("kind", ["activations", "ops"])
def test_a_list_has_outsiders_at_its_end(kind, capsys):
    main(["list", kind])
    aliases = ["bnt"] if kind == "activations" else []
    assert rows(capsys.readouterr().out)[-1] == ["acme/bent", *aliases, "acme 1.2", "A bent line."]


@pytest.mark.usefixtures("installed")
@pytest.mark.parametrize("columns", [40, 80, 120])
def test_a_list_fits_into_a_terminal(columns, capsys, monkeypatch):
    in_a_terminal(monkeypatch, columns)
    main(["list", "losses"])
    assert max(map(len, shown(capsys).splitlines())) <= columns


@pytest.mark.usefixtures("installed")
def test_in_a_narrow_terminal_nothing_of_a_list_is_cut(capsys, monkeypatch):
    in_a_terminal(monkeypatch, 80)
    main(["list", "activations"])
    assert shown(capsys).endswith("\nacme/bent, bnt\n    A bent line. [acme 1.2]\n")
    main(["list", "losses"])
    out = shown(capsys)
    assert "\nkl_divergence, kullback_leibler_divergence, kld, KLD\n    sum(y_true log(y_true / y_pred)) " in out
    whole = {line for entry in entries("losses") for line in inspect.getdoc(entry.thing).splitlines()[:1]}
    assert all(line in " ".join(out.split()) for line in whole)


def test_in_a_wide_terminal_what_a_thing_is_stands_beside_it(capsys, monkeypatch):
    in_a_terminal(monkeypatch, 120)
    main(["list", "callbacks"])
    out = shown(capsys)
    assert out.split("\n")[0].split() == ["name", "aliases", "origin", "what", "it", "is"]
    assert "early_stopping" in out and "…" not in out and max(map(len, out.splitlines())) <= 120


@pytest.mark.parametrize("command", [["plugins"], ["list", "losses"], ["list", "layers"]])
def test_columns_are_kept_in_a_pipe_too_if_they_are_set(command, capsys, monkeypatch):
    monkeypatch.setenv("COLUMNS", "80")
    assert main(command) == 0
    assert max(map(len, capsys.readouterr().out.splitlines())) <= 80


def test_a_kernel_without_a_docstring_shows_none(capsys, monkeypatch):
    monkeypatch.setitem(entry._table, "kernels", {})
    register("kernels", "bare")(type("Bare", (OpKernel,), {"op": "matmul", "backend": "numpy"}))
    main(["list", "kernels"])
    (row,) = [row for row in rows(capsys.readouterr().out) if row[0] == "bare"]
    assert len(row) == 2, "its base's docstring is not its own"


def test_kinds_are_listed_and_the_nearest_is_told(capsys):
    assert main(["list"]) == 0
    assert capsys.readouterr().out.split() == list(KINDS)
    assert main(["list", "loss"]) == 1
    told = f"kcore list: Unknown kind 'loss'. The kinds are: {', '.join(KINDS)}. Did you mean 'losses'?\n"
    assert capsys.readouterr().err == told


def test_help_tells_of_every_variable(capsys):
    with pytest.raises(SystemExit):
        main(["--help"])
    out = capsys.readouterr().out
    assert all(name in out for name in VARIABLES)
