"""Plugins of installed packages: on demand, side by side, and broken in every way we could think of."""

from __future__ import annotations

import pytest

from tests.plugin.plugin_world import ACME

HEAD = "from kcore.plugin import defined_in, hookimpl, register\n"


def test_an_outsider_is_loaded_when_named_and_not_before(world):
    world.install("acme", version="1.2")
    world.install("broken", "raise RuntimeError('must not be imported')")
    world.run("""
        import importlib.metadata
        scans, scan = [], importlib.metadata.distributions
        importlib.metadata.distributions = lambda **of: (scans.append(of), scan(**of))[1]

        assert find("losses", "mse") is find("losses", "MeanSquaredError") is find("losses", "standard/mse")
        assert not scans and "acme" not in sys.modules
        assert state_of("acme") == "not loaded"

        Focal = find("losses", "acme/focal")
        assert Focal.__name__ == "Focal"
        assert Focal is find("losses", "acme/fl") is find("losses", "acme/Focal")
        assert "broken" not in sys.modules and scans.count({}) == 1
        states = [state_of(each) for each in ("standard", "acme", "broken")]
        assert states == ["loaded", "loaded", "not loaded"]

        names = [entry.qualified for entry in entries("losses")]
        assert names == ["hinge", "mean_squared_error", "acme/focal"], names
        assert [e.qualified for e in entries("losses", outsiders=False)] == ["hinge", "mean_squared_error"]
        [focal] = [entry for entry in entries("losses") if entry.thing is Focal]
        assert (focal.namespace, focal.distribution, focal.version) == ("acme", "acme", "1.2")
        assert state_of("broken") == "failed" and scans.count({}) == 1
    """)


def test_an_unknown_name_is_told_who_brings_it(world):
    world.install("acme", version="1.2")
    world.install("beta")
    world.install("broken", "import nowhere")
    world.run("""
        text = error_of("losses", "focal")
        assert text == (
            "UnknownNameError: Unknown loss 'focal'. kcore knows: hinge, mean_squared_error (alias mse). "
            "Did you mean 'acme/focal', which the installed package acme 1.2 brings, "
            "or 'beta/focal', which the installed package beta 1.0 brings?"
        ), text
        assert not {"acme", "beta", "broken"} & sys.modules.keys()
        text = error_of("losses", "acme/focl")
        assert text == (
            "UnknownNameError: Unknown loss 'acme/focl'. acme 1.2 knows: focal (alias fl). "
            "Did you mean 'acme/focal'?"
        ), text
        text = error_of("losses", "acne/focal")
        assert text == (
            "UnknownNameError: Unknown loss 'acne/focal': no installed package brings the namespace 'acne'. "
            "Known are: acme, beta, broken, standard. Did you mean 'acme'?"
        ), text
    """)


BROKEN = {
    "import": ("raise RuntimeError('boom.')", "to load: RuntimeError: boom. Upgrade"),
    "exit": ("import sys; sys.exit(3)", "to load: SystemExit: 3. Upgrade"),
    "skip": ("class Skipped(BaseException): ...\nraise Skipped('no GPU')", "to load: Skipped: no GPU. Upgrade"),
    "misspelt": (
        ACME + "@hookimpl\ndef kcore_layer(): return []",
        "to load: AttributeError: it has an unknown hook 'kcore_layer'. Did you mean 'kcore_layers'? Upgrade or ",
    ),
    "unprefixed": (
        ACME + "@hookimpl\ndef layers(): return []",
        "to load: AttributeError: it has an unknown hook 'layers'. Did you mean 'kcore_layers'?",
    ),
    "unmarked": (
        ACME + "def kcore_layers(): return []",
        "to load: AttributeError: kcore_layers is not marked as a hook; write @hookimpl above it",
    ),
    "argument": (HEAD + "@hookimpl\ndef kcore_losses(x): return []", "to load: PluginValidationError: "),
    "empty": ("", "to load: AttributeError: it has no hooks; known are kcore_layers, "),
    "raises": (
        HEAD + "@hookimpl\ndef kcore_losses(): yield 1 / 0",
        "in its hook kcore_losses: ZeroDivisionError: division by zero",
    ),
    "nothing": (
        HEAD + "@hookimpl\ndef kcore_losses(): pass",
        "it must return registered losses, but returned None",
    ),
    "text": (HEAD + "@hookimpl\ndef kcore_losses(): return 'b.losses'", "losses, but returned 'b.losses'"),
    "stranger": (
        HEAD + "@hookimpl\ndef kcore_losses(): return [int]",
        "it returned <class 'int'>, which is not registered with @register('losses')",
    ),
    "subclass": (
        ACME + "class Sub(Focal): ...\n@hookimpl\ndef kcore_losses(): return [Sub]",
        "it returned <class 'b.Sub'>, which is not registered with @register('losses')",
    ),
    "wrong_kind": (
        HEAD + "@register('layers')\nclass Dense: ...\n@hookimpl\ndef kcore_losses(): return [Dense]",
        "it returned <class 'b.Dense'>, which is not registered with @register('losses')",
    ),
}


