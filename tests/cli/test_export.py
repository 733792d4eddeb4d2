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


EXPORTED = """\
study: sweep
task:
  domain: language
  dataset: {name: tofu, path: tofu}
  model: llama
forget: {authors: 0.1}
methods: [original, retrain, npo]
metrics: [probability]
seeds: {training: 2, unlearning: 2}
"""


def test_export_a_study_as_commands(cli, tmp_path):
    study, out = tmp_path / "study.yaml", tmp_path / "sweep.sh"
    study.write_text(EXPORTED)
    told = ("--model", "Llama-3.2-1B-Instruct", "--split", "forget10", "--processes", "1")
    said = cli("export", "open-unlearning", study, "--out", out, *told)
    assert said.code == 0, said.err
    assert f"wrote 16 commands to {out}" in said.out
    assert out.read_text().count("\npython src/train.py") == 8


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (("open-unlearning",), "name the study file"),
        (("open-unlearning", "{study}"), "--model"),
        (("open-unlearning", "{study}", "--format", "csv"), "--format: only for tables"),
        (("table", "{study}"), "STUDY: only for 'export open-unlearning'"),
        (("--model", "x"), "--model: only for 'export open-unlearning'"),
        (("open-unlearning", "none.yaml"), "none.yaml: cannot be read"),
    ],
)
def test_mistakes_in_exports(cli, tmp_path, arguments, message):
    (tmp_path / "study.yaml").write_text(EXPORTED)
    given = [text.format(study=tmp_path / "study.yaml") for text in arguments]
    said = cli("export", *given, "--out", tmp_path / "x")
    assert said.code == 1
    assert message in said.err
