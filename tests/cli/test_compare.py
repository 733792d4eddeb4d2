"""`seedwise compare`."""

import json

import pytest

WIDE = ("--wide", "forget_acc,retain_acc", "--reference", "Retrain")


@pytest.mark.parametrize("style", ["table", "csv", "json", "latex"])
def test_compare_in_every_format(cli, foreign, style):
    said = cli("compare", foreign, *WIDE, "--against", "Retrain", "--format", style)
    assert said.code == 0
    assert "independent" in said.out
    assert "FT" in said.out


def test_compare_paired_unpaired_and_by_metric(cli, foreign):
    ask = ("compare", foreign, *WIDE, "--metric", "forget_acc", "--format", "json")
    paired, unpaired = (json.loads(cli(*ask, *more).out) for more in ((), ("--unpaired",)))
    assert [row["pairing"] for row in (*paired, *unpaired)] == ["label", "independent"]
    assert paired[0]["diff"] == pytest.approx(unpaired[0]["diff"])
    assert cli("compare", foreign, *WIDE, "--metric", "forget").code == 1
    unknown = cli("compare", foreign, *WIDE, "--against", "FTT")
    assert "no method 'FTT' in the results; did you mean 'FT'" in unknown.err


def test_compare_a_store(cli, ran):
    said = cli("compare", "--store", ran.root, "--against", "retrain")
    assert said.code == 0
    assert "finetune" in said.out
