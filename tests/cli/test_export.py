"""`seedwise export`."""

import pandas as pd
import pytest


def test_export_in_every_format_is_the_same_table(cli, ran, tmp_path):
    read = {"csv": pd.read_csv, "parquet": pd.read_parquet, "jsonl": _read_lines}
    tables = {}
    for style, reader in read.items():
        out = tmp_path / f"table.{style}"
        said = cli("export", "--store", ran.root, "--format", style, "--out", out)
        assert said.code == 0
        tables[style] = reader(out)
    assert len(tables["csv"]) > 100
    for table in tables.values():
        assert list(table["value"]) == pytest.approx(list(tables["csv"]["value"]), nan_ok=True)
        assert list(table["method"]) == list(tables["csv"]["method"])


def _read_lines(path):
    return pd.read_json(path, lines=True)
