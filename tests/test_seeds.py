import itertools

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from seedwise.seeds import NoStreams, RandomnessNotDeclaredError, SeedStreams

labels = st.integers(0, 10**6)


def draw(streams, purpose="init", *index):
    return streams.generator(purpose, *index).integers(2**62, size=4).tolist()


def test_a_stream_is_a_pure_function_of_its_place():
    streams = SeedStreams("train", 1, 2, 3, 4)
    np.random.default_rng(0).normal(size=10)
    assert draw(streams) == draw(SeedStreams("train", 1, 2, 3, 4))
    assert streams.integer("init") == SeedStreams("train", 1, 2, 3, 4).integer("init")


def test_the_scheme_does_not_drift():
    assert SeedStreams("train", training=0).integer("init") == 3741649186170144174


def test_every_level_scope_purpose_and_index_gives_other_draws():
    places = [
        SeedStreams("train"),
        SeedStreams("retrain"),
        SeedStreams("train", training=0),
        SeedStreams("train", training=1),
        SeedStreams("train", partition=1),
        SeedStreams("train", unlearning=0),
        SeedStreams("train", evaluation=0),
    ]
    draws = [tuple(draw(place, p, n)) for place in places for p in ("a", "b") for n in (0, 1)]
    assert len(set(draws)) == len(draws)


def test_seed_zero_is_a_seed_like_any_other():
    none, zero, one = (draw(SeedStreams("train", training=seed)) for seed in (None, 0, 1))
    assert len({tuple(none), tuple(zero), tuple(one)}) == 3


@given(labels, labels, labels, labels)
def test_nested_labels_do_not_collide(i, j, m, n):
    if (i, j) != (m, n):
        first, second = SeedStreams("m", 0, i, j), SeedStreams("m", 0, m, n)
        assert first.integer("noise") != second.integer("noise")


@given(labels)
def test_integers_fit_a_foreign_generator(seed):
    assert 0 <= SeedStreams("train", training=seed).integer("init") < 2**63


def test_streams_of_neighbours_are_uncorrelated():
    columns = [
        SeedStreams("train", training=seed).generator("init").normal(size=2000)
        for seed in range(10)
    ]
    for a, b in itertools.combinations(columns, 2):
        assert abs(np.corrcoef(a, b)[0, 1]) < 0.1


def test_a_component_that_declares_no_randomness_is_refused_a_stream():
    closed = NoStreams("metric/x", training=3)
    with pytest.raises(RandomnessNotDeclaredError, match=r"metric/x .* stochastic=True"):
        closed.generator("attack")
    with pytest.raises(RandomnessNotDeclaredError):
        closed.at(evaluation=1).integer("attack")