def test_a_folder_that_hides_the_package_is_named(world):
    world.install("acme", points="acme = parts")
    world.write("parts/README.md", "the project's folder")
    folder = world.folder / "parts"
    world.run(f"""
        sys.path.insert(0, {str(world.folder)!r})
        assert error_of("losses", "acme/focal") == (
            "PluginError: Plugin 'acme' (parts, of the package acme 1.0) failed to load: AttributeError: "
            "the folder {folder} was imported as 'parts', and has no hooks. Let the entry point name the module with "
            "them, as parts.plugin; or start Python elsewhere. Upgrade or uninstall it, or tell its authors."
        ), error_of("losses", "acme/focal")
    """)


@pytest.mark.parametrize("fault", BROKEN)
def test_a_broken_plugin_says_what_is_wrong_and_harms_no_other(world, fault):
    code, text = BROKEN[fault]
    world.install("acme")
    world.install("b", code)
    world.run(f"""
        before = find("losses", "mse"), find("losses", "acme/focal")
        for _ in range(2):
            text = error_of("losses", "b/focal")
            assert text.startswith("PluginError: Plugin 'b' (b, of the package b 1.0) failed "), text
            assert {text!r} in text, text
            assert text.endswith(" Upgrade or uninstall it, or tell its authors."), text
        assert (find("losses", "mse"), find("losses", "acme/focal")) == before
        assert [entry.qualified for entry in entries("losses")][-1] == "acme/focal"
        [b] = [each for each in providers() if each.namespace == "b"]
        assert (b.state, f"PluginError: {{b.error}}") == ("failed", text)
    """)


def test_a_broken_hook_leaves_the_other_hooks_alone(world):
    world.install("acme", ACME + "@hookimpl\ndef kcore_layers(): raise OSError('gone')")
    world.run("""
        assert "in its hook kcore_layers: OSError: gone" in error_of("layers", "acme/dense")
        assert find("losses", "acme/focal").__name__ == "Focal"
    """)


def test_a_broken_part_of_kcore_itself_is_named(world):
    world.write("tree/plugins/kcore_toy/losses.py", "import nowhere")
    world.run("""
        text = error_of("losses", "mse")
        assert text == (
            "UnknownNameError: Unknown loss 'mse'. kcore knows: none.\\n"
            "Plugin 'standard' (kcore_toy.plugin, of the package kcore 0.5) failed in its hook kcore_losses: "
            "ModuleNotFoundError: No module named 'nowhere'. Mend or reinstall kcore."
        ), text
    """)


def test_two_packages_with_one_namespace_harm_only_that(world):
    world.install("acme")
    world.install("acme_fork", version="2.0", points="acme = acme_fork")
    world.install("beta")
    world.install("thief", points="standard = thief")
    world.run("""
        assert find("losses", "mse") and find("losses", "beta/focal") and find("losses", "standard/hinge")
        text = error_of("losses", "acme/focal")
        assert text.startswith("PluginError: Plugin 'acme' (acme"), text
        both = "acme 1.0 and acme-fork 2.0", "acme-fork 2.0 and acme 1.0"  # as the folder lists them
        end = "failed to load: its namespace is claimed by {}. Uninstall one of them."
        assert text.endswith(tuple(map(end.format, both))), text
        assert not {"acme", "acme_fork", "thief"} & sys.modules.keys()
        [ours, theirs] = [each for each in providers() if each.namespace == "standard"]
        assert (ours.state, theirs.state) == ("loaded", "failed")
        assert theirs.error.endswith("its namespace belongs to kcore itself. Uninstall thief."), theirs.error
        text = error_of("losses", "focal")
        brings = "Did you mean 'beta/focal', which the installed package beta 1.0 brings?"
        knows = "Unknown loss 'focal'. kcore knows: hinge, mean_squared_error (alias mse)."
        assert text == f"UnknownNameError: {knows} {brings}", text
    """)


