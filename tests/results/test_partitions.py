"""Several partitions in a table: own trained models in each, or forget sets drawn anew."""

from __future__ import annotations

import numpy as np
import pandas as pd
import pytest

from seedwise.errors import TableError
from seedwise.results import Results
from seedwise.stats import means, nested


def partitions(study, count: int = 3, *, shared: bool = False) -> pd.DataFrame:
    """Return a study in several partitions; `shared`: the same originals in all of them."""
    frames = []
    for p in range(count):
        frame = study(seed=p).assign(partition_seed=p)
        known = frame["original"].notna()
        if not shared:
            frame.loc[known, "original"] = frame.loc[known, "original"] + f"-{p}"
        frame["value"] += 0.05 * p
        frames.append(frame)
    return pd.concat(frames, ignore_index=True)


def row_of(table: pd.DataFrame, method: str, metric: str = "loss") -> pd.Series:
    return table[(table["method"] == method) & (table["metric"] == metric)].iloc[0]


@pytest.mark.parametrize("how", ["fixed", "random"])
def test_own_models_in_each_partition_are_nested(study, how):
    frame = partitions(study)
    row = row_of(Results(frame, partitions=how).summary(), "ft")
    own = frame[(frame["method"] == "ft") & (frame["metric"] == "loss")]
    seeds = [own[name] for name in ("training_seed", "unlearning_seed")]
    fit = nested.fit(own["value"], *seeds, partition=own["partition_seed"], partitions=how)
    for name in ("mean", "se", "df", "ci_low", "unit", "alt_low", "var_partition", "var_train"):
        assert row[name] == getattr(fit, name), name
    assert (row["n_partitions"], row["n_training_seeds"], row["n_missing"]) == (3, 18, 0)
    assert "duplicate_training_seeds" not in row["flags"]


def test_one_hash_under_several_partitions_is_crossed(study):
    table = Results(partitions(study, shared=True)).summary()
    row = row_of(table, "ft")
    assert (row["n_training_seeds"], row["df"]) == (6, 5)
    assert row["ci_kind"] == "t over training seeds, partitions averaged"
    assert row_of(table, "retrain")["n_training_seeds"] == 18


def test_equal_values_of_one_original_under_two_partitions_are_no_duplicates(study):
    frame = study()
    twice = pd.concat([frame.assign(partition_seed=p) for p in (0, 1)], ignore_index=True)
    flags = row_of(Results(twice).summary(), "original")["flags"]
    assert "duplicate_training_seeds" not in flags


def test_a_missing_cell_is_counted_over_all_partitions(study):
    frame = partitions(study)
    lost = (
        (frame["partition_seed"] == 1) & (frame["training_seed"] == 2) & (frame["method"] == "ga")
    )
    assert row_of(Results(frame[~lost]).summary(), "ga")["n_missing"] == 3


def test_a_complete_table_lists_what_is_missing(study):
    frame = study()
    fewer = frame[
        ~((frame["method"] == "ga") & (frame["unlearning_seed"] > frame["training_seed"]))
    ]
    assert row_of(Results(fewer).summary(), "ga")["n_missing"] > 0
    assert row_of(Results(fewer, complete=True).summary(), "ga")["n_missing"] == 0


@pytest.mark.parametrize("shared", [False, True])
def test_differences_pair_models_inside_partitions(study, shared):
    frame = partitions(study, shared=shared)
    results = Results(frame)
    row = results.compare("loss").iloc[0]
    own = frame[frame["metric"] == "loss"]
    seeds = ["partition_seed", "training_seed"]
    sides = [own[own["method"] == name].groupby(seeds)["value"].mean() for name in ("ft", "ga")]
    difference = sides[0] - sides[1]
    p, t = (difference.index.get_level_values(name).to_numpy() for name in seeds)
    if shared:
        expected = means.crossed(difference.to_numpy(), t, p, partitions="fixed")
    else:
        expected = means.nested(difference.to_numpy(), p, partitions="fixed")
    assert (row["diff"], row["se"], row["df"]) == pytest.approx(expected[:3])
    assert (row["n_pairs"], row["pairing"]) == (18, "original")


def test_random_partitions_are_the_unit_of_differences(study):
    table = Results(partitions(study), partitions="random").compare("loss", "retrain")
    assert (table["df"] == 2).all()
    assert (table["ci_kind"] == "t over partitions").all()
    assert table["flags"].str.contains("few_partitions").all()


def test_independent_references_in_fixed_partitions_add_their_error(study):
    results = Results(partitions(study))
    row = results.compare("loss", "retrain").iloc[0]
    summary = results.summary()
    errors = [row_of(summary, name)["se"] for name in (row["a"], "retrain")]
    assert row["se"] == pytest.approx(np.hypot(*errors))
    assert row["pairing"] == "independent"


def test_shared_unlearning_seeds_are_declared(study):
    crossed = row_of(Results(study(), unlearning="crossed").summary(), "ft")
    own = row_of(Results(study()).summary(), "ft")
    assert crossed["mean"] == pytest.approx(own["mean"])
    assert crossed["unit"] == "training and unlearning"
    assert np.isfinite(crossed["var_interaction"])


@pytest.mark.parametrize("name", ["partitions", "unlearning", "reference"])
def test_unknown_designs_are_refused(study, name):
    with pytest.raises(TableError, match=f"{name} is 'nonsense'"):
        Results(study(), **{name: "nonsense"})
