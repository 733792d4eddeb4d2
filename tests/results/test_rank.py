from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seedwise.contracts import MetricSpec
from seedwise.errors import TableError
from seedwise.results import Results
from seedwise.results.rank import COLUMNS


def contest(shifts: dict[str, float], units: int = 8) -> pd.DataFrame:
    """Return methods that differ by shifts, on shared originals, with references at 0."""
    rng = np.random.default_rng(1)
    rows = []
    for i in range(units):
        model = rng.normal()
        for method, shift in shifts.items():
            for j in range(2):
                rows.append((method, "m", i, j, shift + model + 0.1 * rng.normal(), f"h{i}"))
        rows.append(("retrain", "m", i, None, 0.1 * rng.normal(), None))
    names = ["method", "metric", "training_seed", "unlearning_seed", "value", "original"]
    return pd.DataFrame(rows, columns=names)


CLEAR = {"a": 0.0, "b": 1.0, "c": 1.02}


def test_higher_and_lower_are_mirrored():
    results = Results(contest(CLEAR))
    up, down = (results.rank(direction=way).set_index("method") for way in ("higher", "lower"))
    assert tuple(results.rank(direction="lower").columns) == COLUMNS
    assert up.loc["a", ["rank_low", "rank_high"]].tolist() == [3, 3]
    assert up["in_best_set"].to_dict() == {"a": False, "b": True, "c": True}
    assert (4 - up["rank"]).tolist() == down["rank"].tolist()
    assert down["in_best_set"].to_dict() == {"a": True, "b": False, "c": False}


def test_closer_to_the_reference_counts_both_sides():
    table = Results(contest({"a": 5.0, "b": -30.0, "c": -5.0})).rank(
        direction="closer-to-reference"
    )
    best = table.set_index("method")["in_best_set"]
    assert best.to_dict() == {"a": True, "b": False, "c": True}


def test_the_spec_gives_the_direction():
    specs = {"m": MetricSpec("m", direction="higher")}
    table = Results(contest(CLEAR), metrics=specs).rank()
    assert (table["direction"] == "higher").all()
    assert (table["n_tests"] == 3).all()


def test_an_unknown_direction_gives_no_ranks():
    table = Results(contest(CLEAR)).rank()
    assert table["rank"].isna().all()
    assert table["in_best_set"].isna().all()
    assert table["flags"].str.contains("direction_unknown").all()


def test_rank_sets_hold_the_point_rank():
    table = Results(contest({"a": 0.0, "b": 0.02, "c": 0.03, "d": 0.2})).rank(direction="higher")
    assert (table["rank_low"] <= table["rank"]).all()
    assert (table["rank"] <= table["rank_high"]).all()


def test_one_training_seed_decides_nothing():
    table = Results(contest(CLEAR, units=1)).rank(direction="higher")
    assert table["in_best_set"].all()
    assert (table["rank_high"] == 3).all()


def test_bad_requests_are_refused():
    frame = contest(CLEAR)
    with pytest.raises(TableError, match="direction is 'hihger'; did you mean 'higher'"):
        Results(frame).rank(direction="hihger")
    alone = frame[frame["method"] != "retrain"]
    with pytest.raises(TableError, match="no rows of 'retrain'"):
        Results(alone).rank(direction="closer-to-reference")


def test_unpaired_methods_are_compared_as_independent():
    frame = contest(CLEAR)
    paired, apart = (Results(frame, unpaired=how).compare() for how in (False, True))
    assert (apart["pairing"] == "independent").all()
    assert (apart["se"] > paired["se"]).all()


def test_p_best_only_describes():
    table = Results(contest({"a": 0.0, "b": 0.001, "c": 5.0})).rank(direction="higher")
    shares = table.set_index("method")["p_best"]
    assert shares["c"] == 1
    near = Results(contest({"a": 0.0, "b": 0.02})).rank(direction="higher").set_index("method")
    assert near["p_best"].sum() == pytest.approx(1)
    assert near["p_best"].max() > 0.5
    assert near["in_best_set"].all()  # the share of resamples decides nothing


@pytest.mark.parametrize("reference", ["independent", "paired"])
def test_p_best_of_closeness_is_that_of_the_gap(reference):
    frame = contest({"a": 5.0, "b": -30.0, "c": -0.5})
    table = Results(frame, reference=reference).rank(direction="closer-to-reference")
    assert table.set_index("method")["p_best"].to_dict() == {"a": 0, "b": 0, "c": 1}


def test_p_best_needs_paired_methods_and_five_training_seeds():
    few = Results(contest(CLEAR, units=4)).rank(direction="higher")
    unpaired = Results(contest(CLEAR), unpaired=True).rank(direction="higher")
    assert few["p_best"].isna().all()
    assert unpaired["p_best"].isna().all()