def test_of_two_copies_of_a_package_the_first_on_the_path_counts(world):
    world.install("acme", version="2.0", at="first")
    world.install("acme", version="1.0")
    world.install("Acme", version="0.9", at="last")
    world.run(
        """
        [acme] = [each for each in providers() if each.distribution != "kcore"]
        assert (acme.distribution, acme.version) == ("acme", "2.0")
        assert find("losses", "acme/focal").__module__ == "acme"
        """,
        path=("tree", "first", "site", "last"),
    )


def test_a_copy_without_plugins_that_lies_before_hides_those_behind(world):
    world.install("acme", version="1.0")
    world.write("first/acme-2.0.dist-info/METADATA", "Metadata-Version: 2.1\nName: acme\nVersion: 2.0\n")
    world.run(
        """
        assert not [each for each in providers() if each.distribution != "kcore"]
        assert "no installed package brings the namespace 'acme'" in error_of("losses", "acme/focal")
        """,
        path=("tree", "first", "site"),
    )


def test_unreadable_metadata_of_another_package_do_no_harm(world):
    world.install("acme")
    world.install("odd")
    world.write("site/odd-1.0.dist-info/entry_points.txt", "[kcore]\nno equals sign\n")
    world.write("site/nameless-1.0.dist-info/entry_points.txt", "[kcore]\nx = x\n")
    world.run('assert find("losses", "acme/focal") and state_of("acme") == "loaded"')


@pytest.mark.parametrize(
    ("setting", "acme", "beta"),
    [(None, True, True), ("", False, False), ("acme", True, False), (" beta , gamma", False, True)],
)
def test_the_setting_says_which_outsiders_may_be_used(world, setting, acme, beta):
    world.install("acme")
    world.install("beta")
    world.run(
        f"""
        import os
        assert os.environ.get("KCORE_PLUGINS") == {setting!r}
        left_out = "UnknownNameError: Unknown loss '%s/focal': %s 1.0 is installed, but left out by " \\
            "KCORE_PLUGINS={setting}. Add %s to it, or unset it."
        expected = ["not loaded" if allowed else "left out" for allowed in ({acme}, {beta})]
        assert [state_of("acme"), state_of("beta")] == expected
        for name, allowed in (("acme", {acme}), ("beta", {beta})):
            assert (f"{{name}}/focal" in [entry.qualified for entry in entries("losses")]) == allowed
            assert (f"'{{name}}/focal', which" in error_of("losses", "focal")) == allowed
            assert (error_of("losses", f"{{name}}/focal") == left_out % (name, name, name)) == (not allowed)
            assert (name in sys.modules) == allowed
        assert find("losses", "mse")
        os.environ["KCORE_PLUGINS"] = "acme,beta"
        assert find("losses", "acme/focal") and find("losses", "beta/focal")
        """,
        **({} if setting is None else {"KCORE_PLUGINS": setting}),
    )


def test_a_users_own_things_stand_beside_the_plugins(world):
    world.install("acme")
    world.write("site/mine.py", HEAD + "@register('losses')\nclass Hinge: ...\n@register('losses')\nclass Soft: ...")
    world.run("""
        @register("losses")
        class Huber: ...
        assert find("losses", "huber") is Huber

        import acme
        assert error_of("losses", "focal").startswith("UnknownNameError")
        assert find("losses", "acme/focal") is acme.Focal

        @register("losses", "my_error")
        class MeanSquaredError: ...
        assert find("losses", "MeanSquaredError") is find("losses", "mse") is not MeanSquaredError

        import mine
        assert find("losses", "soft") is mine.Soft
        text = error_of("losses", "hinge")
        assert text == (
            "NameClashError: The loss 'hinge' may be standard/hinge (defined in kcore_toy.losses) or "
            "hinge (defined in mine). Ask for one by its full name, or rename one."
        ), text
        assert find("losses", "standard/hinge") is find("losses", "Hinge") is not mine.Hinge
    """)


