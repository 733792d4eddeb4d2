from __future__ import annotations

import numpy as np
import pandas as pd
import pytest
from scipy import stats

from seedwise.errors import TableError
from seedwise.results import Results
from seedwise.results.compare import COLUMNS
from seedwise.stats import means


def seed_means(frame: pd.DataFrame, method: str, metric: str = "loss") -> pd.Series:
    own = frame[(frame["method"] == method) & (frame["metric"] == metric)]
    return own.groupby("training_seed")["value"].mean()


def test_pairs_on_the_originals(study):
    frame = study()
    table = Results(frame).compare()
    assert tuple(table.columns) == COLUMNS
    assert table[["metric", "a", "b"]].values.tolist() == [
        ["accuracy/forget", "ft", "ga"],
        ["loss", "ft", "ga"],
    ]
    row = table.set_index("metric").loc["loss"]
    expected = stats.ttest_rel(seed_means(frame, "ft"), seed_means(frame, "ga"))
    assert row["p"] == pytest.approx(expected.pvalue)
    ends = expected.confidence_interval(0.95)
    assert (row["ci_low"], row["ci_high"]) == pytest.approx((ends.low, ends.high))
    assert (row["pairing"], row["n_pairs"], row["df"], row["flags"]) == ("original", 6, 5, "")


def test_the_hash_decides_not_the_label(study):
    frame = study()
    # Under 'ga' the seeds carry other labels for the same originals.
    relabelled = frame.copy()
    mine = relabelled["method"] == "ga"
    relabelled.loc[mine, "training_seed"] = 5 - relabelled.loc[mine, "training_seed"]
    left, right = Results(frame).compare(), Results(relabelled).compare()
    assert left["p"].tolist() == pytest.approx(right["p"].tolist())
    by_label = Results(relabelled.drop(columns="original")).compare()
    assert by_label["p"].tolist() != pytest.approx(right["p"].tolist())


def test_without_hashes_labels_pair_and_say_so(study):
    table = Results(study(hashes=False)).compare()
    assert set(table["pairing"]) == {"label"}
    assert set(table["flags"]) == {"pairing_by_label"}


def test_only_common_originals_count(study):
    frame = study()
    frame = frame[~((frame["method"] == "ga") & (frame["training_seed"] == 0))]
    row = Results(frame).compare(metric="loss").iloc[0]
    assert row["n_pairs"] == 5
    assert row["mean_a"] == pytest.approx(seed_means(frame, "ft").loc[1:].mean())
    assert "missing_cells" in row["flags"]


def test_the_reference_is_independent_by_default(study):
    frame = study()
    table = Results(frame).compare(against="retrain", metric="loss")
    assert table[["a", "b"]].values.tolist() == [["ft", "retrain"], ["ga", "retrain"]]
    row = table.iloc[0]
    expected = stats.ttest_ind(
        seed_means(frame, "ft"), seed_means(frame, "retrain"), equal_var=False
    )
    assert row["p"] == pytest.approx(expected.pvalue)
    assert row["df"] == pytest.approx(expected.df)
    assert (row["pairing"], row["n_pairs"]) == ("independent", 0)


def test_a_paired_reference_is_paired_by_training_seed(study):
    frame = study()
    row = Results(frame, reference="paired").compare("loss", "retrain").iloc[0]
    expected = stats.ttest_rel(seed_means(frame, "ft"), seed_means(frame, "retrain"))
    assert row["p"] == pytest.approx(expected.pvalue)
    assert (row["pairing"], row["flags"]) == ("label", "reference_paired")


def test_one_reference_is_conditional(study):
    frame = study()
    frame = frame[~((frame["method"] == "retrain") & (frame["training_seed"] > 0))]
    row = Results(frame).compare("loss", "retrain").iloc[0]
    assert "single_reference" in row["flags"]
    assert row["df"] == 5


