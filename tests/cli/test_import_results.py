"""`seedwise import`."""

import json

import pandas as pd
import pytest
from tests.interop.open_unlearning.saves import HUB, nested


@pytest.fixture
def tree(tmp_path):
    return nested(tmp_path / "saves").root


def test_a_table_that_analyze_reads(cli, tree, tmp_path):
    out = tmp_path / "table.csv"
    said = cli("import", "open-unlearning", tree, "--out", out, "--map", "full_t0=4")
    assert said.code == 0
    table = pd.read_csv(out)
    assert f"wrote {len(table)} rows" in said.out
    assert set(table.loc[table["method"] == "NPO", "training_seed"]) == {4, 11, 12}
    summary = json.loads(cli("analyze", out, "--format", "json").out)
    row = next(r for r in summary if (r["method"], r["metric"]) == ("NPO", "model_utility"))
    assert row["mean"] == pytest.approx(0.5105)
    assert "direction_unknown" not in row["flags"]


def test_without_a_table_a_summary(cli, tree):
    said = cli("import", "open-unlearning", tree)
    assert said.code == 0
    assert "model_utility" in said.out
    assert "GradDiff" in said.out


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("open-unlearning", "{tree}", "--out", "x.txt"), "Allowed: .csv, .jsonl, .parquet"),
        (("open-unlearning", "{tree}x"), "there is no folder"),
        (("open-unlearning", "{tree}", "--map", "full=1"), "no model here starts from"),
        (("open-unlearning", "{tree}", "--map", HUB), "write it as PATH=SEED"),
        (("open-unlearning", "{tree}", "--leave-out", "*"), "that is not left out"),
    ],
)
def test_mistakes(cli, tree, arguments, message):
    said = cli("import", *(text.format(tree=tree) for text in arguments))
    assert said.code == 1
    assert message in said.err
