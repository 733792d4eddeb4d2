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
