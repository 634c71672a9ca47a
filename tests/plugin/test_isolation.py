"""What a plugin does harms nobody who does not name it: what it prints, how long it takes, which kcore it wants."""

from __future__ import annotations

import pytest

from kcore.plugin.requires import newer_wanted
from tests.plugin.plugin_world import ACME

SUGGESTS = """
from kcore.plugin import register as r, hookimpl, defined_in
import kcore.plugin
{first}

@hookimpl
def kcore_losses():
    return defined_in(__name__)

@r("layers", "not_a_loss")
@kcore.plugin.register("losses", "poly", aliases=["pl"])
class PolyLoss: ...

@kcore.plugin.register("losses")
def smooth_l1(y_true, y_pred): ...

@kcore.plugin.register("losses", "a" + NAME)
class Dynamic: ...
"""


@pytest.mark.parametrize("first", ["raise SystemExit(3)", "while True: pass", "import os; os._exit(3)", "print('!')"])
def test_an_unknown_name_runs_nobodys_code_to_suggest_another(world, first):
    world.install("acme", SUGGESTS.format(first=first), version="1.2")
    world.run("""
        brings = "which the installed package acme 1.2 brings?"
        for name, offer in (("pol", "acme/poly"), ("smooth_l", "acme/smooth_l1"), ("Polyloss", "acme/poly")):
            text = error_of("losses", name)
            assert text.endswith(f" Did you mean {offer!r}, {brings}"), text
        assert "Did you mean" not in error_of("losses", "not_a_loss")
        assert "acme" not in sys.modules and state_of("acme") == "not loaded"
        assert find("losses", "mse") and [entry.name for entry in entries("losses", outsiders=False)]
    """)


def test_a_suggestion_comes_from_any_module_that_can_be_read(world):
    world.install("acme", points="acme = pack.plugin")
    world.install("gone", points="gone = nowhere.plugin")
    for path, text in {
        "__init__": "raise RuntimeError",
        "plugin": "",
        "broken": "from kcore.plugin import register\ndef",
        "deep/losses": ACME,
    }.items():
        world.write(f"site/pack/{path}.py", text)
    (world.folder / "site/pack/latin.py").write_bytes(b"# register \xff")
    world.run("""
        assert "Did you mean 'acme/focal', which the installed package acme 1.0" in error_of("losses", "focal")
        assert "pack" not in sys.modules
    """)


def test_what_a_plugin_prints_while_it_is_loaded_goes_to_stderr(world):
    world.install("acme", "print('at import')\n" + ACME.replace("return", "print('in a hook'); return"))
    world.install("b", "import sys; print('before'); sys.stdout = None; raise OSError('gone')")
    world.run("""
        import contextlib, io
        out, err = io.StringIO(), io.StringIO()
        with contextlib.redirect_stdout(out), contextlib.redirect_stderr(err):
            find("losses", "acme/focal")
            assert "OSError: gone" in error_of("losses", "b/focal")
            print("ours")
        assert out.getvalue().split() == ["ours"], out.getvalue()
        assert err.getvalue().splitlines() == ["at import", "in a hook", "before"], err.getvalue()
    """)


def test_nobody_waits_for_a_slow_plugin_whom_he_does_not_name(world):
    world.install("slow", "import time\ntime.sleep(600)")
    world.install("acme", "import threading, sys\nsys.begun.set(); sys.go_on.wait()\n" + ACME)
    world.install("beta")
    world.run("""
        import threading
        sys.begun, sys.go_on = threading.Event(), threading.Event()
        found = []
        waiting = threading.Thread(target=lambda: found.append(find("losses", "acme/focal")))
        waiting.start()
        sys.begun.wait()  # acme is being imported, and stays so
        assert find("losses", "hinge") and find("losses", "beta/focal") and state_of("acme") == "not loaded"
        assert "'beta/focal', which" in error_of("losses", "focall")
        assert error_of("losses", "slow2/focal").startswith("Unknown")
        assert not found
        sys.go_on.set()
        waiting.join()
        assert found == [find("losses", "acme/focal")] and sys.stdout is sys.__stdout__
        assert "slow" not in sys.modules
    """)


def test_a_plugin_for_a_newer_kcore_says_so_and_is_not_run(world):
    world.install("acme", "raise RuntimeError('made for another kcore')", needs="kcore>=9")
    world.install("beta", needs="kcore>=0.5,<0.6")
    world.run("""
        text = error_of("losses", "acme/focal")
        assert text == (
            "PluginError: Plugin 'acme' (acme, of the package acme 1.0) failed to load: it needs kcore>=9, and this is "
            "kcore 0.5. Upgrade kcore (pip install --upgrade kcore), or install an older acme."
        ), text
        assert state_of("acme") == "failed" and "acme" not in sys.modules
        assert find("losses", "beta/focal") and find("losses", "mse")
    """)


@pytest.mark.parametrize(
    ("requirement", "version", "newer"),
    [
        ("kcore>=9", "0.1.0", "kcore>=9"),
        ("kcore (>=9)", "0.1.0", "kcore>=9"),
        ("KCORE[strict] >= 0.1.1, != 0.2", "0.1.0", "kcore>=0.1.1,!=0.2"),
        ("kcore~=0.2", "0.1.9", "kcore~=0.2"),
        ("kcore==0.2.*", "0.1.9", "kcore==0.2.*"),
        ("kcore>0.1", "0.1.0", "kcore>0.1"),
        ("kcore<9,>=0.10", "0.9", "kcore<9,>=0.10"),
        ("kcore>=0.1", "0.1.0", None),
        ("kcore>=0.1.0", "0.1", None),
        ("kcore>=0.10", "0.10.2.dev3", None),
        ("kcore<=9,<10,!=9", "0.1.0", None),
        ("kcore<0.1", "0.1.0", None),
        ("kcore", "0.1.0", None),
        ("kcore-torch>=9", "0.1.0", None),
        ("kcore>=9; extra == 'new'", "0.1.0", None),
        ("kcore @ file:///kcore>=9", "0.1.0", None),
        ("numpy>=9", "0.1.0", None),
    ],
)
def test_which_requirements_this_kcore_is_too_old_for(requirement, version, newer):
    assert newer_wanted(["attrs", requirement], version) == newer


def test_many_installed_plugins_cost_a_few_small_files_each_and_no_import(world):
    for i in range(50):
        world.install(f"p{i}")
        world.write(f"site/q{i}-1.0.dist-info/METADATA", f"Metadata-Version: 2.1\nName: q{i}\nVersion: 1.0\n")
    world.run("""
        assert "importlib.metadata" not in sys.modules, "import kcore.plugin reads no metadata"
        import importlib.metadata, collections, os
        read, plain = collections.Counter(), importlib.metadata.PathDistribution.read_text
        def read_text(self, name):
            if str(self.locate_file("")).startswith(os.getcwd()):
                read[name] += 1
            return plain(self, name)
        importlib.metadata.PathDistribution.read_text = read_text

        assert find("losses", "mse") and not read, "kcore's own names need no metadata of others"
        before = set(sys.modules)
        assert find("losses", "p7/focal")
        new = set(sys.modules) - before
        assert {each for each in new if each[0] == "p" and each[1:].isdigit()} == {"p7"}, new
        assert read == {"entry_points.txt": 2 * 50 + 50, "METADATA": 50}, read
        read.clear()
        assert find("losses", "p8/focal") and error_of("losses", "p9/focl") and error_of("losses", "focall")
        assert not read
    """)
