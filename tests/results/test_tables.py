from __future__ import annotations

import shlex

import numpy as np
import pandas as pd
import pytest

from seedwise.contracts import MetricSpec
from seedwise.errors import TableError
from seedwise.results import Results

ACCURACY = {"accuracy": MetricSpec("accuracy", bounds=(0.0, 1.0))}


def write(tmp_path, text: str):
    path = tmp_path / "mine.csv"
    path.write_text(text)
    return path


def test_round_trip_through_csv(study, tmp_path):
    results = Results(study())
    path = tmp_path / "table.csv"
    results.frame().to_csv(path, index=False)
    again = Results.from_csv(path)
    pd.testing.assert_frame_equal(again.frame(), results.frame())
    pd.testing.assert_frame_equal(again.summary(), results.summary())


def test_names_are_mapped(study, tmp_path):
    theirs = study().rename(columns={"training_seed": "seed", "value": "score"})
    mapping = {"training_seed": "seed", "value": "score"}
    from_frame = Results.from_frame(theirs, mapping)
    theirs.to_csv(tmp_path / "t.csv", index=False)
    from_csv = Results.from_csv(tmp_path / "t.csv", mapping)
    for results in (from_frame, from_csv):
        pd.testing.assert_frame_equal(results.summary(), Results(study()).summary())


def test_a_column_may_take_over_the_name_of_another(study):
    theirs = study().assign(score=study()["value"], value="see score")
    results = Results.from_frame(theirs, {"value": "score"})
    assert results.frame()["value"].tolist() == study()["value"].tolist()


def test_missing_columns_give_a_command_that_works(study, tmp_path):
    theirs = study().rename(columns={"training_seed": "model seed", "value": "score"})
    path = tmp_path / "my table.csv"
    theirs.drop(columns=["task", "original"]).to_csv(path, index=False)
    with pytest.raises(TableError) as caught:
        Results.from_csv(path)
    message = str(caught.value)
    assert "lacks the columns training_seed, value" in message
    assert "Columns found: method, metric, model seed, unlearning_seed, score" in message
    command = next(line for line in message.splitlines() if "seedwise analyze" in line)
    words = shlex.split(command.split("seedwise analyze", 1)[1])
    assert words[0] == str(path)
    mapping = dict(word.split("=", 1) for word in words[1:] if word != "--column")
    assert mapping == {"training_seed": "model seed", "value": "score"}
    assert len(Results.from_csv(path, mapping).frame()) == len(theirs)


def test_an_unguessable_column_is_left_open(tmp_path):
    path = write(tmp_path, "a,b\n1,2\n")
    with pytest.raises(TableError, match="--column metric=COLUMN"):
        Results.from_csv(path)


@pytest.mark.parametrize(
    ("mapping", "message"),
    [
        ({"training": "seed"}, "no column 'training' to map; did you mean 'training_seed'"),
        ({"training_seed": "sed"}, "has no column 'sed'; did you mean 'seed'"),
    ],
)
def test_wrong_mappings_are_explained(study, mapping, message):
    with pytest.raises(TableError, match=message):
        Results.from_frame(study().rename(columns={"training_seed": "seed"}), mapping)


HEADER = "training_seed,unlearning_seed,method,metric,value\n"


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        (HEADER, "has no rows"),
        (HEADER + "0,0,ft,acc,high\n0,1,ft,acc,.5\n", "row 2 holds 'high'"),
        (HEADER + "0,0,ft,acc,.5\n0,0,ft,acc,.6\n", r"unlearning_seed=0 \(rows 2, 3\)"),
        (HEADER + "zero,0,ft,acc,.5\n", "'training_seed' must hold whole numbers, but row 2"),
        (HEADER + "0,0,ft,accuracy,-0.5\n", "lies between 0.0 and 1.0, but .* row 2 holds '-0.5'"),
        (HEADER + "0,0,ft,accuracy,170\n", "row 2 holds '170.0'"),
        (HEADER + "\n\n0,0,ft,acc,high\n", "row 4 holds 'high'"),
        (HEADER + "0,0,ft,acc,.5,6\n", "is not a CSV table"),
        ('a,b\n1,2\n1,2,3,"\n', "is not a CSV table"),
    ],
)
def test_bad_files_are_explained(tmp_path, text, message):
    with pytest.raises(TableError, match=message):
        Results.from_csv(write(tmp_path, text), metrics=ACCURACY)


