"""`kcore doctor`: one page of at most 80 columns, and an exit status."""

from __future__ import annotations

import os
import subprocess
import sys

import attrs
import pytest

from kcore.backend import Checkup, OpKernel, Trouble
from kcore.cli import doctor as module
from kcore.cli.doctor import Host, examine, host_troubles, namespace_troubles, page, plugin_troubles
from kcore.cli.main import main
from kcore.plugin import Provider, entry, register

HOST = Host(kcore="1.0 in /kcore", python="3.13.0, python", system="Linux", cpu="Zen", usable=2, cores=8, load=0.5)


@pytest.fixture
def plain(monkeypatch):
    """A quiet machine with no variable set."""
    monkeypatch.setattr(module, "look", lambda version: HOST)
    monkeypatch.setattr("kcore_numpy.doctor._threads", lambda facts: ())
    for name in [n for n in os.environ if n.startswith("KCORE_")]:
        monkeypatch.delenv(name)


def test_a_page_of_a_sound_machine(plain, capsys):
    assert main(["doctor"]) == 0
    lines = capsys.readouterr().out.splitlines()
    assert lines[:6] == [
        "kcore           1.0 in /kcore",
        "Python          3.13.0, python",
        "system          Linux",
        "CPU             Zen",
        "cores           2 of 8",
        "load            0.5 processes in the last minute",
    ]
    assert "Backend numpy" in lines and "  numpy           can run" in lines
    assert lines[-1] == "Nothing is wrong." or "What else is wrong" in lines
    assert max(map(len, lines)) <= 80


def test_all_kinds_of_trouble_are_on_it():
    found = Checkup({"GPU": "two words and more " * 6}, [])
    troubles = [Trouble("It is broken. " * 9, "Mend it. " * 12, broken=True), Trouble("It is slow.", "")]
    assert list(page("cupy", HOST, found, {"cupy": "cannot run here, see below"}, troubles))[6:] == [
        "\nBackend cupy",
        "  GPU             two words and more two words and more two words and more two",
        "                  words and more two words and more two words and more",
        "\nBackends",
        "  cupy            cannot run here, see below",
        "\nWhat keeps cupy from running",
        "- It is broken. It is broken. It is broken. It is broken. It is broken. It is",
        "  broken. It is broken. It is broken. It is broken.",
        "  Cure: Mend it. Mend it. Mend it. Mend it. Mend it. Mend it. Mend it. Mend it.",
        "        Mend it. Mend it. Mend it. Mend it.",
        "\nWhat else is wrong",
        "- It is slow.",
    ]


@pytest.mark.parametrize(
    "changes, what, cure",
    [
        ({"load": 9.0}, "The machine is busy: 9.0 processes on 8 cores.", "End other programs or wait"),
        ({"variables": {"KCORE_BACKND": "x"}}, "KCORE_BACKND is set, which kcore does not read.", "Set KCORE_BACKEND"),
        ({"variables": {"KCORE_DATA_HOME": "/no/where"}}, "KCORE_DATA_HOME is /no/where, and there is no", "Make it"),
    ],
)
def test_a_machine_s_troubles(changes, what, cure):
    (found,) = host_troubles(attrs.evolve(HOST, **changes))
    assert found.what.startswith(what) and found.cure.startswith(cure) and not found.broken


def test_a_machine_without_trouble(tmp_path):
    quiet = {"KCORE_BACKEND": "numpy", "KCORE_DATA_HOME": str(tmp_path), "KCORE_HYPOTHESIS": "ci", "KCORE_PEERS": "1"}
    assert host_troubles(attrs.evolve(HOST, load=8.2, variables=quiet)) == []
    assert host_troubles(attrs.evolve(HOST, load=None)) == [] and "load" not in attrs.evolve(HOST, load=None).facts


def test_plugins_that_failed():
    sound, broken = (Provider(name, "json", f"kcore-{name}", "1.0") for name in ("sound", "broken"))
    broken.fail("ImportError: no", cure="Upgrade it.")
    (found,) = plugin_troubles([sound, broken])
    assert found.what.startswith("Plugin 'broken'") and found.what.endswith("Upgrade it.") and not found.broken
    assert not found.cure, "the error has it"


def namespaces(plugins=(), **variables):
    return [
        (trouble.what, trouble.cure, trouble.broken)
        for trouble in namespace_troubles("numpy", attrs.evolve(HOST, variables=variables), plugins)
    ]


