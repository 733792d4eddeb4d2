"""The tidy table as a file, in every format, all or nothing."""

import json

import numpy as np
import pandas as pd
import pytest

from seedwise.errors import SeedwiseError
from seedwise.interop import tables
from seedwise.interop.tables import json_rows, write_table

FRAME = pd.DataFrame(
    {
        "method": ["ssd", "ft"],
        "training_seed": pd.array([0, None], dtype="Int64"),
        "value": [1 / 3, np.nan],
    }
)
READ = {
    "csv": pd.read_csv,
    "parquet": pd.read_parquet,
    "jsonl": lambda path: pd.read_json(path, lines=True, precise_float=True),
}


@pytest.mark.parametrize("style", READ)
def test_values_come_back_to_the_last_digit(tmp_path, style):
    if style == "parquet":
        pytest.importorskip("pyarrow")
    path = tmp_path / "deep" / "table"
    write_table(FRAME, path, style)
    back = READ[style](path)
    assert list(back.columns) == list(FRAME.columns)
    assert back["value"][0] == 1 / 3
    assert back["value"].isna().tolist() == back["training_seed"].isna().tolist() == [False, True]
    assert [path.name for path in path.parent.iterdir()] == ["table"]


@pytest.mark.parametrize("style", READ)
def test_a_file_that_cannot_be_written_is_named_in_our_words(tmp_path, style):
    if style == "parquet":
        pytest.importorskip("pyarrow")
    (tmp_path / "file").write_text("x")
    with pytest.raises(SeedwiseError, match="file/t: cannot be written: a file stands where"):
        write_table(FRAME, tmp_path / "file" / "t", style)
    with pytest.raises(SeedwiseError, match="cannot be written: this is a folder; name a file"):
        write_table(FRAME, tmp_path, style)
    with pytest.raises(SeedwiseError, match=r"t{300}: cannot be written: File name too long"):
        write_table(FRAME, tmp_path / ("t" * 300), style)


def test_json_has_null_where_there_is_no_number():
    frame = pd.DataFrame({"a": [np.inf, np.nan, 0.1], "n": np.arange(3)})
    rows = json_rows(frame)
    assert [row["a"] for row in rows] == [None, None, 0.1]
    assert json.loads(json.dumps(rows, allow_nan=False)) == rows


def test_parquet_without_pyarrow_says_what_to_install(tmp_path, monkeypatch):
    monkeypatch.setattr(tables.importlib.util, "find_spec", lambda name: None)
    with pytest.raises(SeedwiseError, match=r"pip install 'seedwise\[parquet\]'"):
        write_table(FRAME, tmp_path / "x", "parquet")
    assert list(tmp_path.iterdir()) == []


def test_a_place_that_cannot_be_written_is_named(tmp_path):
    (tmp_path / "file").touch()
    with pytest.raises(SeedwiseError, match="cannot be written"):
        write_table(FRAME, tmp_path / "file" / "x.csv", "csv")
