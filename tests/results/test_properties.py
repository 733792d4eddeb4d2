"""What must hold of every table, whatever its values."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from seedwise.results import Results

METHODS = ("a", "b", "c", "retrain")
NUMBERS = ["diff", "se", "df", "ci_low", "ci_high", "ci_low_sim", "ci_high_sim", "p", "p_adjusted"]


@st.composite
def tables(draw) -> pd.DataFrame:
    """Three methods and a reference on shared originals, values in hundredths, gaps."""
    units, runs = draw(st.integers(2, 5)), draw(st.integers(1, 3))
    rows = [
        (method, i, None if method == "retrain" else j, draw(st.integers(-300, 300)) / 100)
        for method in METHODS
        for i in range(units)
        for j in range(1 if method == "retrain" else runs)
        if method == "retrain" or j == 0 or draw(st.booleans())
    ]
    names = ["method", "training_seed", "unlearning_seed", "value"]
    frame = pd.DataFrame(rows, columns=names).assign(metric="m", task="")
    hashes = "h" + frame["training_seed"].astype(str)
    return frame.assign(original=hashes.where(frame["method"] != "retrain", None))


def same(a: pd.DataFrame, b: pd.DataFrame, size: float = 1.0) -> None:
    pd.testing.assert_frame_equal(a, b, rtol=1e-6, atol=1e-9 * size, check_dtype=False)


@settings(max_examples=40)
@given(tables())
def test_simultaneous_intervals_contain_marginal_ones(frame):
    found = Results(frame).compare()
    given_both = found[found["ci_low"].notna()]
    assert (given_both["ci_low_sim"] <= given_both["ci_low"] + 1e-12).all()
    assert (given_both["ci_high_sim"] >= given_both["ci_high"] - 1e-12).all()


@settings(max_examples=40)
@given(tables())
def test_adjusted_p_are_never_smaller(frame):
    found = Results(frame).compare().dropna(subset=["p", "p_adjusted"])
    assert (found["p_adjusted"] >= found["p"]).all()


@settings(max_examples=40)
@given(tables(), st.lists(st.integers(-9, 9), min_size=5, max_size=5))
def test_a_constant_per_training_seed_changes_no_paired_difference(frame, shifts):
    moved = frame.assign(
        value=frame["value"] + np.array(shifts)[frame["training_seed"]].astype(float)
    )
    before, after = (Results(f).compare()[NUMBERS] for f in (frame, moved))
    same(before, after)


@settings(max_examples=40)
@given(tables(), st.sampled_from(["higher", "lower", "closer-to-reference"]))
def test_rank_sets_contain_the_point_rank(frame, direction):
    found = Results(frame).rank(direction=direction)
    assert (found["rank_low"] <= found["rank"]).all()
    assert (found["rank"] <= found["rank_high"]).all()
    assert found["in_best_set"].any()


@settings(max_examples=40)
@given(tables(), st.sampled_from([-2.0, 0.25, 10.0]), st.integers(-50, 50))
def test_units_of_the_metric_do_not_matter(frame, scale, shift):
    moved = frame.assign(value=scale * frame["value"] + shift)
    before, after = (Results(f) for f in (frame, moved))
    pair, other = (r.compare(against="retrain") for r in (before, after))
    same(scale * pair["diff"].to_frame(), other["diff"].to_frame(), abs(scale) + abs(shift))
    for name in ("df", "p", "p_adjusted", "n_training_seeds_to_halve"):
        same(pair[[name]], other[[name]])
    near, far = (r.closeness()["smallest_margin"].to_frame() for r in (before, after))
    same(abs(scale) * near, far, abs(scale) + abs(shift))


@settings(max_examples=40)
@given(tables(), st.randoms(use_true_random=False), st.permutations(range(5)))
def test_neither_order_nor_names_matter(frame, random, names):
    order = list(range(len(frame)))
    random.shuffle(order)
    other = frame.assign(training_seed=np.array(names)[frame["training_seed"]] + 40)
    keys = ["a", "b"]
    before = Results(frame).compare().set_index(keys)[NUMBERS].sort_index()
    after = Results(other.iloc[order].reset_index(drop=True)).compare()
    flip = after["a"] > after["b"]
    if flip.any():  # pairs are named in the order of first appearance
        signed = ["diff", "ci_low", "ci_high", "ci_low_sim", "ci_high_sim"]
        turned = after.loc[flip, ["diff", "ci_high", "ci_low", "ci_high_sim", "ci_low_sim"]]
        after.loc[flip, signed] = -turned.to_numpy()
        after.loc[flip, keys] = after.loc[flip, ["b", "a"]].to_numpy()
    same(before, after.set_index(keys)[NUMBERS].sort_index())


@settings(max_examples=40)
@given(tables(), st.integers(1, 3))
def test_copies_of_runs_never_narrow_an_interval_of_the_mean(frame, copies):
    own = frame[frame["method"] != "retrain"]
    again = [own.assign(unlearning_seed=own["unlearning_seed"] + 10 * k) for k in range(copies + 1)]
    before, after = (Results(f).summary() for f in (own, pd.concat(again, ignore_index=True)))
    width = [(f["ci_high"] - f["ci_low"]).to_numpy() for f in (before, after)]
    assert width[1] == pytest.approx(width[0], rel=1e-9, nan_ok=True)