def test_a_missing_file_a_folder_and_bytes(tmp_path):
    with pytest.raises(TableError, match="there is no file"):
        Results.from_csv(tmp_path / "nowhere.csv")
    with pytest.raises(TableError, match="cannot be read"):
        Results.from_csv(tmp_path)
    (tmp_path / "b.csv").write_bytes(b"a,b\n\xff\xfe,1\n")
    with pytest.raises(TableError, match="not a CSV table"):
        Results.from_csv(tmp_path / "b.csv")


def test_empty_values_are_failed_runs_and_counted(tmp_path):
    text = HEADER + "".join(f"{i},{j},ft,acc,{i + j / 10}\n" for i in range(5) for j in range(2))
    path = write(tmp_path, text + "4,2,ft,acc,\n3,2,ft,acc,NaN\n")
    results = Results.from_csv(path)
    summary = results.summary().iloc[0]
    assert summary["n_failed"] == 2
    assert "failed_cells" in summary["flags"]
    assert results.frame()["status"].tolist()[-2:] == ["failed", "failed"]
    # Three training seeds lack a third run that two others tried.
    assert summary["n_missing"] == 3
    assert summary["mean"] == pytest.approx(np.mean([i + 0.05 for i in range(5)]))


def test_a_bounded_metric_that_always_failed_is_a_table(tmp_path):
    path = write(tmp_path, HEADER + "0,0,ft,accuracy,\n1,0,ft,accuracy,nan\n\n")
    summary = Results.from_csv(path, metrics=ACCURACY).summary()
    assert summary["n_failed"].tolist() == [2]


def test_percentages_are_suspected_not_refused(study):
    frame = study()
    percent = frame["metric"] == "accuracy/forget"
    frame.loc[percent, "value"] *= 100
    flags = Results.from_frame(frame, metrics=ACCURACY).summary().set_index("metric")["flags"]
    assert all("percent_suspected" in text for text in flags["accuracy/forget"])
    assert not any("percent_suspected" in text for text in flags["loss"])


def test_shares_are_not_taken_for_percentages(study):
    flags = Results.from_frame(study(), metrics=ACCURACY).summary()["flags"]
    assert not flags.str.contains("percent").any()


ROWS = [
    (i, j, m, 60 + i + s + j / 4)
    for i in range(4)
    for j in range(2)
    for m, s in (("FT", 1), ("GA", 9))
]


def wide(**renamed) -> pd.DataFrame:
    frame = pd.DataFrame(ROWS, columns=["training_seed", "unlearning_seed", "method", "forget_acc"])
    return frame.assign(retain_acc=99.0 - frame["training_seed"]).rename(columns=renamed)


def test_wide_tables_equal_long_ones():
    long = wide().melt(["training_seed", "unlearning_seed", "method"], var_name="metric")
    expected = Results.from_frame(long).summary()
    got = Results.from_frame(wide(), wide=["forget_acc", "retain_acc"]).summary()
    pd.testing.assert_frame_equal(got, expected)


def test_wide_keeps_the_lines_of_the_file(tmp_path):
    wide().astype({"retain_acc": object}).replace({"retain_acc": {96.0: "bad"}}).to_csv(
        tmp_path / "w.csv", index=False
    )
    with pytest.raises(TableError, match="row 14 holds 'bad'"):
        Results.from_csv(tmp_path / "w.csv", wide=["forget_acc", "retain_acc"])


@pytest.mark.parametrize(
    ("frame", "names", "message"),
    [
        (wide(), ["forget_ac"], "has no column 'forget_ac'; did you mean 'forget_acc'"),
        (wide().assign(value=1.0), ["forget_acc"], "has the column value already"),
        (wide().assign(value=1.0, metric="x"), ["forget_acc"], "the columns metric, value already"),
    ],
)
def test_wrong_wide_columns_are_explained(frame, names, message):
    with pytest.raises(TableError, match=message):
        Results.from_frame(frame, wide=names)


