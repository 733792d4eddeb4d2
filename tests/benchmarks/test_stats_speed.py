"""The speed benchmark as a command on small designs; how fast it is, no test says."""

from __future__ import annotations

import importlib.util
import sys
from pathlib import Path

import numpy as np
import pytest

ROOT = Path(__file__).parents[2]


@pytest.fixture
def benchmark(monkeypatch):
    pytest.importorskip("statsmodels")
    spec = importlib.util.spec_from_file_location("s", ROOT / "benchmarks" / "stats_speed.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, "s", module)
    spec.loader.exec_module(module)
    for name, size in (("GROUPS", 4), ("TRAINING", 6), ("UNLEARNING", 3)):
        monkeypatch.setattr(module, name, size)
    return module


def test_the_figures_stand_between_the_marks(benchmark, tmp_path, monkeypatch, capsys):
    page = tmp_path / "page.md"
    page.write_text("before\n<!-- speed: begin -->\nold\n<!-- speed: end -->\nafter\n")
    monkeypatch.setattr(sys, "argv", ["stats_speed.py", "--sample", "2", "--write", str(page)])
    benchmark.main()
    text = page.read_text()
    assert text.startswith("before\n")
    assert text.endswith("after\n")
    assert "old" not in text
    assert "| balanced: components |" in text
    assert text.count("all default intervals |") == 2
    assert "| summary of 60,000 rows |" in capsys.readouterr().out


def test_shuffled_rows_and_the_array_give_the_same(benchmark):
    values = benchmark.with_gaps(benchmark.designs())
    one, other = benchmark.intervals(values), benchmark.from_rows(values)()
    for name in ("mean", "ci_high", "var_train", "var_unlearn_low", "icc_high"):
        np.testing.assert_allclose(one[name], other[name], rtol=1e-7, err_msg=name)
