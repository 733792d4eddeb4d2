"""`seedwise table`."""

import pytest


@pytest.mark.parametrize("style", ["latex", "markdown", "csv"])
def test_table_in_every_format(cli, ran, style):
    said = cli("table", "--store", ran.root, "--format", style)
    assert said.code == 0
    assert "toy-noise" in said.out
