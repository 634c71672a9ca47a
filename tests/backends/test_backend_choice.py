"""Which backend is used: the innermost scope, what was set, the environment, NumPy."""

from __future__ import annotations

import threading

import pytest

import kcore
from kcore.backend import BackendUnavailableError, available_backends
from kcore.config import config


@pytest.fixture(autouse=True)
def nothing_chosen(monkeypatch):
    monkeypatch.setattr(config, "backend", None)
    monkeypatch.delenv("KCORE_BACKEND", raising=False)


def name() -> str:
    return kcore.current_backend().name


def test_scopes_go_before_what_was_set_and_that_before_the_environment(monkeypatch):
    assert name() == "numpy"
    monkeypatch.setenv("KCORE_BACKEND", "strict")
    assert name() == "strict"
    kcore.set_backend("numpy")
    assert name() == "numpy"
    with kcore.use_backend("strict") as outer:
        assert outer is kcore.current_backend() and name() == "strict"
        with kcore.use_backend("numpy"):
            assert name() == "numpy"
        assert name() == "strict"
    assert name() == "numpy"


def test_a_scope_ends_with_an_error_too():
    with pytest.raises(ZeroDivisionError), kcore.use_backend("strict"):
        _ = 1 / 0
    assert name() == "numpy"


def test_a_scope_is_its_thread_s_own():
    seen = []
    with kcore.use_backend("strict"):
        thread = threading.Thread(target=lambda: seen.append(name()))
        thread.start()
        thread.join()
    assert seen == ["numpy"]


def test_there_is_one_object_for_each_backend():
    with kcore.use_backend("strict") as first, kcore.use_backend("strict") as second:
        assert first is second


@pytest.mark.parametrize("choose", [kcore.set_backend, lambda wrong: kcore.use_backend(wrong).__enter__()])
def test_an_unknown_name_lists_the_known_ones_and_the_nearest(choose):
    with pytest.raises(
        ValueError,
        match=r"^Unknown backend 'nmupy'\. kcore knows: cupy, numpy, strict\. Did you mean 'numpy'\?$",
    ):
        choose("nmupy")
    assert name() == "numpy"


def test_a_package_without_a_backend_says_so():
    text = (
        r"^Unknown backend 'standard'\. kcore knows: cupy, numpy, strict\.( Did .*)? "
        r"The package kcore \S+ brings no backend\.$"
    )
    with pytest.raises(ValueError, match=text):
        kcore.set_backend("standard")


def test_how_strict_is_installed_in_any_shell(monkeypatch):
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    says = 'array-api-strict is not installed. Install it by: pip install "kcore[strict]"'
    assert available_backends()["strict"] == says


def test_all_that_could_be_chosen_and_why_not():
    found = available_backends()
    assert {"numpy", "strict", "cupy"} <= set(found)
    assert found["numpy"] is found["strict"] is None
    assert found["cupy"] is None or "CuPy" in found["cupy"]


def test_one_that_cannot_run_is_an_error_with_the_cure_never_another_backend():
    trouble = available_backends()["cupy"]
    if trouble is None:
        pytest.skip("CuPy runs here")
    for choose in (kcore.set_backend, lambda wrong: kcore.use_backend(wrong).__enter__()):
        with pytest.raises(BackendUnavailableError) as caught:
            choose("cupy")
        assert str(caught.value) == f"The backend 'cupy' cannot be used here: {trouble}"
    assert name() == "numpy"