def test_namespaces_that_no_package_brings(monkeypatch):
    plugins = [Provider("numpy", "json", "kcore", "1.0"), Provider("lumen", "json", "lumen", "1.0")]
    assert namespaces(plugins, KCORE_PLUGINS="lumn, lumen,numpy") == [
        (
            "KCORE_PLUGINS names 'lumn', and no installed package brings this namespace.",
            "It takes namespaces; those of other packages here: lumen. Did you mean 'lumen'?",
            False,
        )
    ]
    monkeypatch.setattr("kcore.plugin.manager.outsiders", lambda: tuple(plugins[1:]))
    monkeypatch.setenv("KCORE_KERNELS", "lumn")
    known = "Known are: callbacks, cupy, datasets, lumen, numpy, standard, strict. Did you mean 'lumen'?"
    text = f"KCORE_KERNELS=lumn: no installed package brings the namespace 'lumn'. {known}"
    assert namespaces(plugins, KCORE_KERNELS="lumn") == [(text, "", True)]


def test_kernels_that_cannot_be_asked(monkeypatch):
    def fails(cls):
        raise OSError("no library")

    monkeypatch.setitem(entry._table, "kernels", {})
    monkeypatch.setenv("KCORE_KERNELS", "")
    faulty = {"op": "matmul", "backend": "numpy", "probe": classmethod(fails)}
    register("kernels", "faulty")(type("Faulty", (OpKernel,), faulty))
    what = "A kernel cannot be asked whether it can run: OSError: no library"
    cure = "Leave the package out of KCORE_KERNELS, or tell its authors."
    assert namespaces(KCORE_KERNELS="") == [(what, cure, True)]


def test_a_page_names_a_wrong_variable(plain, capsys, monkeypatch):
    variables = {"KCORE_KERNELS": "lumn", "KCORE_CUDA_GRAPH": "1"}
    monkeypatch.setattr(module, "look", lambda version: attrs.evolve(HOST, variables=variables))
    monkeypatch.setenv("KCORE_KERNELS", "lumn")
    assert main(["doctor"]) == 1
    out = capsys.readouterr().out
    assert "\nKCORE_CUDA_GRAPH '1'\n" in out
    assert (
        "What keeps numpy from running\n- KCORE_KERNELS=lumn: no installed package brings the namespace 'lumn'." in out
    )


def test_names_like_those_of_variables(plain):
    (found,) = host_troubles(attrs.evolve(HOST, variables={"KCORE_CUDA_GRAPHS": "1"}))
    assert found.cure == "Set KCORE_CUDA_GRAPH instead."


def test_a_backend_that_nobody_knows(plain, capsys):
    assert main(["doctor", "--backend", "nmupy"]) == 1
    out = capsys.readouterr().out
    assert "What keeps nmupy from running\n- Unknown backend 'nmupy'. kcore knows: cupy, numpy, strict." in out
    assert "Did you mean 'numpy'?" in out.replace("\n ", "")
    assert "Cure: Set KCORE_BACKEND to one of the backends above." in out


def test_a_backend_that_cannot_run(plain, capsys, monkeypatch):
    monkeypatch.setattr("kcore_strict.backend.StrictBackend.probe", classmethod(lambda cls: "It is not installed."))
    assert main(["doctor", "--backend", "strict"]) == 1
    out = capsys.readouterr().out
    assert "  strict          cannot run here, see below\n" in out
    assert "What keeps strict from running\n- It is not installed.\n" in out
    assert main(["doctor"]) == 0
    assert "  strict          cannot run here: It is not installed.\n" in capsys.readouterr().out


def test_a_backend_whose_own_words_fail(plain, monkeypatch):
    def fails(cls):
        raise RuntimeError("no words")

    monkeypatch.setattr("kcore_strict.backend.StrictBackend.checkup", classmethod(fails))
    (found,) = examine("strict").troubles
    assert found.what == "What strict knows of itself cannot be told: RuntimeError: no words" and not found.broken
    monkeypatch.setattr("kcore_strict.backend.StrictBackend.probe", classmethod(fails))
    assert examine("strict").troubles[0] == Trouble("its probe failed: RuntimeError: no words", "", broken=True)


def test_in_a_pipe_and_nothing_is_looked_at_before_it_is_asked():
    program = """
import sys
import kcore, kcore.cli.main
kcore.available_backends()
mine = {"kcore.cli.doctor", "kcore_numpy.doctor", "threadpoolctl"} & set(sys.modules)
assert not mine, mine
assert kcore.cli.main.main(["doctor"]) in (0, 1)
assert "kcore_numpy.doctor" in sys.modules
"""
    variables = {name: value for name, value in os.environ.items() if name != "KCORE_BACKEND"}
    command = [sys.executable, "-W", "error", "-c", program]
    done = subprocess.run(command, capture_output=True, text=True, timeout=100, env=variables)
    assert done.returncode == 0, done.stderr
    assert "Backend numpy" in done.stdout and "\x1b" not in done.stdout
    assert all(len(line) <= 80 for line in done.stdout.splitlines() if "/" not in line)
