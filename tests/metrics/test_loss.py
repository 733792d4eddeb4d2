from __future__ import annotations

import numpy as np
from scipy.special import softmax
from sklearn.metrics import log_loss

from seedwise.metrics.splits import USUAL


def test_it_is_scikit_learns_mean_cross_entropy(subject, measure):
    draw = np.random.default_rng(0)
    outputs, expected = {}, {}
    for split in (*USUAL, "test-retain"):
        p = softmax(draw.normal(size=(40, 5), scale=3), axis=1)
        truth = np.arange(40) % 5
        outputs[split] = {"loss": -np.log(p[np.arange(40), truth]).astype("float32")}
        expected[f"loss/{split}"] = log_loss(truth, p)
    found = measure("loss", subject(outputs))
    assert list(found) == [f"loss/{split}" for split in USUAL]
    for name, value in found.items():
        assert np.isclose(value, expected[name], rtol=1e-6)
    chosen = measure("loss", subject(outputs), splits=("test-retain",))
    assert np.isclose(chosen["loss/test-retain"], expected["loss/test-retain"], rtol=1e-6)


def test_many_float32_losses_are_added_in_double(subject, measure):
    column = {"loss": np.full(3_000_000, 0.1, "float32")}
    found = measure("loss", subject({"test": column}))["loss/test"]
    assert np.isclose(found, float(np.float32(0.1)), rtol=1e-12)
