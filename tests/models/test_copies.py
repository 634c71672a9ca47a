"""Copies and pickles of models, compiled and trained: they give the same, go on in the same way, and share nothing."""

from __future__ import annotations

import copy
import pickle

import numpy as np
import pytest

from kcore import Input, Model
from kcore.layers import Dense


@pytest.mark.parametrize("copied", [copy.deepcopy, lambda m: pickle.loads(pickle.dumps(m))], ids=["deepcopy", "pickle"])
def test_a_copy_goes_on_as_its_model_does(backend, make, x, y, copied):
    model = make(optimizer="adam")
    model.fit(x, y, verbose=0)
    other = copied(model)
    assert other.optimizer.iterations == model.optimizer.iterations == 3
    assert np.array_equal(other.predict(x), model.predict(x))
    before = model.get_weights()
    told = other.fit(x, y, epochs=2, verbose=0).history
    assert all(map(np.array_equal, model.get_weights(), before))
    assert model.fit(x, y, epochs=2, verbose=0).history == told
    assert all(map(np.array_equal, model.get_weights(), other.get_weights()))


def test_a_drawn_model_is_copied(backend, x):
    a = Input((6,))
    model = Model(a, Dense(2)(a))
    assert np.array_equal(copy.deepcopy(model).predict(x), model.predict(x))
