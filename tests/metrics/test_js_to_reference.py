from __future__ import annotations

import math

import numpy as np
import pytest
from scipy.spatial.distance import jensenshannon
from scipy.special import softmax

from seedwise.metrics.js_to_reference import jensen_shannon
from seedwise.registry import metrics

DRAW = np.random.default_rng(0)
FIRST, SECOND = (DRAW.normal(size=(30, 6), scale=4).astype("float32") for _ in range(2))


def test_it_is_scipys_distance_squared():
    p, q = (softmax(logits.astype(float), axis=1) for logits in (FIRST, SECOND))
    assert np.allclose(jensen_shannon(FIRST, SECOND), jensenshannon(p, q, axis=1) ** 2)


def test_it_is_symmetric_zero_for_equals_and_at_most_log_two():
    assert np.allclose(jensen_shannon(FIRST, SECOND), jensen_shannon(SECOND, FIRST))
    assert (jensen_shannon(FIRST, FIRST + 3) < 1e-12).all()
    apart = jensen_shannon(np.array([[1e4, 0.0]]), np.array([[0.0, 1e4]]))
    assert apart.tolist() == [math.log(2)]


@pytest.mark.parametrize("split", ["forget", "test"])
def test_the_metric_is_the_mean_over_examples_of_a_split(subject, measure, split):
    one, other = (subject({split: {"logits": logits}}) for logits in (FIRST, SECOND))
    found = measure("js-to-reference", one, other, split=split)
    assert np.isclose(found["js-to-reference"], jensen_shannon(FIRST, SECOND).mean())


def test_the_forget_set_is_the_default(subject, measure):
    one, other = (subject({"forget": {"logits": logits}}) for logits in (FIRST, SECOND))
    assert measure("js-to-reference", one, other) == measure(
        "js-to-reference", one, other, split="forget"
    )


def test_it_declares_a_pair():
    spec = metrics["js-to-reference"].spec
    assert (spec.level, spec.direction, spec.bounds) == ("pair", "lower", (0.0, math.log(2)))
