from __future__ import annotations

import json

import pandas as pd
import pytest

from seedwise.errors import TableError
from seedwise.results import Results

ROW = {"method": "ft", "metric": "acc", "training_seed": 0, "unlearning_seed": 0, "value": 0.5}


def test_every_kind_of_file_is_the_same_table(study, tmp_path):
    frame = study()
    frame.to_csv(tmp_path / "t.csv", index=False)
    frame.to_csv(tmp_path / "t.tsv", index=False, sep="\t")
    frame.to_parquet(tmp_path / "t.parquet")
    rows = [
        {name: None if pd.isna(entry) else entry for name, entry in row.items()}
        for row in frame.to_dict("records")
    ]
    (tmp_path / "t.jsonl").write_text("\n".join(json.dumps(row) for row in rows))
    (tmp_path / "t.json").write_text(json.dumps(rows))
    expected = Results(frame)
    for kind in ("csv", "tsv", "parquet", "jsonl", "json"):
        got = Results.from_file(tmp_path / f"t.{kind}")
        pd.testing.assert_frame_equal(got.frame(), expected.frame())


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("", "is empty"),
        ('{"a": 1}\n{"a": \n', "Expecting value in line 2"),
        ("[1, 2]", "row 1 does not"),
        (json.dumps(ROW) + "\n\n" + json.dumps({**ROW, "value": [1]}), "row 3 does not"),
        (json.dumps(ROW) + "\n\n" + json.dumps({**ROW, "value": "x"}), "row 3 holds 'x'"),
    ],
)
def test_bad_json_lines_are_explained(tmp_path, text, message):
    path = tmp_path / "t.jsonl"
    path.write_text(text)
    with pytest.raises(TableError, match=message):
        Results.from_file(path)


def test_bytes_are_neither_json_nor_parquet(tmp_path):
    for kind in ("jsonl", "parquet"):
        path = tmp_path / f"t.{kind}"
        path.write_bytes(b"\xff\xfe\x00PAR")
        with pytest.raises(TableError, match="is not a"):
            Results.from_file(path)


def test_a_missing_file_and_semicolons(tmp_path):
    with pytest.raises(TableError, match="there is no file"):
        Results.from_file(tmp_path / "none.parquet")
    (tmp_path / "t.csv").write_text("method;metric\nft;acc\n")
    with pytest.raises(TableError, match="separates its columns by ';'"):
        Results.from_file(tmp_path / "t.csv")
