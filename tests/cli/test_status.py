"""`seedwise status`."""

import json


def test_status_counts_and_says_why_cells_are_made_again(cli, ran):
    said = cli("status", "--store", ran.root)
    assert "toy-noise                6/6" in said.out
    ran.edit("toy-noise,", "{name: toy-noise, scale: 0.3},")
    ran.lock()
    changed = json.loads(cli("status", "--store", ran.root, "--json").out)
    assert changed["toy"]["cells"]["toy-noise"] == {"missing": 6}
    assert changed["toy"]["changes"] == {"toy-noise: component.arguments.scale changed": 6}


def test_a_store_without_that_study(cli, ran):
    said = cli("status", "--store", ran.root, "--study", "toi")
    assert said.code == 1
    assert "no study 'toi' here; did you mean 'toy'" in said.err