def test_against_the_original_is_paired(study):
    table = Results(study()).compare("loss", "original")
    assert table["pairing"].tolist() == ["original", "original"]
    assert table["b"].tolist() == ["original", "original"]


def three_methods(study) -> pd.DataFrame:
    frame = study()
    third = frame[frame["method"] == "ft"].assign(method="ssd")
    third["value"] += 0.01 * np.cos(np.arange(len(third)))
    return pd.concat([frame, third], ignore_index=True)


def test_a_family_is_one_task_and_metric(study):
    table = Results(three_methods(study)).compare()
    for _, family in table.groupby("metric"):
        ranked = family.sort_values("p")
        expected = np.maximum.accumulate(np.minimum(ranked["p"] * [3, 2, 1], 1))
        assert ranked["p_adjusted"].tolist() == pytest.approx(expected.tolist())
        factor = stats.t.ppf(1 - 0.025 / 3, 5)
        half = (family["ci_high_sim"] - family["diff"]) / family["se"]
        assert half.tolist() == pytest.approx([factor] * 3)


def test_simultaneous_intervals_contain_marginal_ones(study):
    table = Results(three_methods(study)).compare()
    assert (table["ci_low_sim"] < table["ci_low"]).all()
    assert (table["ci_high_sim"] > table["ci_high"]).all()
    assert (table["p_adjusted"] >= table["p"]).all()


def test_a_constant_per_training_seed_changes_no_paired_difference(study):
    frame = study()
    moved = frame.assign(value=frame["value"] + 10.0 * frame["training_seed"] ** 2)
    names = ["diff", "se", "p", "ci_low"]
    before, after = Results(frame).compare()[names], Results(moved).compare()[names]
    pd.testing.assert_frame_equal(before, after, rtol=1e-9)


def test_one_training_seed_is_said_to_be_one(study):
    row = Results(study(units=1)).compare().iloc[0]
    assert "single_training_seed" in row["flags"]
    assert np.isnan(row["ci_low"])


def test_one_method_alone_has_no_pairs(study):
    frame = study()
    table = Results(frame[frame["method"] != "ga"]).compare()
    assert table.empty
    assert tuple(table.columns) == COLUMNS


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ({"metric": "los"}, "no metric 'los' in the results; did you mean 'loss'"),
        ({"against": "retrian"}, "no method 'retrian' in the results; did you mean 'retrain'"),
    ],
)
def test_unknown_names_are_refused(study, arguments, message):
    with pytest.raises(TableError, match=message):
        Results(study()).compare(**arguments)


def test_shared_unlearning_seeds_are_crossed_in_differences_too(study):
    frame = study(units=5, runs=4)
    results = Results(frame, unlearning="crossed")
    row = results.compare("loss").iloc[0]
    own = frame[frame["metric"] == "loss"]
    seeds = ["training_seed", "unlearning_seed"]
    sides = [own[own["method"] == name].set_index(seeds)["value"] for name in ("ft", "ga")]
    difference = (sides[0] - sides[1]).sort_index()
    t, u = (difference.index.get_level_values(name).to_numpy(int) for name in seeds)
    expected = means.over_labels(difference.to_numpy(), t, u)
    assert (row["diff"], row["se"], row["df"]) == pytest.approx(expected[:3])
    assert (row["n_pairs"], row["ci_kind"]) == (5, expected.kind)


def test_a_model_without_unlearning_seeds_serves_all_of_them(study):
    results = Results(study(), unlearning="crossed")
    against_original = results.compare("loss", "original")
    against_reference = results.compare("loss", "retrain")
    assert against_original["ci_kind"].str.contains("training and unlearning").all()
    plain = Results(study()).compare("loss", "retrain")
    assert against_reference["diff"].tolist() == pytest.approx(plain["diff"].tolist())
    errors = results.summary().set_index(["method", "metric"])["se"]
    expected = np.hypot(errors["ft", "loss"], errors["retrain", "loss"])
    assert against_reference["se"].iloc[0] == pytest.approx(expected)