def suggested(message: str) -> dict:
    """Read the command of a message back as keyword arguments."""
    line = next(line for line in message.splitlines() if "seedwise analyze" in line)
    words = shlex.split(line.split("seedwise analyze ")[1].split("      (in Python")[0])[1:]
    found: dict = {"columns": {}}
    for flag, given in zip(words[::2], words[1::2], strict=True):
        if flag == "--column":
            ours, theirs = given.split("=")
            found["columns"][ours] = theirs
        else:
            found[flag.removeprefix("--")] = given.split(",") if flag == "--wide" else given
    return found


def test_a_wide_table_gives_a_command_that_works():
    theirs = wide(training_seed="seed", unlearning_seed="run", method="approach")
    with pytest.raises(TableError) as caught:
        Results.from_frame(theirs)
    found = suggested(str(caught.value))
    assert found["wide"] == ["forget_acc", "retain_acc"]
    got = Results.from_frame(theirs, **found).summary()
    expected = Results.from_frame(wide(), wide=["forget_acc", "retain_acc"]).summary()
    pd.testing.assert_frame_equal(got, expected)


def one_seed(name: str = "seed") -> pd.DataFrame:
    rows = [(s, m, 0.5 + s / 100 + d) for s in range(5) for m, d in (("FT", 0.1), ("retrain", 0.0))]
    return pd.DataFrame(rows, columns=[name, "method", "value"]).assign(metric="acc")


@pytest.mark.parametrize("name", ["seed", "training_seed", "unlearning_seed", "run"])
def test_one_seed_column_is_refused_with_all_its_claims(name):
    with pytest.raises(TableError) as caught:
        Results.from_frame(one_seed(name))
    said = str(caught.value)
    assert f"has one seed column ('{name}')" in said
    for flag in ("--seed training ", "--seed unlearning ", "--seed both "):
        assert flag in said
    found = suggested(said)
    assert found["seed"] == "WHICH"
    assert len(Results.from_frame(one_seed(name), **{**found, "seed": "both"}).frame()) == 10


def test_one_seed_column_mapped_by_hand_is_still_one():
    with pytest.raises(TableError, match=r"one seed column \('s'\)"):
        Results.from_frame(one_seed("s"), {"training_seed": "s"})


@pytest.mark.parametrize(
    ("seed", "units", "runs", "flag"),
    [
        ("training", 5, 1, "components_confounded"),
        ("both", 5, 1, "components_confounded"),
        ("unlearning", 1, 5, "single_training_seed"),
    ],
)
def test_what_one_seed_column_claims(seed, units, runs, flag):
    results = Results.from_frame(one_seed(), seed=seed)
    summary = results.summary().set_index("method")
    assert summary.loc["FT", "n_training_seeds"] == units
    assert summary.loc["FT", "n_unlearning_seeds_max"] == runs
    assert flag in summary.loc["FT", "flags"]
    assert np.isnan(summary.loc["FT", "ci_low"]) == (seed == "unlearning")
    # Retrained models differ by their seed whatever the column numbers.
    assert summary.loc["retrain", "n_training_seeds"] == 5


def test_both_gives_each_row_its_own_unlearning_seed():
    frame = Results.from_frame(one_seed(), seed="both").frame()
    own = frame[frame["method"] == "FT"]
    assert own["unlearning_seed"].tolist() == own["training_seed"].tolist() == [0, 1, 2, 3, 4]


@pytest.mark.parametrize(
    ("seed", "message"),
    [
        ("training", "has both training_seed and unlearning_seed; leave out"),
        ("train", "did you mean"),
    ],
)
def test_a_wrong_seed_option_is_explained(study, seed, message):
    with pytest.raises(TableError, match=message):
        Results.from_frame(study(), seed=seed)


