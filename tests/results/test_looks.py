import numpy as np
import pandas as pd
import pytest
from scipy import stats

from seedwise.results import Results
from seedwise.results import looks as look_columns
from seedwise.stats import flags


def test_the_second_interval_is_t_at_alpha_over_the_number_of_looks(study):
    row = Results(study(), looks=[3, 5]).summary().iloc[0]
    half = stats.t.ppf(1 - 0.05 / 3 / 2, row["df"]) * row["se"]
    assert row["n_looks"] == 3
    assert row["ci_high_looks"] - row["mean"] == pytest.approx(half, rel=1e-12)
    assert row["mean"] - row["ci_low_looks"] == pytest.approx(half, rel=1e-12)
    assert row["ci_low_looks"] < row["ci_low"]


def test_everything_that_rests_on_added_seeds_is_flagged(study):
    results = Results(study(), looks=[5])
    for table in (results.summary(), results.compare(), results.closeness(), results.rank()):
        codes = table["flags"].map(flags.split)
        assert codes.map(lambda row: "optional_stopping" in row).all()


@pytest.mark.parametrize("seen", [(), (6,), (7,)])
def test_no_seed_added_no_flag(study, seen):
    results = Results(study(), looks=seen)
    for table in (results.summary(), results.compare()):
        assert not table["flags"].str.contains("optional_stopping").any()
        assert (table["n_looks"] == 1).all()
        assert table[["ci_low_looks", "ci_high_looks"]].isna().all(axis=None)


def test_a_difference_counts_the_seeds_of_its_own_pairs(study):
    frame = study()
    frame = frame[~((frame["method"] == "ga") & (frame["training_seed"] > 3))]
    few, all_of_them = (
        Results(frame, looks=[5]).compare(against=other).query("a == 'ft'").iloc[0]
        for other in ("ga", "original")
    )
    assert (few["n_pairs"], few["n_looks"]) == (4, 1)
    assert (all_of_them["n_pairs"], all_of_them["n_looks"]) == (6, 2)


def test_stopping_at_whichever_look_excludes_the_truth_misses_at_most_alpha():
    rng = np.random.default_rng(5)
    values = rng.normal(size=(4000, 12))
    missed, naive = np.zeros((2, len(values)), dtype=bool)
    looks = [4, 8, 12]
    for count in looks:
        part = values[:, :count]
        error = part.std(axis=1, ddof=1) / np.sqrt(count), np.full(len(values), count - 1.0)
        # All three looks were declared: every one of them is at alpha / 3.
        others = [look for look in looks if look != count]
        found = look_columns.columns(part.mean(axis=1), error, 13, others, 0.95)
        missed |= (found["ci_low_looks"] > 0) | (found["ci_high_looks"] < 0)
        naive |= abs(part.mean(axis=1)) > stats.t.ppf(0.975, count - 1) * error[0]
    assert missed.mean() < 0.05 < 0.08 < naive.mean()


def test_ensemble_rows_are_flagged_too():
    row = pd.DataFrame(
        {"mean": [1.0], "se": [0.1], "df": [7.0], "n_training_seeds": [8], "flags": [""]}
    )
    found = look_columns.beside(row, [5], 0.95).iloc[0]
    assert found["flags"] == "optional_stopping"
    assert found["ci_high_looks"] == pytest.approx(1 + 0.1 * stats.t.ppf(0.9875, 7))