def test_a_plugins_things_are_its_own_wherever_they_are_defined(world):
    world.install("acme", HEAD + "@hookimpl\ndef kcore_losses(): return defined_in('elsewhere')")
    world.write("site/elsewhere.py", HEAD + "@register('losses')\nclass Hinge: ...")
    world.run("""
        mine = find("losses", "hinge")
        theirs = find("losses", "acme/hinge")
        assert find("losses", "hinge") is mine is not theirs
        assert name_of("losses", theirs) == "acme/hinge" and name_of("losses", mine) == "Hinge"
        assert [entry.qualified for entry in entries("losses")] == ["hinge", "mean_squared_error", "acme/hinge"]
    """)


def test_a_bare_namespace_means_its_one_backend(world):
    backend = "from kcore.plugin import *\n@hookimpl\ndef kcore_backends(): return defined_in(__name__)\n"
    world.install("one", backend + "@register('backends', 'fast')\nclass Fast: ...")
    world.install("two", backend + "register('backends', 'a')(object())\nregister('backends', 'b')(object())")
    world.install("none", ACME)
    world.run("""
        assert find("backends", "one") is find("backends", "one/fast")
        text = error_of("backends", "two")
        assert text == (
            "NameClashError: The backend 'two' may be two/a (defined in two) or two/b (defined in two). "
            "Ask for one by its full name, or rename one."
        ), text
        assert error_of("backends", "none").startswith("UnknownNameError: Unknown backend 'none'.")
        assert error_of("losses", "one").startswith("UnknownNameError: Unknown loss 'one'.")
    """)


def test_a_hook_returns_what_a_package_and_its_submodules_define(world):
    world.install("acme", points="acme = pack.plugin:Hooks.all [extra]")
    world.write("site/pack/__init__.py", "")
    world.write("site/pack/__main__.py", "raise SystemExit('only by python -m')")
    world.write(
        "site/pack/plugin.py",
        HEAD
        + """
class Hooks:
    class all:
        @staticmethod
        @hookimpl
        def kcore_losses(): return defined_in("pack.losses")
""",
    )
    world.write("site/pack/losses/__init__.py", "")
    world.write("site/pack/losses/outer.py", HEAD + "@register('losses')\nclass Outer: ...")
    world.write("site/pack/losses/deep/__init__.py", "from ..outer import Outer")
    world.write("site/pack/losses/deep/inner.py", HEAD + "@register('losses')\nclass Inner: ...")
    world.write("site/pack/losses_more.py", HEAD + "@register('losses')\nclass More: ...")
    world.run("""
        import pack.losses_more
        names = [entry.qualified for entry in entries("losses") if entry.namespace]
        assert names[2:] == ["acme/inner", "acme/outer"], names
        assert [each.__name__ for each in defined_in("pack")] == ["More", "Outer", "Inner"]
        assert error_of("losses", "more").startswith("Unknown")
    """)


def test_a_module_may_look_up_its_own_kind_while_it_is_imported(world):
    world.write("site/acme_losses/__init__.py", "")
    world.write(
        "site/acme_losses/a.py",
        HEAD
        + """
from kcore.plugin import find

@register("losses")
class A(find("losses", "acme/z"), find("losses", "hinge")): ...
""",
    )
    world.write("site/acme_losses/z.py", HEAD + "@register('losses')\nclass Z: ...")
    world.install("acme", HEAD + "@hookimpl\ndef kcore_losses(): return defined_in('acme_losses')")
    world.run('assert issubclass(find("losses", "acme/a"), find("losses", "acme/z"))')


def test_a_hook_is_called_once_when_its_kind_is_asked_for_even_by_two_threads(world):
    hooks = """
    import threading
    from kcore.plugin import hookimpl, register

    calls, meeting = [], threading.Barrier(2)

    @hookimpl
    def kcore_losses():
        calls.append("losses")
        try:
            meeting.wait(0.2)  # a second thread in here would end the wait
        except threading.BrokenBarrierError:
            calls.append("alone")
        return [register("losses", "focal")(object())]

    @hookimpl
    def kcore_layers():
        calls.append("layers")
        return []
    """
    world.install("acme", hooks)
    world.run("""
        from concurrent.futures import ThreadPoolExecutor
        with ThreadPoolExecutor(2) as pool:
            first, second = pool.map(find, ["losses"] * 2, ["acme/focal"] * 2)
        assert first is second is find("losses", "acme/focal")
        assert sys.modules["acme"].calls == ["losses", "alone"], sys.modules["acme"].calls
        entries("layers")
        assert sys.modules["acme"].calls == ["losses", "alone", "layers"]
    """)