def test_baselines_by_their_own_names():
    frame = one_seed().replace({"method": {"retrain": "Gold standard", "FT": "Before"}})
    hinted = Results.from_frame(frame, seed="both")
    assert any("--reference 'Gold standard'" in note for note in hinted.notes)
    results = Results.from_frame(frame, seed="both", retrain="Gold standard", original="Before")
    assert set(results.summary()["method"]) == {"retrain", "original"}
    assert not results.notes


@pytest.mark.parametrize(
    ("about", "message"),
    [
        ({"retrain": "retrian"}, "has no method 'retrian'; did you mean 'retrain'"),
        ({"retrain": "FT"}, "has both 'FT' and 'retrain'"),
    ],
)
def test_wrong_baselines_are_explained(about, message):
    with pytest.raises(TableError, match=message):
        Results.from_frame(one_seed(), seed="both", **about)


def test_percentages_become_shares_where_they_can_be_meant():
    frame = wide().assign(kl=0.5, seconds=300.0)
    names = ["forget_acc", "retain_acc", "kl", "seconds"]
    results = Results.from_frame(frame, wide=names, percent=True)
    means = results.summary().groupby("metric")["mean"].max()
    assert means["retain_acc"] == pytest.approx(0.975)
    assert means["kl"] == 0.5
    assert means["seconds"] == 300
    assert results.notes == (
        "Percentages were divided by 100: forget_acc, retain_acc; kept as they stand: kl, seconds.",
    )


def test_a_known_share_below_one_per_cent_is_a_percentage_too():
    frame = one_seed().assign(metric="accuracy/forget")
    results = Results.from_frame(frame, seed="both", percent=True, metrics=ACCURACY)
    assert results.summary()["mean"].max() == pytest.approx(0.0062)


def test_percent_without_percentages_is_refused():
    with pytest.raises(TableError, match="none of the metrics acc holds percentages"):
        Results.from_frame(one_seed(), seed="both", percent=True)


def test_suspected_percentages_give_the_flag_to_use():
    frame = one_seed().assign(metric="accuracy", value=np.linspace(50, 60, 10))
    results = Results.from_frame(frame, seed="both", metrics=ACCURACY)
    assert results.notes == ("accuracy: these look like percentages; say so with --percent.",)


def test_percent_signs_are_explained():
    with pytest.raises(TableError, match="drop the sign and give --percent"):
        Results.from_frame(one_seed().assign(value="93.1%"), seed="both")


def test_an_unpaired_table_pairs_nothing(study):
    pairs = Results(study(), unpaired=True).compare()
    assert set(pairs["pairing"]) == {"independent"}
    assert pairs["se"].iloc[0] > Results(study()).compare()["se"].iloc[0]


def test_rows_of_one_model_are_its_runs():
    expected = Results.from_frame(wide(), wide=["forget_acc"]).summary()
    unnumbered = wide().drop(columns="unlearning_seed")
    got = Results.from_frame(unnumbered, wide=["forget_acc"], seed="training").summary()
    pd.testing.assert_frame_equal(got, expected)


def test_a_reference_that_stands_beside_every_run_counts_once():
    beside = wide().assign(method="retrain", forget_acc=60.0 + wide()["training_seed"])
    table = pd.concat([wide(), beside], ignore_index=True)
    results = Results.from_frame(table, wide=["forget_acc"])
    reference = results.summary().set_index("method").loc["retrain"]
    assert reference["n_training_seeds"] == 4
    assert reference["n_missing"] == 0
    assert (
        "retrain: equal values of one training seed were taken once (12 rows)" in results.notes[0]
    )


def test_references_that_differ_within_a_training_seed_are_refused():
    table = wide().replace({"method": {"GA": "retrain"}})
    with pytest.raises(TableError, match="'retrain' have no unlearning seed"):
        Results.from_frame(table, wide=["forget_acc"])


def test_summaries_are_no_runs():
    table = pd.DataFrame({"method": ["FT"], "mean": [0.9], "std": [0.1]})
    with pytest.raises(TableError, match="'seedwise tipping' judges a claim"):
        Results.from_frame(table)
